"""The keys and types of frames and events."""

from __future__ import annotations

import re

from tests.sandbox.slack.shapes.ids import ADDRESS, APP_ID, BOT_ID, CHANNEL_ID, FILE_ID, TEAM_ID, TS, USER_ID
from tests.sandbox.slack.shapes.matching import ANYTHING
from tests.sandbox.slack.shapes.messages import (
    ANY_MESSAGE,
    MESSAGE,
    METADATA,
    NAMED_MESSAGE,
    OWN_MESSAGE,
    PERSONS_MESSAGE,
    PIN_INFO,
)
from tests.sandbox.slack.shapes.objects import FILE_IN_MESSAGE, PIN, USER, USERGROUP, VIEW

HELLO = {
    "type": re.compile("hello"),
    "num_connections": int,
    "debug_info": {"host": str, "build_number": int, "approximate_connection_time": int},
    "connection_info": {"app_id": APP_ID},
}
ENVELOPE = {
    "envelope_id": str,
    "type": re.compile("interactive|slash_commands"),
    "payload": dict,
    "accepts_response_payload": bool,
}
EVENT_ENVELOPE = {
    **ENVELOPE,
    "type": re.compile("events_api"),
    "retry_attempt": int,
    "retry_reason": str,
}
EVENT_WRAPPER = {
    "token": str,
    "team_id": TEAM_ID,
    "context_team_id": TEAM_ID,
    "context_enterprise_id": None,
    "api_app_id": APP_ID,
    "event": {"type": str, "*": ANYTHING},
    "type": re.compile("event_callback"),
    "event_id": re.compile(r"Ev[A-Z0-9]{8,}"),
    "event_time": int,
    "authorizations": [
        {
            "enterprise_id": None,
            "team_id": TEAM_ID,
            "user_id": USER_ID,
            "is_bot": bool,
            "is_enterprise_install": bool,
        }
    ],
    "is_ext_shared_channel": bool,
    "event_context": str,
}

_IN_CHANNEL = {"channel": CHANNEL_ID, "event_ts": TS, "channel_type": re.compile("channel|group|im|mpim")}
_MEMBERSHIP = {
    "type": str,
    "user": USER_ID,
    "channel": CHANNEL_ID,
    "channel_type": re.compile("C|G"),
    "team": TEAM_ID,
    "inviter?": USER_ID,
    "event_ts": TS,
}
_REACTION = {
    "type": str,
    "user": USER_ID,
    "reaction": str,
    "item": {"type": re.compile("message"), "channel": CHANNEL_ID, "ts": TS},
    "item_user?": USER_ID,
    "event_ts": TS,
}
_PIN = {
    "type": str,
    "user": USER_ID,
    "channel_id": CHANNEL_ID,
    "item": PIN,
    "item_user": USER_ID,
    "pin_count": int,
    "pinned_info": PIN_INFO,
    "event_ts": TS,
}
_FILE = {"type": str, "file_id": FILE_ID, "user_id": USER_ID, "file": {"id": FILE_ID}, "event_ts": TS}
_LIFECYCLE = {"type": str, "channel": CHANNEL_ID, "user": USER_ID, "event_ts": TS}
_NEW_CHANNEL = {
    "id": CHANNEL_ID,
    "is_channel": bool,
    "name": str,
    "name_normalized": str,
    "created": int,
    "creator": USER_ID,
    "is_archived": bool,
    "is_ext_shared": bool,
    "is_frozen": bool,
    "is_general": bool,
    "is_group": bool,
    "is_im": bool,
    "is_mpim": bool,
    "is_org_shared": bool,
    "is_pending_ext_shared": bool,
    "is_private": bool,
    "is_shared": bool,
    "context_team_id": TEAM_ID,
}
_RENAMED = {
    "id": CHANNEL_ID,
    "is_channel": bool,
    "is_mpim": bool,
    "name": str,
    "name_normalized": str,
    "created": int,
}
_FILES = {"files": [FILE_IN_MESSAGE], "upload": bool, "display_as_bot": bool, **_IN_CHANNEL}
_CHANGE = {"type": re.compile("message"), "hidden": bool, "ts": TS, **_IN_CHANNEL}

EVENTS = {
    "message": ({**OWN_MESSAGE, **_IN_CHANNEL}, {**PERSONS_MESSAGE, **_IN_CHANNEL}),
    "message/bot_message": {**NAMED_MESSAGE, **_IN_CHANNEL},
    "message/me_message": {**OWN_MESSAGE, **_IN_CHANNEL},
    "message/thread_broadcast": {**OWN_MESSAGE, "root": ANY_MESSAGE, "thread_ts": TS, **_IN_CHANNEL},
    "message/file_share": ({**OWN_MESSAGE, **_FILES}, {**MESSAGE, "user": USER_ID, **_FILES}),
    "message/channel_join": {
        **MESSAGE,
        "user": USER_ID,
        "team": TEAM_ID,
        "inviter?": USER_ID,
        **_IN_CHANNEL,
    },
    "message/channel_topic": {**MESSAGE, "user": USER_ID, "topic": str, **_IN_CHANNEL},
    "message/channel_purpose": {**MESSAGE, "user": USER_ID, "purpose": str, **_IN_CHANNEL},
    "message/channel_name": {
        **MESSAGE,
        "user": USER_ID,
        "team": TEAM_ID,
        "old_name": str,
        "name": str,
        **_IN_CHANNEL,
    },
    "message/message_changed": {
        **_CHANGE,
        "subtype": re.compile("message_changed"),
        "message": ANY_MESSAGE,
        "previous_message": ANY_MESSAGE,
    },
    "message/message_deleted": {
        **_CHANGE,
        "subtype": re.compile("message_deleted"),
        "deleted_ts": TS,
        "previous_message": ANY_MESSAGE,
    },
    "app_mention": {**PERSONS_MESSAGE, "type": str, "channel": CHANNEL_ID, "event_ts": TS},
    "app_home_opened": {
        "type": str,
        "user": USER_ID,
        "channel": CHANNEL_ID,
        "tab": re.compile("home|messages"),
        "view?": VIEW,
        "event_ts": TS,
    },
    "reaction_added": _REACTION,
    "reaction_removed": _REACTION,
    "member_joined_channel": _MEMBERSHIP,
    "member_left_channel": _MEMBERSHIP,
    "channel_created": {"type": str, "channel": _NEW_CHANNEL, "event_ts": TS},
    "channel_rename": {"type": str, "channel": _RENAMED, "event_ts": TS},
    "channel_archive": {**_LIFECYCLE, "is_moved?": int},
    "channel_unarchive": _LIFECYCLE,
    "im_created": {
        "type": str,
        "user": USER_ID,
        "channel": {"id": CHANNEL_ID, "*": ANYTHING},
        "event_ts": TS,
    },
    "im_open": _LIFECYCLE,
    "pin_added": _PIN,
    "pin_removed": {**_PIN, "item": {**PIN, "message": MESSAGE | OWN_MESSAGE}, "has_pins": bool},
    "file_created": _FILE,
    "file_public": _FILE,
    "file_shared": {**_FILE, "channel_id": CHANNEL_ID},
    "file_change": _FILE,
    "file_deleted": {
        "type": str,
        "file_id": FILE_ID,
        "user_id?": USER_ID,
        "channel_ids": [CHANNEL_ID],
        "event_ts": TS,
    },
    "user_change": {"type": str, "user": USER, "cache_ts": int, "event_ts": TS},
    "user_status_changed": {"type": str, "user": USER, "cache_ts": int, "event_ts": TS},
    "subteam_created": {"type": str, "subteam": USERGROUP, "event_ts": TS},
    "subteam_members_changed": {
        "type": str,
        "subteam_id": str,
        "team_id": TEAM_ID,
        "date_previous_update": int,
        "date_update": int,
        "added_users?": [USER_ID],
        "added_users_count?": int,
        "removed_users?": [USER_ID],
        "removed_users_count?": int,
        "event_ts": TS,
    },
    "message_metadata_posted": {
        "type": str,
        "app_id": APP_ID,
        "bot_id": BOT_ID,
        "user_id": USER_ID,
        "team_id": TEAM_ID,
        "channel_id": CHANNEL_ID,
        "metadata": METADATA,
        "message_ts": TS,
        "event_ts": TS,
    },
    "link_shared": {
        "type": str,
        "channel": CHANNEL_ID,
        "is_bot_user_member": bool,
        "user": USER_ID,
        "message_ts": TS,
        "unfurl_id": str,
        "source": re.compile("conversations_history"),
        "links": [{"url": ADDRESS, "domain": str}],
        "thread_ts?": TS,
        "event_ts": TS,
    },
    "tokens_revoked": {"type": str, "tokens": {"oauth": [USER_ID], "bot": [USER_ID]}, "event_ts": TS},
}
