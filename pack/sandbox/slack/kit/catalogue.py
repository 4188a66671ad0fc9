"""Every block that there is, and on which surfaces: messages, modals and home tabs.

Fields and limits: docs.slack.dev/reference/block-kit/blocks. That home tabs refuse containers and charts
is known from real answers to views.publish.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pack.sandbox.slack.kit import elements as element
from pack.sandbox.slack.kit.composition import (
    RAW_NUMBER,
    RAW_TEXT,
    SLACK_FILE,
    SLACK_ICON,
    TYPE,
    image_source,
    plain_text,
    text_object,
)
from pack.sandbox.slack.kit.rich_shapes import RICH_TEXT
from pack.sandbox.slack.kit.shapes import (
    AnyOf,
    Anything,
    Check,
    Choice,
    Fault,
    Flag,
    Json,
    Kinds,
    Many,
    Number,
    Record,
    Shape,
    Url,
    Words,
    needs_exactly_one_of,
    needs_one_of,
)

MOST_MARKDOWN = 12_000
"""Characters of all markdown blocks of a message together."""

_BLOCK_ID = {"block_id": Words(255)}


def _block(
    required: Mapping[str, Shape], optional: Mapping[str, Shape] | None = None, *checks: Check
) -> Record:
    return Record({"type": TYPE, **required}, {**_BLOCK_ID, **(optional or {})}, checks)


def _text_or_fields(value: Mapping[str, Json], pointer: str) -> Iterator[Fault]:
    """The pointer ends in ``type`` in the answers that were seen."""
    if "text" not in value and "fields" not in value:
        yield Fault("must define either `text` or `fields`", f"{pointer}/type")


_CELL = AnyOf(Kinds({"raw_text": RAW_TEXT, "raw_number": RAW_NUMBER, "rich_text": RICH_TEXT}))
_CONTEXT = AnyOf(Kinds({**text_object(2_000).kinds.kinds, **element.IMAGE.kinds}))
_POINT = Record({"label": Words(20, 1), "value": Number(whole=False)})
_SERIES = Record({"name": Words(20, 1), "data": Many(_POINT, 1, 20)})
_AXES = Record({"categories": Many(Words(20, 1), 1, 20)}, {"x_label": Words(50), "y_label": Words(50)})
_PLOT = Record({"type": TYPE, "series": Many(_SERIES, 1, 12), "axis_config": _AXES})
_CHART = Kinds(
    {
        "pie": Record({"type": TYPE, "segments": Many(_POINT, 1, 12)}),
        "bar": _PLOT,
        "line": _PLOT,
        "area": _PLOT,
    }
)
_TASK_CARD = _block(
    {"task_id": Words(least=1), "title": Words(least=1)},
    {
        "details": Kinds({"rich_text": RICH_TEXT}),
        "output": Kinds({"rich_text": RICH_TEXT}),
        "sources": Many(element.SOURCE),
        "status": Choice(("pending", "in_progress", "complete", "error")),
        "icon": Anything(),
        "hide_title": Flag(),
    },
)
_CARD = _block(
    {},
    {
        "hero_image": element.IMAGE,
        "icon": element.IMAGE,
        "slack_icon": SLACK_ICON,
        "title": text_object(150),
        "subtitle": text_object(150),
        "body": text_object(200),
        "subtext": text_object(200),
        "actions": Many(element.CARD_BUTTON, most=3),
    },
    needs_one_of("hero_image", "title", "actions", "body"),
)

_EVERYWHERE: Mapping[str, Record] = {
    "actions": _block({"elements": Many(element.ACTION, 1, 25)}),
    "card": _CARD,
    "carousel": _block({"elements": Many(Kinds({"card": _CARD}), 1, 10)}),
    "context": _block({"elements": Many(_CONTEXT, 1, 10)}),
    "divider": _block({}),
    "header": _block({"text": plain_text(150)}, {"level": Number(1, 4)}),
    "image": _block(
        {"alt_text": Words(2_000, 1)},
        {"image_url": Url(), "slack_file": SLACK_FILE, "title": plain_text(2_000)},
        image_source,
    ),
    "input": _block(
        {"label": plain_text(2_000), "element": element.INPUT},
        {"hint": plain_text(2_000), "dispatch_action": Flag(), "optional": Flag()},
    ),
    "rich_text": RICH_TEXT,
    "section": _block(
        {},
        {
            "text": text_object(3_000),
            "fields": Many(text_object(2_000), 1, 10),
            "accessory": element.ACCESSORY,
            "expand": Flag(),
        },
        _text_or_fields,
    ),
    "video": _block(
        {
            "alt_text": Words(2_000, 1),
            "title": plain_text(199),
            "thumbnail_url": Url(),
            "video_url": Url(),
        },
        {
            "author_name": Words(49),
            "description": plain_text(200),
            "provider_icon_url": Url(),
            "provider_name": Words(),
            "title_url": Url(),
        },
    ),
}

_TABLE = _block(
    {"rows": Many(Many(_CELL, 1, 20), 1, 100)},
    {
        "column_settings": Many(
            Record(optional={"align": Choice(("left", "center", "right")), "is_wrapped": Flag()}), most=20
        )
    },
)
_IN_MESSAGES: Mapping[str, Record] = {
    "call": _block({"call_id": Words(least=1)}, {"api_decoration_available": Flag(), "call": Anything()}),
    "context_actions": _block({"elements": Many(element.CONTEXT_ACTION, 1, 5)}),
    "data_table": _block(
        {"rows": Many(Many(_CELL, 1, 20), 2, 201), "caption": Words(least=1)},
        {"page_size": Number(1, 100), "row_header_column_index": Number(0)},
    ),
    "data_visualization": _block({"title": Words(50, 1), "chart": _CHART}),
    "file": _block({"external_id": Words(least=1), "source": Choice(("remote",))}),
    "markdown": _block({"text": Words(MOST_MARKDOWN, 1)}),
    "plan": _block({"title": Words(least=1)}, {"tasks": Many(Kinds({"task_card": _TASK_CARD}), most=50)}),
    "table": _TABLE,
    "task_card": _TASK_CARD,
}
_HELD = (
    "actions",
    "context",
    "divider",
    "header",
    "image",
    "input",
    "rich_text",
    "section",
    "video",
)
_CONTAINER = _block(
    {"child_blocks": Many(Kinds({**{name: _EVERYWHERE[name] for name in _HELD}, "table": _TABLE}), 1, 10)},
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
    needs_exactly_one_of("title", "rich_text_title"),
)
_ALERT = _block(
    {"text": text_object(200)}, {"level": Choice(("default", "info", "warning", "error", "success"))}
)

MESSAGE_BLOCK = Kinds({**_EVERYWHERE, **_IN_MESSAGES, "container": _CONTAINER})
MODAL_BLOCK = Kinds({**_EVERYWHERE, "alert": _ALERT, "container": _CONTAINER})
HOME_BLOCK = Kinds(_EVERYWHERE)

MESSAGE_BLOCKS = Many(MESSAGE_BLOCK, 0, 50)
MODAL_BLOCKS = Many(MODAL_BLOCK, 0, 100)
HOME_BLOCKS = Many(HOME_BLOCK, 0, 100)
