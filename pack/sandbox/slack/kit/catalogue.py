"""Every block that there is, and on which surfaces: messages, modals and home tabs.

Fields, limits and surfaces: docs.slack.dev/reference/block-kit/blocks and docs.slack.dev/blocks.json. That
home tabs refuse containers and charts is known from real answers to views.publish; that files are put into
modals alone says the page of the file input.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pack.sandbox.slack.kit import elements as element
from pack.sandbox.slack.kit.composition import (
    SLACK_FILE,
    SLACK_ICON,
    block,
    image_source,
    plain_text,
    text_object,
)
from pack.sandbox.slack.kit.nesting import nesting
from pack.sandbox.slack.kit.rich_shapes import RICH_TEXT
from pack.sandbox.slack.kit.shapes import (
    AnyOf,
    Anything,
    Choice,
    Fault,
    Flag,
    Json,
    Kinds,
    Many,
    Number,
    Record,
    Url,
    Words,
    needs_one_of,
)
from pack.sandbox.slack.kit.tables import CHART, DATA_TABLE, TABLE

MOST_MARKDOWN = 12_000
"""Characters of all markdown blocks of a message together."""


def _text_or_fields(value: Mapping[str, Json], pointer: str) -> Iterator[Fault]:
    """The pointer ends in ``type`` in the answers that were seen."""
    if "text" not in value and "fields" not in value:
        yield Fault("must define either `text` or `fields`", f"{pointer}/type")


_CONTEXT = AnyOf(Kinds({**text_object(2_000).kinds.kinds, **element.IMAGE.kinds}))
_TASK_CARD = block(
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
_TASK = Kinds({"task_card": _TASK_CARD}, usual="task_card")
_CARD = block(
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
    "actions": block({"elements": Many(element.ACTION, 1, 25)}),
    "card": _CARD,
    "context": block({"elements": Many(_CONTEXT, 1, 10)}),
    "divider": block({}),
    "header": block({"text": plain_text(150)}, {"level": Number(1, 4)}),
    "image": block(
        {"alt_text": Words(2_000, 1)},
        {"image_url": Url(), "slack_file": SLACK_FILE, "title": plain_text(2_000)},
        image_source,
    ),
    "rich_text": RICH_TEXT,
    "section": block(
        {},
        {
            "text": text_object(3_000),
            "fields": Many(text_object(2_000), 1, 10),
            "accessory": element.ACCESSORY,
            "expand": Flag(),
        },
        _text_or_fields,
    ),
    "video": block(
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

_OUTSIDE_MODALS: Mapping[str, Record] = {
    "carousel": block({"elements": Many(Kinds({"card": _CARD}), 1, 10)}),
    "data_table": DATA_TABLE,
    "table": TABLE,
}
_IN_MESSAGES: Mapping[str, Record] = {
    **_OUTSIDE_MODALS,
    "call": block({"call_id": Words(least=1)}, {"api_decoration_available": Flag(), "call": Anything()}),
    "context_actions": block({"elements": Many(element.CONTEXT_ACTION, 1, 5)}),
    "data_visualization": CHART,
    "file": block({"external_id": Words(least=1), "source": Choice(("remote",))}),
    "markdown": block({"text": Words(MOST_MARKDOWN, 1)}),
    "plan": block({"title": Words(least=1)}, {"tasks": Many(_TASK, most=50)}),
    "task_card": _TASK_CARD,
}
_ALERT = block(
    {"text": text_object(200)}, {"level": Choice(("default", "info", "warning", "error", "success"))}
)


def _input(elements: Kinds) -> Record:
    return block(
        {"label": plain_text(2_000), "element": elements},
        {"hint": plain_text(2_000), "dispatch_action": Flag(), "optional": Flag()},
    )


def _surface(own: Mapping[str, Record], inputs: Kinds, *, containers: bool = False) -> Kinds:
    """Return the blocks of a surface: those of everywhere, its own, and those that hold them."""
    flat = {**_EVERYWHERE, "input": _input(inputs), **own}
    return Kinds({**flat, **nesting(flat, containers=containers)})


MESSAGE_BLOCK = _surface(_IN_MESSAGES, element.INPUT, containers=True)
MODAL_BLOCK = _surface({"alert": _ALERT}, element.MODAL_INPUT)
HOME_BLOCK = _surface(_OUTSIDE_MODALS, element.INPUT)

MESSAGE_BLOCKS = Many(MESSAGE_BLOCK, 0, 50)
MODAL_BLOCKS = Many(MODAL_BLOCK, 0, 100)
HOME_BLOCKS = Many(HOME_BLOCK, 0, 100)
