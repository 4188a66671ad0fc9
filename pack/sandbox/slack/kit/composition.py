"""Composition objects: text, options, confirmations and what else blocks and elements are made of.

Fields and limits: docs.slack.dev/reference/block-kit/composition-objects.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pack.sandbox.slack.kit.shapes import (
    AnyOf,
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

TYPE = Words()
STYLE = Choice(("primary", "danger"))


def block(
    required: Mapping[str, Shape], optional: Mapping[str, Shape] | None = None, *checks: Check
) -> Record:
    """Return the shape of a block with fields beside its type and its id."""
    return Record({"type": TYPE, **required}, {"block_id": Words(255), **(optional or {})}, checks)


def _plain_record(most: int, least: int) -> Record:
    return Record({"type": TYPE, "text": Words(most, least)}, {"emoji": Flag()})


def plain_text(most: int, *, least: int = 1) -> Shape:
    """Return the shape of a ``plain_text`` object of a length."""
    return Kinds({"plain_text": _plain_record(most, least)})


def text_object(most: int, *, least: int = 1) -> AnyOf:
    """Return the shape of a text object of either kind."""
    return AnyOf(
        Kinds(
            {
                "plain_text": _plain_record(most, least),
                "mrkdwn": Record({"type": TYPE, "text": Words(most, least)}, {"verbatim": Flag()}),
            }
        )
    )


CONFIRM = Record(
    {"text": text_object(300)},
    {"title": plain_text(100), "confirm": plain_text(30), "deny": plain_text(30), "style": STYLE},
)
"""Of a confirmation dialog only the text is required: title and buttons have defaults."""

OPTION = Record({"text": plain_text(75), "value": Words(150)}, {"description": plain_text(75)})
"""An option of a select menu: plain text only."""

RICH_OPTION = Record({"text": text_object(75), "value": Words(150)}, {"description": text_object(75)})
"""An option of checkboxes and radio buttons: mrkdwn too."""

OVERFLOW_OPTION = Record(
    {"text": plain_text(75), "value": Words(150)}, {"description": plain_text(75), "url": Url()}
)
"""An option of an overflow menu, the only one that may have a URL (slack-go/slack#587)."""

OPTION_GROUP = Record({"label": plain_text(75), "options": Many(OPTION, 1, 100)})

DISPATCH_ACTION_CONFIG = Record(
    optional={"trigger_actions_on": Many(Choice(("on_enter_pressed", "on_character_entered")), 1, 2)}
)

CONVERSATION_FILTER = Record(
    optional={
        "include": Many(Choice(("im", "mpim", "private", "public")), 1),
        "exclude_external_shared_channels": Flag(),
        "exclude_bot_users": Flag(),
    },
    checks=(needs_one_of("include", "exclude_external_shared_channels", "exclude_bot_users"),),
)

SLACK_FILE = Record(optional={"id": Words(), "url": Url()}, checks=(needs_exactly_one_of("id", "url"),))

TRIGGER = Record(
    {"url": Url()},
    {"customizable_input_parameters": Many(Record({"name": Words(), "value": Words()}))},
)
WORKFLOW = Record({"trigger": TRIGGER})

SLACK_ICON = Record({"type": Choice(("icon",)), "name": Words(least=1)})

RAW_TEXT = Record({"type": TYPE, "text": Words(least=1)})
RAW_NUMBER = Record({"type": TYPE, "value": Number(whole=False)}, {"text": Words(least=1)})


def image_source(value: Mapping[str, Json], pointer: str) -> Iterator[Fault]:
    """Check that an image has an address or a file of Slack's, one of the two."""
    if "image_url" not in value and "slack_file" not in value:
        yield Fault("missing required field: image_url", pointer)
    elif "image_url" in value and "slack_file" in value:
        yield Fault("must not define both `image_url` and `slack_file`", pointer)
