"""One block and one element of every type, as Slack takes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Json = Any


def plain(text: str) -> dict[str, Json]:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> dict[str, Json]:
    return {"type": "mrkdwn", "text": text}


def section(text: str) -> dict[str, Json]:
    return {"type": "section", "text": mrkdwn(text)}


def actions(*elements: Json) -> dict[str, Json]:
    return {"type": "actions", "elements": list(elements)}


def button() -> dict[str, Json]:
    return {"type": "button", "text": plain("Go")}


def option(value: str) -> dict[str, Json]:
    return {"text": plain(value.upper()), "value": value}


def input_block(element: Json, **others: Json) -> dict[str, Json]:
    return {"type": "input", "label": plain("Label"), "element": element, **others}


OPTIONS = {"options": [option("a"), option("b")]}
CONFIRM = {"text": plain("Sure?"), "confirm": plain("Yes"), "deny": plain("No"), "title": plain("Hm")}
RICH_TEXT = {
    "type": "rich_text",
    "elements": [
        {"type": "rich_text_section", "elements": [{"type": "text", "text": "a", "style": {"bold": True}}]},
        {
            "type": "rich_text_list",
            "style": "ordered",
            "elements": [{"type": "rich_text_section", "elements": [{"type": "user", "user_id": "U1"}]}],
        },
        {"type": "rich_text_quote", "elements": [{"type": "link", "url": "https://a.b", "text": "l"}]},
        {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "x"}], "border": 0},
        {
            "type": "rich_text_section",
            "elements": [
                {"type": "emoji", "name": "wave", "skin_tone": 2},
                {"type": "date", "timestamp": 1, "format": "{date}", "fallback": "then"},
                {"type": "broadcast", "range": "here"},
                {"type": "channel", "channel_id": "C1"},
                {"type": "usergroup", "usergroup_id": "S1"},
                {"type": "team", "team_id": "T1"},
                {"type": "color", "value": "#ff0000"},
            ],
        },
    ],
}
IMAGE = {"type": "image", "image_url": "https://a.b/c.png", "alt_text": "c"}

ACTIONS: Mapping[str, dict[str, Json]] = {
    "button": {**button(), "confirm": CONFIRM, "value": "v", "style": "danger", "url": "https://a.b"},
    "workflow_button": {
        "type": "workflow_button",
        "text": plain("Run"),
        "workflow": {"trigger": {"url": "https://slack.com/shortcuts/Ft1/x"}},
    },
    "overflow": {"type": "overflow", "options": [{**option("a"), "url": "https://a.b"}]},
    "checkboxes": {"type": "checkboxes", **OPTIONS, "initial_options": [option("b")]},
    "radio_buttons": {"type": "radio_buttons", "options": [{"text": mrkdwn("*a*"), "value": "a"}]},
    "datepicker": {"type": "datepicker", "initial_date": "2026-01-31", "placeholder": plain("When?")},
    "timepicker": {"type": "timepicker", "initial_time": "09:30", "timezone": "Europe/Berlin"},
    "datetimepicker": {"type": "datetimepicker", "initial_date_time": 1_767_225_600},
    "rich_text_input": {"type": "rich_text_input", "initial_value": RICH_TEXT},
    "static_select": {"type": "static_select", **OPTIONS, "initial_option": option("a")},
    "external_select": {"type": "external_select", "min_query_length": 0},
    "users_select": {"type": "users_select", "initial_user": "U1"},
    "conversations_select": {
        "type": "conversations_select",
        "filter": {"include": ["public"], "exclude_bot_users": True},
    },
    "channels_select": {"type": "channels_select", "initial_channel": "C1"},
    "multi_static_select": {
        "type": "multi_static_select",
        "option_groups": [{"label": plain("One"), "options": [option("a")]}],
        "max_selected_items": 1,
    },
    "multi_external_select": {"type": "multi_external_select", "initial_options": [option("x")]},
    "multi_users_select": {"type": "multi_users_select", "initial_users": ["U1"]},
    "multi_conversations_select": {
        "type": "multi_conversations_select",
        "default_to_current_conversation": True,
    },
    "multi_channels_select": {"type": "multi_channels_select", "initial_channels": ["C1"]},
}

INPUTS: Mapping[str, dict[str, Json]] = {
    **{kind: ACTIONS[kind] for kind in ACTIONS if kind not in ("button", "workflow_button", "overflow")},
    "plain_text_input": {"type": "plain_text_input", "multiline": True, "min_length": 2, "max_length": 5},
    "email_text_input": {"type": "email_text_input", "initial_value": "a@b.c"},
    "url_text_input": {
        "type": "url_text_input",
        "dispatch_action_config": {"trigger_actions_on": ["on_enter_pressed"]},
    },
    "number_input": {"type": "number_input", "is_decimal_allowed": False, "min_value": "1", "max_value": "9"},
    "file_input": {"type": "file_input", "filetypes": ["png"], "max_files": 2},
}

CARD = {
    "type": "card",
    "title": mrkdwn("T"),
    "body": mrkdwn("B"),
    "hero_image": IMAGE,
    "slack_icon": {"type": "icon", "name": "star"},
    "actions": [button()],
}
TASK = {
    "type": "task_card",
    "task_id": "t",
    "title": "T",
    "status": "pending",
    "details": RICH_TEXT,
    "sources": [{"type": "url", "url": "https://a.b", "text": "s"}],
}
CELL = {"type": "raw_text", "text": "x"}

BLOCKS: Mapping[str, dict[str, Json]] = {
    "actions": actions(button()),
    "auth_provider": {"type": "auth_provider", "value": "w", "name": plain("W"), "is_connected": False},
    "call": {"type": "call", "call_id": "R1"},
    "card": CARD,
    "carousel": {"type": "carousel", "elements": [CARD, CARD]},
    "container": {"type": "container", "title": plain("C"), "child_blocks": [section("x")], "width": "full"},
    "context": {"type": "context", "elements": [mrkdwn("x"), IMAGE]},
    "context_actions": {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "positive_button": {"text": plain("+"), "value": "good"},
                "negative_button": {"text": plain("-"), "value": "bad"},
            },
            {"type": "icon_button", "icon": "trash", "text": plain("Delete")},
        ],
    },
    "data_table": {"type": "data_table", "caption": "C", "rows": [[CELL], [CELL]]},
    "data_visualization": {
        "type": "data_visualization",
        "title": "T",
        "chart": {"type": "pie", "segments": [{"label": "a", "value": 1.5}]},
    },
    "divider": {"type": "divider"},
    "file": {"type": "file", "external_id": "x", "source": "remote"},
    "header": {"type": "header", "text": plain("H")},
    "image": {**IMAGE, "title": plain("I")},
    "input": input_block(INPUTS["plain_text_input"], hint=plain("h"), optional=True),
    "layout": {"type": "layout", "label": "L", "rows": [{"items": [{"block": {"type": "divider"}}]}]},
    "markdown": {"type": "markdown", "text": "**x**"},
    "plan": {"type": "plan", "title": "P", "tasks": [TASK]},
    "rich_text": RICH_TEXT,
    "section": {**section("x"), "fields": [plain("f")], "accessory": ACTIONS["static_select"]},
    "table": {
        "type": "table",
        "rows": [[CELL, {"type": "raw_number", "value": 1}], [CELL, RICH_TEXT]],
        "column_settings": [{"align": "right", "is_wrapped": True}],
    },
    "task_card": TASK,
    "video": {
        "type": "video",
        "alt_text": "v",
        "title": plain("V"),
        "thumbnail_url": "https://a.b/t.png",
        "video_url": "https://a.b/v",
    },
}
