"""The keys and types of what people do with an app, as it is told."""

from __future__ import annotations

import re

from tests.sandbox.slack.shapes.ids import (
    ADDRESS,
    APP_ID,
    CHANNEL_ID,
    TEAM_ID,
    TRIGGER_ID,
    TS,
    USER_ID,
    VIEW_ID,
)
from tests.sandbox.slack.shapes.matching import ANYTHING
from tests.sandbox.slack.shapes.messages import ANY_MESSAGE
from tests.sandbox.slack.shapes.objects import VIEW

_TEAM = {"id": TEAM_ID, "domain": str}
_PERSON = {"id": USER_ID, "username": str, "name": str, "team_id": TEAM_ID}
_PLACE = {"id": CHANNEL_ID, "name": str}
_BASE = {
    "type": str,
    "user": _PERSON,
    "token": str,
    "team": _TEAM,
    "enterprise": None,
    "is_enterprise_install": bool,
}
_ACTION = {"type": str, "action_id": str, "block_id": str, "action_ts": TS, "*": ANYTHING}
_IN_MESSAGE = {
    "type": re.compile("message"),
    "message_ts": TS,
    "channel_id": CHANNEL_ID,
    "is_ephemeral": bool,
    "thread_ts?": TS,
}
_IN_VIEW = {"type": re.compile("view"), "view_id": VIEW_ID}

INTERACTIONS = {
    "block_actions": (
        {
            **_BASE,
            "api_app_id": APP_ID,
            "container": _IN_MESSAGE,
            "trigger_id": TRIGGER_ID,
            "channel": _PLACE,
            "message": ANY_MESSAGE,
            "state": {"values": {"*": {"*": {"type": str, "*": ANYTHING}}}},
            "response_url": ADDRESS,
            "actions": [_ACTION],
        },
        {
            **_BASE,
            "api_app_id": APP_ID,
            "container": _IN_VIEW,
            "trigger_id": TRIGGER_ID,
            "view": VIEW,
            "actions": [_ACTION],
        },
    ),
    "block_suggestion": {
        **_BASE,
        "api_app_id": APP_ID,
        "container": (_IN_MESSAGE, _IN_VIEW),
        "action_id": str,
        "block_id": str,
        "value": str,
        "channel?": _PLACE,
        "message?": ANY_MESSAGE,
        "view?": VIEW,
    },
    "view_submission": {
        **_BASE,
        "api_app_id": APP_ID,
        "trigger_id": TRIGGER_ID,
        "view": VIEW,
        "response_urls": [
            {"block_id": str, "action_id": str, "channel_id": CHANNEL_ID, "response_url": ADDRESS}
        ],
    },
    "view_closed": {**_BASE, "api_app_id": APP_ID, "view": VIEW, "is_cleared": bool},
    "shortcut": {
        **_BASE,
        "user": {"id": USER_ID, "username": str, "team_id": TEAM_ID},
        "action_ts": TS,
        "callback_id": str,
        "trigger_id": TRIGGER_ID,
    },
    "message_action": {
        **_BASE,
        "action_ts": TS,
        "callback_id": str,
        "trigger_id": TRIGGER_ID,
        "response_url": ADDRESS,
        "channel": _PLACE,
        "message_ts": TS,
        "message": ANY_MESSAGE,
    },
}
SLASH_COMMAND = {
    "token": str,
    "team_id": TEAM_ID,
    "team_domain": str,
    "channel_id": CHANNEL_ID,
    "channel_name": str,
    "user_id": USER_ID,
    "user_name": str,
    "command": re.compile(r"/\S+"),
    "text": str,
    "api_app_id": APP_ID,
    "is_enterprise_install": re.compile("true|false"),
    "response_url": ADDRESS,
    "trigger_id": TRIGGER_ID,
}
