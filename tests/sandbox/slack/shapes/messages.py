"""The keys and types of messages, whoever wrote them."""

from __future__ import annotations

import re

from tests.sandbox.slack.shapes.ids import ADDRESS, APP_ID, BOT_ID, CHANNEL_ID, TEAM_ID, TS, USER_ID
from tests.sandbox.slack.shapes.matching import ANYTHING

PLAIN_TEXT = {"type": re.compile("plain_text"), "text": str, "emoji": bool}
BLOCK = {"type": str, "block_id": str, "*": ANYTHING}
BOT_ICONS = {"image_36": ADDRESS, "image_48": ADDRESS, "image_72": ADDRESS}
BOT = {
    "id": BOT_ID,
    "app_id": APP_ID,
    "user_id": USER_ID,
    "name": str,
    "icons": BOT_ICONS,
    "deleted": bool,
    "updated": int,
}
EDITED = {"user": USER_ID, "ts": TS}
REACTION = {"name": str, "users": [USER_ID], "count": int}
METADATA = {"event_type": str, "event_payload?": dict}
PIN_INFO = {"channel": CHANNEL_ID, "pinned_by": USER_ID, "pinned_ts": int}

MESSAGE = {
    "type": re.compile("message"),
    "text": str,
    "ts": TS,
    "user?": USER_ID,
    "team?": TEAM_ID,
    "subtype?": str,
    "blocks?": [BLOCK],
    "attachments?": [dict],
    "files?": [dict],
    "edited?": EDITED,
    "reactions?": [REACTION],
    "metadata?": METADATA,
    "pinned_to?": [CHANNEL_ID],
    "pinned_info?": PIN_INFO,
    "permalink?": ADDRESS,
    "thread_ts?": TS,
    "parent_user_id?": USER_ID,
    "reply_count?": int,
    "reply_users_count?": int,
    "reply_users?": [USER_ID],
    "latest_reply?": TS,
    "is_locked?": bool,
    "subscribed?": bool,
    "upload?": bool,
    "display_as_bot?": bool,
    "root?": dict,
    "inviter?": USER_ID,
    "topic?": str,
    "purpose?": str,
    "item_type?": str,
    "item?": dict,
}
OWN_MESSAGE = {
    **MESSAGE,
    "bot_id": BOT_ID,
    "app_id": APP_ID,
    "team": TEAM_ID,
    "bot_profile": {**BOT, "team_id": TEAM_ID},
}
NAMED_MESSAGE = {
    **OWN_MESSAGE,
    "subtype": re.compile("bot_message"),
    "username": str,
    "icons?": {"emoji?": str, "image_48?": ADDRESS, "image_36?": ADDRESS, "image_72?": ADDRESS},
}
PERSONS_MESSAGE = {**MESSAGE, "user": USER_ID, "team": TEAM_ID, "client_msg_id": str, "blocks": [BLOCK]}
ROOT_MESSAGE = {
    **OWN_MESSAGE,
    "thread_ts": TS,
    "reply_count": int,
    "reply_users_count": int,
    "reply_users": [USER_ID],
    "latest_reply": TS,
    "is_locked": bool,
    "subscribed": bool,
}
ANY_MESSAGE = (OWN_MESSAGE, NAMED_MESSAGE, PERSONS_MESSAGE, {**MESSAGE, "hidden?": bool})
