"""Block elements: their fields and limits, and which of them stand where.

Fields and limits: docs.slack.dev/reference/block-kit/block-elements.
"""

from __future__ import annotations

from collections.abc import Mapping

from pack.sandbox.slack.kit.composition import (
    CONFIRM,
    CONVERSATION_FILTER,
    DISPATCH_ACTION_CONFIG,
    OPTION,
    OPTION_GROUP,
    OVERFLOW_OPTION,
    RICH_OPTION,
    SLACK_FILE,
    STYLE,
    TYPE,
    WORKFLOW,
    image_source,
    plain_text,
)
from pack.sandbox.slack.kit.rich_shapes import RICH_TEXT
from pack.sandbox.slack.kit.shapes import (
    Choice,
    Day,
    Flag,
    Kinds,
    Many,
    Number,
    Pattern,
    Record,
    Shape,
    Url,
    Words,
    needs_exactly_one_of,
)

_ACTION_ID: Mapping[str, Shape] = {"action_id": Words(255)}
_PLACEHOLDER: Mapping[str, Shape] = {"placeholder": plain_text(150)}
_FOCUS: Mapping[str, Shape] = {"focus_on_load": Flag()}
_ASKING: Mapping[str, Shape] = {**_ACTION_ID, **_FOCUS, "confirm": CONFIRM}
_SELECTING: Mapping[str, Shape] = {**_ASKING, **_PLACEHOLDER}
_SEVERAL: Mapping[str, Shape] = {"max_selected_items": Number(1)}
_WRITING: Mapping[str, Shape] = {
    **_ACTION_ID,
    **_FOCUS,
    **_PLACEHOLDER,
    "dispatch_action_config": DISPATCH_ACTION_CONFIG,
}
_STATIC: Mapping[str, Shape] = {
    "options": Many(OPTION, 1, 100),
    "option_groups": Many(OPTION_GROUP, 1, 100),
}
_EITHER_OPTIONS = (needs_exactly_one_of("options", "option_groups"),)
_CONVERSATIONS: Mapping[str, Shape] = {
    "filter": CONVERSATION_FILTER,
    "default_to_current_conversation": Flag(),
}
_ANSWERING: Mapping[str, Shape] = {"response_url_enabled": Flag()}
_QUERYING: Mapping[str, Shape] = {"min_query_length": Number(0)}
_IDS = Many(Words())


def _element(required: Mapping[str, Shape], optional: Mapping[str, Shape]) -> Record:
    return Record({"type": TYPE, **required}, optional)


_FEEDBACK = Record({"text": plain_text(75), "value": Words(2_000)}, {"accessibility_label": Words(75, 1)})

ELEMENTS: Mapping[str, Record] = {
    "button": _element(
        {"text": plain_text(75)},
        {
            **_ACTION_ID,
            "url": Url(),
            "value": Words(2_000),
            "style": STYLE,
            "confirm": CONFIRM,
            "accessibility_label": Words(75),
            "agent_prompt": Words(4_000),
            "agent_prompt_display": Words(),
            "visible_to_user_ids": _IDS,
        },
    ),
    "checkboxes": _element(
        {"options": Many(RICH_OPTION, 1, 10)},
        {**_ASKING, "initial_options": Many(RICH_OPTION, 1, 10), "visible_to_user_ids": _IDS},
    ),
    "radio_buttons": _element(
        {"options": Many(RICH_OPTION, 1, 10)}, {**_ASKING, "initial_option": RICH_OPTION}
    ),
    "overflow": _element({"options": Many(OVERFLOW_OPTION, 1, 5)}, {**_ACTION_ID, "confirm": CONFIRM}),
    "datepicker": _element({}, {**_SELECTING, "initial_date": Day()}),
    "timepicker": _element(
        {}, {**_SELECTING, "initial_time": Pattern("^([01][0-9]|2[0-3]):[0-5][0-9]$"), "timezone": Words()}
    ),
    "datetimepicker": _element({}, {**_ASKING, "initial_date_time": Number(1_000_000_000, 9_999_999_999)}),
    "email_text_input": _element({}, {**_WRITING, "initial_value": Words()}),
    "url_text_input": _element({}, {**_WRITING, "initial_value": Words()}),
    "number_input": _element(
        {"is_decimal_allowed": Flag()},
        {**_WRITING, "initial_value": Words(), "min_value": Words(), "max_value": Words()},
    ),
    "plain_text_input": _element(
        {},
        {
            **_WRITING,
            "initial_value": Words(3_000),
            "multiline": Flag(),
            "min_length": Number(0, 3_000),
            "max_length": Number(1, 3_000),
        },
    ),
    "rich_text_input": _element(
        {},
        {**_WRITING, "initial_value": RICH_TEXT, "min_lines": Number(1, 100), "max_lines": Number(1, 100)},
    ),
    "file_input": _element({}, {**_ACTION_ID, "filetypes": Many(Words(), 1), "max_files": Number(1, 10)}),
    "static_select": Record(
        {"type": TYPE}, {**_SELECTING, **_STATIC, "initial_option": OPTION}, _EITHER_OPTIONS
    ),
    "multi_static_select": Record(
        {"type": TYPE},
        {**_SELECTING, **_SEVERAL, **_STATIC, "initial_options": Many(OPTION, 1, 100)},
        _EITHER_OPTIONS,
    ),
    "external_select": _element({}, {**_SELECTING, **_QUERYING, "initial_option": OPTION}),
    "multi_external_select": _element(
        {}, {**_SELECTING, **_QUERYING, **_SEVERAL, "initial_options": Many(OPTION, 1, 100)}
    ),
    "users_select": _element({}, {**_SELECTING, "initial_user": Words()}),
    "multi_users_select": _element({}, {**_SELECTING, **_SEVERAL, "initial_users": _IDS}),
    "conversations_select": _element(
        {}, {**_SELECTING, **_CONVERSATIONS, **_ANSWERING, "initial_conversation": Words()}
    ),
    "multi_conversations_select": _element(
        {}, {**_SELECTING, **_CONVERSATIONS, **_SEVERAL, "initial_conversations": _IDS}
    ),
    "channels_select": _element({}, {**_SELECTING, **_ANSWERING, "initial_channel": Words()}),
    "multi_channels_select": _element({}, {**_SELECTING, **_SEVERAL, "initial_channels": _IDS}),
    "workflow_button": _element(
        {"text": plain_text(75), "workflow": WORKFLOW},
        {**_ACTION_ID, "style": STYLE, "accessibility_label": Words(75), "confirm": CONFIRM},
    ),
    "feedback_buttons": _element({"positive_button": _FEEDBACK, "negative_button": _FEEDBACK}, _ACTION_ID),
    "icon_button": _element(
        {"icon": Choice(("trash",)), "text": plain_text(75)},
        {
            **_ACTION_ID,
            "value": Words(2_000),
            "confirm": CONFIRM,
            "accessibility_label": Words(75),
            "visible_to_user_ids": Many(Words(), most=10),
        },
    ),
    "image": Record(
        {"type": TYPE, "alt_text": Words(2_000, 1)},
        {"image_url": Url(), "slack_file": SLACK_FILE},
        (image_source,),
    ),
    "url": _element({"url": Url(), "text": Words()}, {}),
}
"""Every element by its type."""

_SINGLE_SELECTS = (
    "static_select",
    "external_select",
    "users_select",
    "conversations_select",
    "channels_select",
)
_SELECTS = (*_SINGLE_SELECTS, *(f"multi_{name}" for name in _SINGLE_SELECTS))
_CHOOSING = ("checkboxes", "radio_buttons", "datepicker", "timepicker", *_SELECTS)


def elements(*names: str) -> Kinds:
    """Return the shape of an element of one of some types."""
    return Kinds({name: ELEMENTS[name] for name in names})


ACCESSORY = elements("button", "workflow_button", "overflow", "image", *_CHOOSING)
"""What may stand beside the text of a section."""

ACTION = elements("button", "workflow_button", "overflow", "datetimepicker", "rich_text_input", *_CHOOSING)
"""What may stand in an actions block."""

_ENTERING = (
    "plain_text_input",
    "email_text_input",
    "url_text_input",
    "number_input",
    "rich_text_input",
    "datetimepicker",
)
INPUT = elements(*_ENTERING, *_CHOOSING)
"""What may stand in an input block anywhere."""

MODAL_INPUT = elements(*_ENTERING, *_CHOOSING, "file_input")
"""What may stand in an input block of a modal."""

CONTEXT_ACTION = elements("feedback_buttons", "icon_button")
IMAGE = elements("image")
BUTTON = elements("button")
OVERFLOW = elements("overflow")
CARD_BUTTON = elements("button", "workflow_button")
SOURCE = elements("url")
