"""Blocks that hold other blocks: containers, layouts, and what old clients show instead.

Fields and limits: docs.slack.dev/reference/block-kit/blocks/container-block, …/layout-block. Containers and
layouts hold one another two levels deep.
"""

from __future__ import annotations

from collections.abc import Mapping

from pack.sandbox.slack.kit import elements as element
from pack.sandbox.slack.kit.composition import block, plain_text, text_object
from pack.sandbox.slack.kit.rich_shapes import RICH_TEXT
from pack.sandbox.slack.kit.shapes import (
    Choice,
    Flag,
    Kinds,
    Many,
    Record,
    Url,
    Words,
    needs_one_of,
)

_HELD = (
    "actions",
    "context",
    "divider",
    "file",
    "header",
    "image",
    "input",
    "rich_text",
    "section",
    "table",
    "video",
)
"""What may stand in a container, beside layouts."""


def nesting(flat: Mapping[str, Record], *, containers: bool) -> dict[str, Record]:
    """Return the blocks that hold a surface's flat ones; ``containers``: whether it takes containers."""
    inner_layout = _layout(flat, flat)
    held = {name: shape for name, shape in flat.items() if name in _HELD}
    inner = {"layout": inner_layout, **({"container": _container(held)} if containers else {})}
    outer = {"layout": _layout({**flat, **inner}, flat), "auth_provider": _auth_provider(flat)}
    return {**outer, "container": _container({**held, "layout": inner_layout})} if containers else outer


def _container(held: Mapping[str, Record]) -> Record:
    return block(
        {"child_blocks": Many(Kinds(held), 1, 10)},
        {
            "title": plain_text(150),
            "rich_text_title": RICH_TEXT,
            "subtitle": text_object(150),
            "width": Choice(("narrow", "standard", "wide", "full")),
            "icon": element.IMAGE,
            "is_collapsible": Flag(),
            "default_collapsed": Flag(),
            "has_header_divider": Flag(),
        },
        needs_one_of("title", "rich_text_title"),
    )


def _layout(held: Mapping[str, Record], flat: Mapping[str, Record]) -> Record:
    item = Record(
        {"block": Kinds({name: shape for name, shape in held.items() if name != "markdown"})},
        {
            "width": Choice(("narrow", "standard", "wide")),
            "horizontal_alignment": Choice(("start", "center", "end")),
        },
    )
    return block(
        {"label": Words(150, 1), "rows": Many(Record({"items": Many(item, 1, 3)}), 1, 5)},
        {
            "is_label_visible": Flag(),
            "grid_lines": Choice(("none", "rows", "outer")),
            "fallback": Many(Kinds(flat)),
        },
    )


def _auth_provider(flat: Mapping[str, Record]) -> Record:
    """Return the shape whose fields are those of ``AuthProviderBlock`` in Slack's SDK for Node."""
    text = plain_text(3_000)
    return block(
        {"value": Words(least=1), "name": text, "is_connected": Flag()},
        {
            "description": text,
            "icon_url": Url(),
            "auth_url": Url(),
            "disconnect_url": Url(),
            "connected_identity": text,
            "connected_context": text,
            "accessory": element.OVERFLOW,
            "fallback": Many(Kinds(flat)),
        },
    )
