"""The keys and types of what an app is told of Slack Connect."""

from __future__ import annotations

import re

from tests.sandbox.slack.shapes.ids import ADDRESS, CHANNEL_ID, TEAM_ID, TS, USER_ID

_TEAM = {
    "id": TEAM_ID,
    "name": str,
    "icon": {**{f"image_{size}": ADDRESS for size in (34, 44, 68, 88, 102, 132, 230)}, "image_default": bool},
    "avatar_base_url": ADDRESS,
    "is_verified": bool,
    "domain": str,
    "date_created": int,
    "requires_sponsorship": bool,
}
_USER = {
    "id": USER_ID,
    "team_id": TEAM_ID,
    "name": str,
    "updated": int,
    "who_can_share_contact_card": str,
    "profile": {
        "real_name": str,
        "display_name": str,
        "real_name_normalized": str,
        "display_name_normalized": str,
        "team": TEAM_ID,
        "avatar_hash": str,
        "email?": str,
        **{f"image_{size}": ADDRESS for size in (24, 32, 48, 72, 192, 512)},
    },
}
_INVITE_ID = re.compile(r"I[A-Z0-9]{8,}")
_INVITE = {
    "id": _INVITE_ID,
    "date_created": int,
    "date_invalid": int,
    "inviting_team": _TEAM,
    "inviting_user": _USER,
    "recipient_email?": str,
    "recipient_user_id?": USER_ID,
    "is_sponsored": bool,
    "is_external_limited": bool,
}

INVITE_RECEIVED = {
    "type": re.compile("shared_channel_invite_received"),
    "invite": _INVITE,
    "channel": {"id": CHANNEL_ID, "is_private": bool, "is_im": bool, "name": str},
    "event_ts": TS,
}
INVITE_REQUESTED = {
    "type": re.compile("shared_channel_invite_requested"),
    "actor": {
        "id": USER_ID,
        "name": str,
        "is_bot": bool,
        "team_id": TEAM_ID,
        "timezone": str,
        "real_name": str,
        "display_name": str,
    },
    "channel_id": CHANNEL_ID,
    "event_type": re.compile("slack#/events/shared_channel_invite_requested"),
    "channel_name": str,
    "channel_type": re.compile("public|private"),
    "target_users": [{"email": str, "invite_id": _INVITE_ID}],
    "teams_in_channel": [_TEAM],
    "is_external_limited": bool,
    "channel_date_created": int,
    "channel_message_latest_counted_timestamp": int,
    "event_ts": TS,
}
