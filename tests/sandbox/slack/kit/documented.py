"""Every block, element and object of Slack's Block Kit reference, each with all of its optional fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.sandbox.slack.kit.specimens import mrkdwn, plain

Json = Any

LINK = "https://flyte.example/builds/7"
PICTURE = "https://flyte.example/picture.png"
STYLE = {"bold": True, "italic": True, "strike": False, "underline": True, "unlink": True}
HIGHLIGHTED = {"highlight": True, "client_highlight": False, "code": True}

PLAIN = {**plain("Build & deploy"), "emoji": False}
MRKDWN = {**mrkdwn("*Build* <https://flyte.example|7>"), "verbatim": True}
CONFIRM = {
    "title": plain("Deploy?"),
    "text": MRKDWN,
    "confirm": plain("Deploy"),
    "deny": plain("Wait"),
    "style": "danger",
}
OPTION = {"text": plain("Green"), "value": "green", "description": plain("As grass")}
RICH_OPTION = {"text": mrkdwn("*Green*"), "value": "green", "description": mrkdwn("_grass_")}
GROUP = {"label": plain("Colours"), "options": [OPTION]}
FILTER = {
    "include": ["im", "mpim", "private", "public"],
    "exclude_external_shared_channels": True,
    "exclude_bot_users": True,
}
DISPATCH = {"trigger_actions_on": ["on_enter_pressed", "on_character_entered"]}
NAMED = {"action_id": "one"}
FOCUSED = {**NAMED, "focus_on_load": True}
ASKING = {**FOCUSED, "confirm": CONFIRM}
SELECTING = {**ASKING, "placeholder": plain("Which?")}
WRITING = {**FOCUSED, "placeholder": plain("Say"), "dispatch_action_config": DISPATCH}

CITED: Mapping[str, dict[str, Json]] = {
    "file": {"file_id": "F0REPORT1", "descriptor": "Page 3"},
    "external": {"app_name": "Wiki", "app_icon_url": PICTURE},
    "web": {"display_name": "flyte.example", "title": "Builds", "snippet": "All builds"},
    "message": {"channel": "C0BUILDS1", "message_ts": "1767225600.000100"},
    "memory": {"memory_id": "M1"},
}
INLINE: Mapping[str, dict[str, Json]] = {
    "text": {"text": "Hello"},
    "link": {
        "url": LINK,
        "text": "Build 7",
        "unsafe": False,
        "from_llm": True,
        "is_slack_url": False,
        "truncated": False,
    },
    "broadcast": {"range": "everyone"},
    "channel": {"channel_id": "C0BUILDS1", "tab_id": "Ct1", "from_llm": False},
    "user": {"user_id": "U0ALICE01", "from_llm": False},
    "usergroup": {"usergroup_id": "S0OPS0001"},
    "team": {"team_id": "T0FLYTE01"},
    "color": {"value": "#F405B3"},
    "date": {
        "timestamp": 1767225600,
        "format": "{date_num} at {time}",
        "url": LINK,
        "fallback": "new year",
        "timezone": "Europe/Berlin",
    },
    "emoji": {"name": "wave", "unicode": "1f44b", "skin_tone": 3, "url": PICTURE},
    "attachment_mention": {
        "url": LINK,
        "text": "Plan",
        "app_id": "A0WIKI001",
        "entity_id": "plan-1",
        "icon_url": PICTURE,
        "channel_id": "C0BUILDS1",
        "ts": "1767225600.000100",
        "full_size_preview_enabled": True,
        "icon_name": "document",
        "reference_object_type": "record",
        "product_name": "Wiki",
    },
    "canvas": {
        "file_id": "F0CANVAS1",
        "label": "",
        "hide_title": True,
        "section_id": "temp:C:1",
        "text": "Runbook",
        "url": LINK,
        "is_skill_invocation": False,
    },
    "canvas_user_mention": {"user_id": "U0ALICE01", "thread_id": "t1"},
    "canvas_message_unfurl": {
        "root_message_ts": "1767225600.000100",
        "root_message_channel": "C0BUILDS1",
    },
    "citation": {
        "url": LINK,
        "text": "1",
        "index": 1.5,
        "details": {"citation_type": "memory", "memory_id": "M1"},
        "from_llm": True,
        "is_slack_url": True,
    },
    "file": {"file_id": "F0REPORT1", "text": "report.pdf", "url": LINK, "is_skill_invocation": True},
    "list_record": {
        "file_id": "F0LIST001",
        "record_id": "Rec1",
        "view_id": "View1",
        "text": "Row 1",
        "url": LINK,
    },
    "message_mention": {
        "channel_id": "C0BUILDS1",
        "message_ts": "1767225600.000100",
        "author_id": "U0ALICE01",
        "thread_ts": "1767225600.000050",
        "text": "Said there",
        "url": LINK,
    },
    "salesforce_data_field": {
        "salesforce_record_id": "001ABC456DEF789",
        "salesforce_field_label": "Amount",
        "salesforce_field_api_name": "Amount__c",
        "salesforce_include_field_label": True,
        "has_withheld_salesforce_field_names": False,
    },
    "tag": {"text": "In progress", "color": "indigo"},
    "work_object_mention": {
        "entity_id": "E1",
        "app_id": "A0WIKI001",
        "text": "Plan",
        "url": LINK,
        "icon_url": PICTURE,
        "full_size_preview_enabled": False,
        "product_name": "Wiki",
    },
    "workflow_mention": {
        "workflow_id": "Wf1",
        "function_trigger_id": "Ft1",
        "text": "Run",
        "url": LINK,
        "channel_id": "C0BUILDS1",
        "ts": "1767225600.000100",
    },
}
"""The fields of every rich text element beside its type and style."""

INLINES = [{"type": kind, **fields, "style": STYLE} for kind, fields in INLINE.items()]
SECTION = {"type": "rich_text_section", "elements": INLINES}
RICH_TEXT = {
    "type": "rich_text",
    "elements": [
        SECTION,
        {
            "type": "rich_text_list",
            "style": "ordered",
            "indent": 1,
            "offset": 2,
            "border": 1,
            "elements": [SECTION],
        },
        {"type": "rich_text_quote", "elements": INLINES, "border": 1},
        {
            "type": "rich_text_preformatted",
            "elements": [
                {"type": "text", "text": "make", "style": HIGHLIGHTED},
                {"type": "link", "url": LINK},
            ],
            "border": 0,
            "language": "bash",
        },
    ],
}

IMAGE = {"type": "image", "alt_text": "A picture", "image_url": PICTURE}
WORKFLOW = {
    "trigger": {
        "url": "https://slack.com/shortcuts/Ft1/x",
        "customizable_input_parameters": [{"name": "version", "value": "1.2"}],
    }
}
BUTTON = {
    "type": "button",
    "text": plain("Deploy"),
    **NAMED,
    "url": LINK,
    "value": "7",
    "style": "primary",
    "confirm": CONFIRM,
    "accessibility_label": "Deploy build 7",
}
CHOOSING: Mapping[str, dict[str, Json]] = {
    "checkboxes": {"options": [RICH_OPTION], "initial_options": [RICH_OPTION], **ASKING},
    "radio_buttons": {"options": [RICH_OPTION], "initial_option": RICH_OPTION, **ASKING},
    "datepicker": {"initial_date": "2026-12-24", **SELECTING},
    "timepicker": {"initial_time": "23:59", "timezone": "Europe/Berlin", **SELECTING},
    "static_select": {"option_groups": [GROUP], "initial_option": OPTION, **SELECTING},
    "external_select": {"initial_option": OPTION, "min_query_length": 3, **SELECTING},
    "users_select": {"initial_user": "U0ALICE01", **SELECTING},
    "conversations_select": {
        "initial_conversation": "C0BUILDS1",
        "default_to_current_conversation": True,
        "response_url_enabled": True,
        "filter": FILTER,
        **SELECTING,
    },
    "channels_select": {"initial_channel": "C0BUILDS1", "response_url_enabled": True, **SELECTING},
    "multi_static_select": {
        "options": [OPTION],
        "initial_options": [OPTION],
        "max_selected_items": 1,
        **SELECTING,
    },
    "multi_external_select": {
        "initial_options": [OPTION],
        "min_query_length": 0,
        "max_selected_items": 2,
        **SELECTING,
    },
    "multi_users_select": {"initial_users": ["U0ALICE01"], "max_selected_items": 2, **SELECTING},
    "multi_conversations_select": {
        "initial_conversations": ["C0BUILDS1"],
        "default_to_current_conversation": False,
        "filter": FILTER,
        "max_selected_items": 2,
        **SELECTING,
    },
    "multi_channels_select": {"initial_channels": ["C0BUILDS1"], "max_selected_items": 2, **SELECTING},
}
OVERFLOW = {"type": "overflow", "options": [{**OPTION, "url": LINK}], **NAMED, "confirm": CONFIRM}
WORKFLOW_BUTTON = {
    "type": "workflow_button",
    "text": plain("Run"),
    "workflow": WORKFLOW,
    **NAMED,
    "style": "danger",
    "accessibility_label": "Run it",
}
DATETIME = {"type": "datetimepicker", "initial_date_time": 1767225600, **ASKING}
RICH_INPUT = {"type": "rich_text_input", "initial_value": RICH_TEXT, **WRITING}
WRITTEN: Mapping[str, dict[str, Json]] = {
    "plain_text_input": {
        "initial_value": "Ready",
        "multiline": True,
        "min_length": 1,
        "max_length": 3000,
        **WRITING,
    },
    "email_text_input": {"initial_value": "a@flyte.example", **WRITING},
    "url_text_input": {"initial_value": LINK, **WRITING},
    "number_input": {
        "is_decimal_allowed": True,
        "initial_value": "1.5",
        "min_value": "0",
        "max_value": "9",
        **WRITING,
    },
}


def typed(elements: Mapping[str, dict[str, Json]]) -> list[dict[str, Json]]:
    return [{"type": kind, **fields} for kind, fields in elements.items()]


ACCESSORIES = [*typed(CHOOSING), BUTTON, WORKFLOW_BUTTON, OVERFLOW]
IN_ACTIONS = [*ACCESSORIES, DATETIME, RICH_INPUT]
IN_INPUTS = [*typed(CHOOSING), *typed(WRITTEN), DATETIME, RICH_INPUT]

FEEDBACK = {"text": plain("Good"), "value": "up", "accessibility_label": "Say that it is good"}
CARD = {
    "type": "card",
    "hero_image": IMAGE,
    "icon": IMAGE,
    "slack_icon": {"type": "icon", "name": "rocket"},
    "title": MRKDWN,
    "subtitle": MRKDWN,
    "body": MRKDWN,
    "subtext": MRKDWN,
    "actions": [BUTTON],
}
CELLS = [{"type": "raw_text", "text": "a"}, {"type": "raw_number", "value": 1.5, "text": "1.5"}, RICH_TEXT]
ACTION_CELL = {"type": "action_cell", "element": BUTTON, "fallback": {"type": "raw_text", "text": "Deploy"}}
SERIES = [{"name": "Builds", "data": [{"label": "May", "value": 7}]}]
AXES = {"categories": ["May"], "x_label": "Month", "y_label": "Builds"}
TASK = {
    "type": "task_card",
    "task_id": "t1",
    "title": "Build",
    "details": RICH_TEXT,
    "output": RICH_TEXT,
    "sources": [{"type": "url", "url": LINK, "text": "Log"}],
    "status": "in_progress",
    "hide_title": True,
}
FLAT: Mapping[str, dict[str, Json]] = {
    "context": {"elements": [IMAGE, PLAIN, MRKDWN]},
    "divider": {},
    "header": {"text": PLAIN, "level": 2},
    "image": {"alt_text": "A picture", "image_url": PICTURE, "title": PLAIN},
    "rich_text": {"elements": RICH_TEXT["elements"]},
    "section": {"text": MRKDWN, "fields": [PLAIN, MRKDWN], "accessory": IMAGE, "expand": True},
    "video": {
        "alt_text": "A film",
        "title": PLAIN,
        "thumbnail_url": PICTURE,
        "video_url": "https://flyte.example/film",
        "author_name": "Alice",
        "description": PLAIN,
        "provider_icon_url": PICTURE,
        "provider_name": "Films",
        "title_url": LINK,
    },
}
TABLE = {
    "type": "table",
    "rows": [CELLS, [None, *CELLS[1:]]],
    "column_settings": [{"align": "center", "is_wrapped": True}, None, {"align": "right"}],
}


def input_block(element: Json) -> dict[str, Json]:
    return {
        "type": "input",
        "label": PLAIN,
        "element": element,
        "hint": PLAIN,
        "dispatch_action": True,
        "optional": True,
    }


def layout(*blocks: Json) -> dict[str, Json]:
    item = {"width": "wide", "horizontal_alignment": "end"}
    return {
        "type": "layout",
        "label": "Summary",
        "rows": [{"items": [{"block": block, **item}]} for block in blocks],
        "is_label_visible": True,
        "grid_lines": "outer",
        "fallback": [{"type": "divider"}],
    }


def container(*blocks: Json) -> dict[str, Json]:
    return {
        "type": "container",
        "title": PLAIN,
        "rich_text_title": {"type": "rich_text", "elements": [SECTION]},
        "subtitle": MRKDWN,
        "child_blocks": list(blocks),
        "width": "narrow",
        "icon": IMAGE,
        "is_collapsible": True,
        "default_collapsed": True,
        "has_header_divider": False,
    }


EVERYWHERE = [
    *typed(FLAT),
    *({"type": "section", "text": MRKDWN, "accessory": element} for element in ACCESSORIES),
    *({"type": "actions", "elements": [element]} for element in IN_ACTIONS),
    *(input_block(element) for element in IN_INPUTS),
    CARD,
    layout(*typed(FLAT)[:5]),
    layout(layout({"type": "divider"}), {"type": "actions", "elements": [BUTTON]}),
    {
        "type": "auth_provider",
        "value": "wiki",
        "name": PLAIN,
        "is_connected": True,
        "description": PLAIN,
        "icon_url": PICTURE,
        "auth_url": LINK,
        "disconnect_url": LINK,
        "connected_identity": PLAIN,
        "connected_context": PLAIN,
        "accessory": OVERFLOW,
        "fallback": [{"type": "divider"}],
    },
]
"""What messages, modals and home tabs take."""

OUTSIDE_MODALS = [
    {"type": "carousel", "elements": [CARD]},
    {
        "type": "data_table",
        "caption": "Builds",
        "rows": [CELLS[:2], [ACTION_CELL, CELLS[2]], [ACTION_CELL, CELLS[2]]],
        "page_size": 20,
        "row_header_column_index": 1,
    },
    TABLE,
]
"""What messages and home tabs take."""

CONTAINERS = [
    container(*typed(FLAT), input_block(DATETIME), {"type": "actions", "elements": [BUTTON]}, TABLE),
    container(layout({"type": "divider"})),
    layout(container({"type": "divider"})),
]
"""What only messages take, with blocks of their own in them."""

IN_MESSAGES = [
    {"type": "call", "call_id": "R1", "api_decoration_available": True, "call": {"v1": {"id": "R1"}}},
    {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "positive_button": FEEDBACK,
                "negative_button": {**FEEDBACK, "value": "down"},
                **NAMED,
            },
            {
                "type": "icon_button",
                "icon": "trash",
                "text": plain("Delete"),
                "action_id": "two",
                "value": "7",
                "confirm": CONFIRM,
                "accessibility_label": "Delete it",
                "visible_to_user_ids": ["U0ALICE01"],
            },
        ],
    },
    *(
        {"type": "data_visualization", "title": "Builds", "chart": chart}
        for chart in (
            {"type": "pie", "segments": SERIES[0]["data"]},
            {"type": "bar", "series": SERIES, "axis_config": AXES},
            {"type": "line", "series": SERIES, "axis_config": AXES},
            {"type": "area", "series": SERIES, "axis_config": AXES},
        )
    ),
    {"type": "file", "external_id": "report-1", "source": "remote"},
    {"type": "markdown", "text": "# Builds"},
    {"type": "plan", "title": "Deploy", "tasks": [TASK]},
    TASK,
    container({"type": "file", "external_id": "report-1", "source": "remote"}),
]
IN_MODALS = [
    *({"type": "alert", "text": MRKDWN, "level": level} for level in ("default", "success", "error")),
    input_block({"type": "file_input", "filetypes": ["png"], "max_files": 10, **NAMED}),
]
