"""Situations in which people, bots and user groups are refused."""

from __future__ import annotations

import base64
from typing import Any

from tests.sandbox.slack.situations.declared import Situations, Stage, person

situations = Situations()


@situations("bots.info", "bot_not_found")
async def _a_bot_by_the_id_of_its_user(stage: Stage) -> dict[str, Any]:
    return await stage.call("bots.info", bot=stage.slack.bot_user_id)


@situations("bots.info", "team_not_found")
async def _a_bot_of_another_workspace(stage: Stage) -> dict[str, Any]:
    return await stage.call("bots.info", bot=stage.slack.bot_id, team_id="T0OTHER")


# --- users -------------------------------------------------------------------------------------------


def _add_unknown(method: str) -> None:
    @situations(method, "user_not_found")
    async def _somebody_who_does_not_exist(stage: Stage) -> dict[str, Any]:
        return await stage.call(method, user="U0NOBODY")


for _method in ("dnd.info", "users.getPresence", "users.info", "users.profile.get"):
    _add_unknown(_method)


@situations("users.setPresence", "invalid_presence")
async def _neither_here_nor_away(stage: Stage) -> dict[str, Any]:
    return await stage.call("users.setPresence", presence="asleep")


@situations("users.info", "user_not_visible")
async def _a_guest_asks_for_a_stranger(stage: Stage) -> dict[str, Any]:
    stage.slack.workspace.add_user("guest", is_restricted=True)
    bob = stage.slack.workspace.user("bob").id
    return await stage.call("users.info", token=person(stage, "guest"), user=bob)


@situations("users.list", "invalid_cursor")
async def _a_cursor_of_nobody(stage: Stage) -> dict[str, Any]:
    return await stage.call("users.list", cursor=base64.b64encode(b"user:U0").decode())


@situations("users.lookupByEmail", "users_not_found")
async def _the_address_of_who_is_deactivated(stage: Stage) -> dict[str, Any]:
    bob = stage.slack.workspace.deactivate("bob")
    return await stage.call("users.lookupByEmail", email=bob.email)


@situations("users.discoverableContacts.lookup", "not_an_enterprise")
async def _a_contact_without_an_enterprise(stage: Stage) -> dict[str, Any]:
    return await stage.call("users.discoverableContacts.lookup", email="x@example.com")


# --- profiles ----------------------------------------------------------------------------------------


async def _set(stage: Stage, profile: Any, **further: str) -> dict[str, Any]:
    return await stage.call("users.profile.set", token=person(stage), profile=profile, **further)


OWN_PROFILE: dict[str, Any] = {
    "invalid_profile": "no JSON",
    "invalid_starts_with_at": {"display_name": "@ada"},
    "name_not_allowed": {"real_name": "see https://example.com"},
    "not_admin": {"email": "new@example.com"},
    "reserved_name": {"first_name": "everyone"},
    "too_long": {"status_text": "x" * 101},
}


def _add_profile(code: str, profile: Any) -> None:
    @situations("users.profile.set", code)
    async def _a_profile_that_cannot_be(stage: Stage) -> dict[str, Any]:
        return await _set(stage, profile)


for _code, _profile in OWN_PROFILE.items():
    _add_profile(_code, _profile)


@situations("users.profile.set", "must_clear_both_status_text_and_status_emoji")
async def _half_a_status_is_cleared(stage: Stage) -> dict[str, Any]:
    stage.slack.workspace.change_user("ada", status_text="away", status_emoji=":palm_tree:")
    return await _set(stage, {"status_text": ""})


@situations("users.profile.set", "email_taken")
async def _an_address_that_is_anothers(stage: Stage) -> dict[str, Any]:
    stage.slack.workspace.change_user("ada", is_admin=True)
    return await _set(stage, {"email": "bob@example.com"})


@situations("users.profile.set", "not_app_admin")
async def _a_bots_profile(stage: Stage) -> dict[str, Any]:
    return await _set(stage, {"title": "x"}, user=stage.slack.bot_user_id)


@situations("users.profile.set", "cannot_update_admin_user")
async def _an_admin_changes_an_admin(stage: Stage) -> dict[str, Any]:
    for name in ("ada", "bob"):
        stage.slack.workspace.change_user(name, is_admin=True)
    return await _set(stage, {"title": "x"}, user=stage.slack.workspace.user("bob").id)


@situations("users.profile.set", "profile_set_failed")
async def _the_profile_of_nobody(stage: Stage) -> dict[str, Any]:
    return await _set(stage, {"title": "x"}, user="U0NOBODY")


@situations("users.setPhoto", "bad_image")
async def _a_picture_that_is_none(stage: Stage) -> dict[str, Any]:
    return await stage.call("users.setPhoto", token=person(stage), image="no picture")


# --- do not disturb ----------------------------------------------------------------------------------


@situations("dnd.teamInfo", "no_users_provided")
async def _the_quiet_hours_of_nobody(stage: Stage) -> dict[str, Any]:
    return await stage.call("dnd.teamInfo", users=",")


@situations("dnd.endDnd", "not_in_dnd")
async def _no_quiet_hours_to_end(stage: Stage) -> dict[str, Any]:
    return await stage.call("dnd.endDnd", token=person(stage))


@situations("dnd.endSnooze", "snooze_end_failed")
async def _no_snooze_to_end(stage: Stage) -> dict[str, Any]:
    return await stage.call("dnd.endSnooze", token=person(stage))


def _add_snooze(code: str, minutes: str) -> None:
    @situations("dnd.setSnooze", code)
    async def _a_snooze_that_cannot_be(stage: Stage) -> dict[str, Any]:
        return await stage.call("dnd.setSnooze", token=person(stage), num_minutes=minutes)


for _code, _minutes in {"missing_duration": " ", "snooze_failed": "0", "too_long": "99999999"}.items():
    _add_snooze(_code, _minutes)


# --- user groups -------------------------------------------------------------------------------------

GROUP_METHODS: dict[str, dict[str, str]] = {
    "usergroups.create": {"name": "On call"},
    "usergroups.disable": {},
    "usergroups.enable": {},
    "usergroups.list": {},
    "usergroups.update": {},
    "usergroups.users.list": {},
    "usergroups.users.update": {"users": "U0"},
}
PLAN_CODES = {"usergroups.create": "paid_teams_only", "usergroups.update": "paid_teams_only"}
READING = ("usergroups.list", "usergroups.users.list")


def group(stage: Stage) -> str:
    """Return the ID of a user group."""
    return stage.slack.world.usergroups.add("Responders", stage.slack.bot_user_id).id


def _add_group_method(method: str, further: dict[str, str]) -> None:
    named = method not in ("usergroups.create", "usergroups.list")

    def arguments(stage: Stage) -> dict[str, str]:
        return {**further, **({"usergroup": group(stage)} if named else {})}

    @situations(method, PLAN_CODES.get(method, "plan_upgrade_required"))
    async def _a_workspace_without_a_plan(stage: Stage) -> dict[str, Any]:
        given = arguments(stage)
        stage.slack.workspace.preferences.paid = False
        return await stage.call(method, **given)

    if named:

        @situations(method, "no_such_subteam")
        async def _a_group_that_does_not_exist(stage: Stage) -> dict[str, Any]:
            return await stage.call(method, **further, usergroup="S0NOBODY")

    if method not in READING:

        @situations(method, "permission_denied")
        async def _groups_are_kept_to_admins(stage: Stage) -> dict[str, Any]:
            given = arguments(stage)
            stage.slack.workspace.preferences.manage_user_groups = False
            return await stage.call(method, **given)


for _method, _further in GROUP_METHODS.items():
    _add_group_method(_method, _further)

GROUPS: dict[str, dict[str, str]] = {
    "bad_handle": {"handle": "on call"},
    "description_too_long": {"description": "x" * 141},
    "forbidden_handle": {"handle": "here"},
    "handle_already_exists": {"handle": "general"},
    "invalid_channel_provided": {"channels": "C0NOWHERE"},
    "missing_subteam_name": {"name": " "},
    "name_already_exists": {"name": "Responders"},
    "name_too_long": {"name": "x" * 256},
}


def _add_group(code: str, given: dict[str, str]) -> None:
    @situations("usergroups.create", code)
    async def _a_group_that_cannot_be(stage: Stage) -> dict[str, Any]:
        group(stage)
        return await stage.call("usergroups.create", **{"name": "On call", **given})

    @situations("usergroups.update", code)
    async def _a_group_that_cannot_become_so(stage: Stage) -> dict[str, Any]:
        group(stage)
        made = stage.slack.world.usergroups.add("On call", stage.slack.bot_user_id)
        return await stage.call("usergroups.update", usergroup=made.id, **given)


for _code, _given in GROUPS.items():
    _add_group(_code, _given)


def many_channels(stage: Stage) -> str:
    """Return the IDs of more channels than a group can have."""
    workspace = stage.slack.workspace
    return ",".join(workspace.add_channel(f"area-{number}", members=[]).id for number in range(101))


@situations("usergroups.create", "too_many_linked_channels")
async def _a_group_with_too_many_channels(stage: Stage) -> dict[str, Any]:
    return await stage.call("usergroups.create", name="On call", channels=many_channels(stage))


@situations("usergroups.update", "too_many_linked_channels")
async def _a_group_gets_too_many_channels(stage: Stage) -> dict[str, Any]:
    return await stage.call("usergroups.update", usergroup=group(stage), channels=many_channels(stage))


async def _members(stage: Stage, users: str) -> dict[str, Any]:
    return await stage.call("usergroups.users.update", usergroup=group(stage), users=users)


@situations("usergroups.users.update", "no_users_provided")
async def _a_group_of_nobody(stage: Stage) -> dict[str, Any]:
    return await _members(stage, ",")


@situations("usergroups.users.update", "invalid_users")
async def _a_group_of_who_does_not_exist(stage: Stage) -> dict[str, Any]:
    return await _members(stage, "U0NOBODY")


@situations("usergroups.users.update", "failed_for_some_users")
async def _a_group_of_who_is_deactivated(stage: Stage) -> dict[str, Any]:
    return await _members(stage, stage.slack.workspace.deactivate("bob").id)
