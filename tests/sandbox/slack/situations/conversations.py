"""Situations in which conversations, their members and their messages are refused."""

from __future__ import annotations

import base64
from typing import Any

from tests.sandbox.slack.situations.declared import Situations, Stage, person

situations = Situations()

CURSOR = base64.b64encode(b"nobody:0").decode()


def archived(stage: Stage) -> str:
    """Return the ID of an archived channel that the bot is in."""
    return stage.slack.workspace.add_channel("old", bot=True, archived=True).id


def outside(stage: Stage) -> str:
    """Return the ID of a public channel that the bot is not in."""
    return stage.slack.workspace.channel("random").id


def own(stage: Stage, name: str = "ops") -> str:
    """Return the ID of a channel that the bot is in."""
    return stage.slack.workspace.add_channel(name, bot=True).id


def direct(stage: Stage) -> str:
    """Return the ID of the bot's direct message with ada."""
    return stage.slack.workspace.add_im("ada").id


UNKNOWN: dict[str, dict[str, str]] = {
    "conversations.archive": {},
    "conversations.close": {},
    "conversations.history": {},
    "conversations.info": {},
    "conversations.invite": {"users": "U0"},
    "conversations.join": {},
    "conversations.kick": {"user": "U0"},
    "conversations.leave": {},
    "conversations.mark": {"ts": "1.2"},
    "conversations.members": {},
    "conversations.open": {},
    "conversations.rename": {"name": "x"},
    "conversations.replies": {"ts": "1.2"},
    "conversations.setPurpose": {"purpose": "x"},
    "conversations.setTopic": {"topic": "x"},
    "conversations.unarchive": {},
}


def _add_unknown(method: str, further: dict[str, str]) -> None:
    @situations(method, "channel_not_found")
    async def _a_private_channel_of_others(stage: Stage) -> dict[str, Any]:
        return await stage.call(method, channel=stage.slack.workspace.channel("incidents").id, **further)


for _method, _further in UNKNOWN.items():
    _add_unknown(_method, _further)

DIRECT_REFUSED: dict[str, dict[str, str]] = {
    "conversations.archive": {},
    "conversations.invite": {"users": "U0"},
    "conversations.join": {},
    "conversations.kick": {"user": "U0"},
    "conversations.leave": {},
    "conversations.rename": {"name": "x"},
    "conversations.unarchive": {},
}


def _add_direct(method: str, further: dict[str, str]) -> None:
    @situations(method, "method_not_supported_for_channel_type")
    async def _a_direct_message(stage: Stage) -> dict[str, Any]:
        return await stage.call(method, channel=direct(stage), **further)


for _method, _further in DIRECT_REFUSED.items():
    _add_direct(_method, _further)

NOT_IN: dict[str, dict[str, str]] = {
    "conversations.archive": {},
    "conversations.history": {},
    "conversations.invite": {"users": "U0"},
    "conversations.mark": {"ts": "1.2"},
    "conversations.rename": {"name": "x"},
    "conversations.setPurpose": {"purpose": "x"},
    "conversations.setTopic": {"topic": "x"},
}


def _add_outside(method: str, further: dict[str, str]) -> None:
    @situations(method, "not_in_channel")
    async def _a_channel_that_the_bot_is_not_in(stage: Stage) -> dict[str, Any]:
        return await stage.call(method, channel=outside(stage), **further)


for _method, _further in NOT_IN.items():
    _add_outside(_method, _further)

ARCHIVED: dict[str, dict[str, str]] = {
    "conversations.invite": {"users": "U0"},
    "conversations.join": {},
    "conversations.leave": {},
    "conversations.rename": {"name": "x"},
    "conversations.setPurpose": {"purpose": "x"},
    "conversations.setTopic": {"topic": "x"},
}


def _add_archived(method: str, further: dict[str, str]) -> None:
    @situations(method, "is_archived")
    async def _an_archived_channel(stage: Stage) -> dict[str, Any]:
        return await stage.call(method, channel=archived(stage), **further)


for _method, _further in ARCHIVED.items():
    _add_archived(_method, _further)


# --- lists -------------------------------------------------------------------------------------------


def _add_list(method: str) -> None:
    @situations(method, "invalid_cursor")
    async def _a_cursor_of_another_list(stage: Stage) -> dict[str, Any]:
        return await stage.call(method, cursor=CURSOR)

    @situations(method, "invalid_limit")
    async def _more_than_a_page_can_hold(stage: Stage) -> dict[str, Any]:
        return await stage.call(method, limit=1_001)

    @situations(method, "invalid_types")
    async def _a_kind_that_does_not_exist(stage: Stage) -> dict[str, Any]:
        return await stage.call(method, types="public_channel,secret")


for _method in ("conversations.list", "users.conversations"):
    _add_list(_method)


@situations("conversations.members", "invalid_cursor")
async def _a_cursor_of_somebody_who_left(stage: Stage) -> dict[str, Any]:
    cursor = base64.b64encode(b"user:U0GONE").decode()
    return await stage.call("conversations.members", channel=own(stage), cursor=cursor)


@situations("conversations.members", "invalid_limit")
async def _no_members_at_all(stage: Stage) -> dict[str, Any]:
    return await stage.call("conversations.members", channel=own(stage), limit=0)


# --- messages ----------------------------------------------------------------------------------------


def _add_reading(method: str, further: dict[str, str]) -> None:
    async def asked(stage: Stage, **bounds: str) -> dict[str, Any]:
        channel = own(stage)
        said = stage.slack.workspace.say(channel, "x", user="ada").ts
        given = {name: said if value == "TS" else value for name, value in further.items()}
        return await stage.call(method, channel=channel, **given, **bounds)

    @situations(method, "invalid_cursor")
    async def _a_cursor_of_another_list(stage: Stage) -> dict[str, Any]:
        return await asked(stage, cursor=CURSOR)

    @situations(method, "invalid_ts_latest")
    async def _an_end_that_is_no_time(stage: Stage) -> dict[str, Any]:
        return await asked(stage, latest="tomorrow")

    @situations(method, "invalid_ts_oldest")
    async def _a_beginning_that_is_no_time(stage: Stage) -> dict[str, Any]:
        return await asked(stage, oldest="yesterday")


_add_reading("conversations.history", {})
_add_reading("conversations.replies", {"ts": "TS"})


@situations("conversations.replies", "thread_not_found")
async def _a_root_that_was_deleted(stage: Stage) -> dict[str, Any]:
    channel = own(stage)
    root = stage.slack.workspace.say(channel, "x", user="ada").ts
    stage.slack.workspace.delete(channel, root)
    return await stage.call("conversations.replies", channel=channel, ts=root)


# --- names -------------------------------------------------------------------------------------------

NAMES = {
    "invalid_name_maxlength": "x" * 81,
    "invalid_name_punctuation": "--",
    "invalid_name_required": " ",
    "invalid_name_specials": "Two Words",
    "name_taken": "general",
}


def _add_name(code: str, name: str) -> None:
    @situations("conversations.create", code)
    async def _a_name_that_cannot_be(stage: Stage) -> dict[str, Any]:
        return await stage.call("conversations.create", name=name)

    @situations("conversations.rename", code)
    async def _a_new_name_that_cannot_be(stage: Stage) -> dict[str, Any]:
        made = await stage.call.ok("conversations.create", name="mine")
        return await stage.call("conversations.rename", channel=made["channel"]["id"], name=name)


for _code, _name in NAMES.items():
    _add_name(_code, _name)


@situations("conversations.create", "restricted_action")
async def _making_channels_is_kept_to_admins(stage: Stage) -> dict[str, Any]:
    stage.slack.workspace.preferences.create_private_channels = False
    return await stage.call("conversations.create", name="secret", is_private="true")


@situations("conversations.rename", "not_authorized")
async def _somebody_elses_channel(stage: Stage) -> dict[str, Any]:
    return await stage.call("conversations.rename", channel=own(stage), name="x")


# --- archive, topic, canvas --------------------------------------------------------------------------


@situations("conversations.archive", "already_archived")
async def _archiving_twice(stage: Stage) -> dict[str, Any]:
    return await stage.call("conversations.archive", channel=archived(stage))


@situations("conversations.archive", "cant_archive_general")
async def _archiving_general(stage: Stage) -> dict[str, Any]:
    return await stage.call("conversations.archive", channel=stage.general)


@situations("conversations.archive", "restricted_action")
async def _archiving_is_kept_to_admins(stage: Stage) -> dict[str, Any]:
    stage.slack.workspace.preferences.archive_channels = False
    return await stage.call("conversations.archive", channel=own(stage))


@situations("conversations.unarchive", "not_archived")
async def _bringing_back_what_is_there(stage: Stage) -> dict[str, Any]:
    return await stage.call("conversations.unarchive", channel=own(stage))


@situations("conversations.unarchive", "not_in_channel")
async def _bringing_back_as_a_bot(stage: Stage) -> dict[str, Any]:
    channel = own(stage)
    await stage.call.ok("conversations.archive", channel=channel)
    return await stage.call("conversations.unarchive", channel=channel)


@situations("conversations.setTopic", "too_long")
async def _a_topic_that_is_too_long(stage: Stage) -> dict[str, Any]:
    return await stage.call("conversations.setTopic", channel=own(stage), topic="x" * 251)


@situations("conversations.setPurpose", "too_long")
async def _a_purpose_that_is_too_long(stage: Stage) -> dict[str, Any]:
    return await stage.call("conversations.setPurpose", channel=own(stage), purpose="x" * 251)


def _add_guest(method: str, code: str, **further: str) -> None:
    @situations(method, code)
    async def _a_guest_acts(stage: Stage) -> dict[str, Any]:
        channel = own(stage)
        stage.slack.workspace.change_user("ada", is_restricted=True)
        return await stage.call(method, token=person(stage), channel=channel, **further)


_add_guest("conversations.setTopic", "user_is_restricted", topic="x")
_add_guest("conversations.setPurpose", "user_is_restricted", purpose="x")
_add_guest("conversations.leave", "user_is_restricted")
_add_guest("conversations.invite", "no_permission", users="U0")


async def _make_canvas(stage: Stage, channel: str) -> dict[str, Any]:
    return await stage.call("conversations.canvases.create", channel_id=channel)


@situations("conversations.canvases.create", "channel_canvas_already_exists")
async def _a_second_canvas(stage: Stage) -> dict[str, Any]:
    channel = own(stage)
    assert (await _make_canvas(stage, channel))["canvas_id"].startswith("F")
    return await _make_canvas(stage, channel)


@situations("conversations.canvases.create", "free_team_canvas_tab_already_exists")
async def _a_second_canvas_without_a_plan(stage: Stage) -> dict[str, Any]:
    stage.slack.workspace.preferences.paid = False
    channel = own(stage)
    await _make_canvas(stage, channel)
    return await _make_canvas(stage, channel)


@situations("conversations.canvases.create", "channel_canvas_creation_failed")
async def _a_canvas_where_the_bot_is_not(stage: Stage) -> dict[str, Any]:
    return await _make_canvas(stage, outside(stage))


@situations("conversations.canvases.create", "canvas_disabled_user_team")
async def _a_canvas_where_there_are_none(stage: Stage) -> dict[str, Any]:
    stage.slack.workspace.preferences.canvases = False
    return await _make_canvas(stage, own(stage))


@situations("conversations.canvases.create", "restricted_action")
async def _a_canvas_by_a_guest(stage: Stage) -> dict[str, Any]:
    channel = own(stage)
    stage.slack.workspace.change_user("ada", is_restricted=True)
    return await stage.call("conversations.canvases.create", token=person(stage), channel_id=channel)


# --- membership --------------------------------------------------------------------------------------


async def _invite(stage: Stage, user: str) -> dict[str, Any]:
    return await stage.call("conversations.invite", channel=own(stage), users=user)


@situations("conversations.invite", "already_in_channel")
async def _inviting_a_member(stage: Stage) -> dict[str, Any]:
    return await _invite(stage, stage.slack.workspace.user("ada").id)


@situations("conversations.invite", "cant_invite")
async def _inviting_who_is_deactivated(stage: Stage) -> dict[str, Any]:
    return await _invite(stage, stage.slack.workspace.add_user("gone", deleted=True).id)


@situations("conversations.invite", "cant_invite_self")
async def _inviting_oneself(stage: Stage) -> dict[str, Any]:
    return await _invite(stage, stage.slack.bot_user_id)


@situations("conversations.invite", "no_user")
async def _inviting_nobody(stage: Stage) -> dict[str, Any]:
    return await _invite(stage, ",")


@situations("conversations.invite", "user_not_found")
async def _inviting_who_does_not_exist(stage: Stage) -> dict[str, Any]:
    return await _invite(stage, "U0NOBODY")


@situations("conversations.invite", "ura_max_channels")
async def _a_second_channel_for_a_guest_of_one(stage: Stage) -> dict[str, Any]:
    workspace = stage.slack.workspace
    guest = workspace.add_user("guest", is_ultra_restricted=True)
    workspace.join("random", guest)
    channel = workspace.add_channel("ops", members=["ada"], bot=True).id
    return await stage.call("conversations.invite", channel=channel, users=guest.id)


@situations("conversations.join", "too_many_members")
async def _a_channel_that_is_full(stage: Stage) -> dict[str, Any]:
    stage.slack.workspace.preferences.largest_channel = 3
    return await stage.call("conversations.join", channel=outside(stage))


@situations("conversations.kick", "cant_kick_from_general")
async def _removing_from_general(stage: Stage) -> dict[str, Any]:
    ada = stage.slack.workspace.user("ada").id
    return await stage.call("conversations.kick", channel=stage.general, user=ada)


@situations("conversations.kick", "cant_kick_self")
async def _removing_oneself(stage: Stage) -> dict[str, Any]:
    return await stage.call("conversations.kick", channel=own(stage), user=stage.slack.bot_user_id)


@situations("conversations.kick", "not_in_channel")
async def _removing_who_is_not_there(stage: Stage) -> dict[str, Any]:
    dora = stage.slack.workspace.add_user("dora").id
    channel = stage.slack.workspace.add_channel("ops", members=["ada"], bot=True).id
    return await stage.call("conversations.kick", channel=channel, user=dora)


@situations("conversations.kick", "not_supported")
async def _removing_from_an_archived_channel(stage: Stage) -> dict[str, Any]:
    ada = stage.slack.workspace.user("ada").id
    return await stage.call("conversations.kick", channel=archived(stage), user=ada)


@situations("conversations.kick", "restricted_action")
async def _removing_is_kept_to_admins(stage: Stage) -> dict[str, Any]:
    stage.slack.workspace.preferences.remove_members = False
    ada = stage.slack.workspace.user("ada").id
    return await stage.call("conversations.kick", channel=own(stage), user=ada)


@situations("conversations.kick", "user_not_found")
async def _removing_who_does_not_exist(stage: Stage) -> dict[str, Any]:
    return await stage.call("conversations.kick", channel=own(stage), user="U0NOBODY")


@situations("conversations.leave", "cant_leave_general")
async def _leaving_general(stage: Stage) -> dict[str, Any]:
    return await stage.call("conversations.leave", channel=stage.general)


@situations("conversations.leave", "last_member")
async def _leaving_as_the_last(stage: Stage) -> dict[str, Any]:
    channel = stage.slack.workspace.add_channel("lonely", members=[], bot=True).id
    return await stage.call("conversations.leave", channel=channel)


# --- direct messages ---------------------------------------------------------------------------------


@situations("conversations.close", "method_not_supported_for_channel_type")
async def _closing_a_channel(stage: Stage) -> dict[str, Any]:
    return await stage.call("conversations.close", channel=own(stage))


@situations("conversations.open", "method_not_supported_for_channel_type")
async def _opening_a_channel(stage: Stage) -> dict[str, Any]:
    return await stage.call("conversations.open", channel=own(stage))


@situations("conversations.open", "cannot_dm_bot")
async def _writing_to_another_bot(stage: Stage) -> dict[str, Any]:
    other = stage.slack.workspace.add_user("otherbot", is_bot=True).id
    return await stage.call("conversations.open", users=other)


@situations("conversations.open", "too_many_users")
async def _nine_at_once(stage: Stage) -> dict[str, Any]:
    many = [stage.slack.workspace.add_user(f"user-{number}").id for number in range(9)]
    return await stage.call("conversations.open", users=",".join(many))


@situations("conversations.open", "user_disabled")
async def _writing_to_who_is_deactivated(stage: Stage) -> dict[str, Any]:
    bob = stage.slack.workspace.deactivate("bob").id
    return await stage.call("conversations.open", users=bob)


@situations("conversations.open", "user_not_found")
async def _writing_to_nobody(stage: Stage) -> dict[str, Any]:
    return await stage.call("conversations.open", users="U0NOBODY")


@situations("conversations.open", "user_not_visible")
async def _a_guest_writes_to_a_stranger(stage: Stage) -> dict[str, Any]:
    workspace = stage.slack.workspace
    workspace.add_user("guest", is_restricted=True)
    return await stage.call(
        "conversations.open", token=person(stage, "guest"), users=workspace.user("bob").id
    )


@situations("conversations.open", "users_list_not_supplied")
async def _opening_with_nobody(stage: Stage) -> dict[str, Any]:
    return await stage.call("conversations.open")


@situations("conversations.mark", "invalid_timestamp")
async def _reading_up_to_no_time(stage: Stage) -> dict[str, Any]:
    return await stage.call("conversations.mark", channel=own(stage), ts="now")
