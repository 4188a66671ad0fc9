"""User groups: listed, made and changed."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pack.sandbox.slack.calls.api import Api, Arguments, Json
from pack.sandbox.slack.calls.declared import Simulated
from pack.sandbox.slack.methods.channels import caller
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.usergroups import UserGroup

_PLAN = "plan_upgrade_required"


def list_groups(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``usergroups.list``."""
    _refuse_without_plan(api, _PLAN)
    groups = api.world.usergroups.all(disabled=bool(arguments.get("include_disabled")))
    users, count = bool(arguments.get("include_users")), bool(arguments.get("include_count"))
    return {"usergroups": [group.as_json(users=users, count=count) for group in groups]}


def list_users(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``usergroups.users.list``; a disabled group has none unless asked for."""
    _refuse_without_plan(api, _PLAN)
    group = _found(api, arguments)
    shown = group.enabled or bool(arguments.get("include_disabled"))
    return {"users": list(group.users) if shown else []}


def create_group(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``usergroups.create``."""
    _refuse_unless_allowed(api, "paid_teams_only")
    group = api.world.usergroups.add(
        arguments["name"],
        api.user_id,
        handle=arguments.get("handle") or None,
        description=arguments.get("description") or "",
        channels=_texts(arguments.get("channels")),
    )
    return {"usergroup": group.as_json()}


def update_group(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``usergroups.update``; what is not given stays."""
    _refuse_unless_allowed(api, "paid_teams_only")
    group = _found(api, arguments)
    channels = arguments.get("channels")
    api.world.usergroups.change(
        group,
        api.user_id,
        name=arguments.get("name"),
        handle=arguments.get("handle") or None,
        description=arguments.get("description"),
        channels=None if channels is None else _texts(channels),
    )
    return {"usergroup": group.as_json()}


def enable_group(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``usergroups.enable``."""
    return _switch(api, arguments, enabled=True)


def disable_group(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``usergroups.disable``."""
    return _switch(api, arguments, enabled=False)


def update_users(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``usergroups.users.update``: these are the members from now on."""
    _refuse_unless_allowed(api, _PLAN)
    group = _found(api, arguments)
    users = _texts(arguments["users"])
    if not users:
        raise Refusal("no_users_provided")
    known = api.workspace.users
    if any(user not in known for user in users):
        raise Refusal("invalid_users")
    if any(known[user].deleted for user in users):
        raise Refusal("failed_for_some_users")
    api.world.usergroups.set_users(group, users, api.user_id)
    return {"usergroup": group.as_json()}


def _switch(api: Api, arguments: Arguments, *, enabled: bool) -> dict[str, Json]:
    _refuse_unless_allowed(api, _PLAN)
    group = _found(api, arguments)
    api.world.usergroups.enable(group, api.user_id, enabled=enabled)
    return {"usergroup": group.as_json()}


def _found(api: Api, arguments: Arguments) -> UserGroup:
    wanted = arguments["usergroup"]
    group = next((group for group in api.world.usergroups.all(disabled=True) if group.id == wanted), None)
    if group is None:
        raise Refusal("no_such_subteam")
    return group


def _refuse_without_plan(api: Api, code: str) -> None:
    if not api.workspace.preferences.paid:
        raise Refusal(code)


def _refuse_unless_allowed(api: Api, code: str) -> None:
    _refuse_without_plan(api, code)
    who = caller(api)
    if who.is_guest or not (api.workspace.preferences.manage_user_groups or who.may_administer):
        raise Refusal("permission_denied")


def _texts(value: Json) -> list[str]:
    return list(dict.fromkeys(str(part).strip() for part in value or () if str(part).strip()))


_MADE = (
    "bad_handle",
    "description_too_long",
    "forbidden_handle",
    "handle_already_exists",
    "invalid_channel_provided",
    "missing_subteam_name",
    "name_already_exists",
    "name_too_long",
)
_SWITCHED = ("no_such_subteam", "permission_denied", _PLAN)

METHODS: Mapping[str, Simulated] = MappingProxyType(
    {
        "usergroups.create": Simulated(
            create_group,
            errors=(*_MADE, "paid_teams_only", "permission_denied", "too_many_linked_channels"),
            differs="Sections of the sidebar (enable_section) and additional_channels do nothing.",
        ),
        "usergroups.disable": Simulated(disable_group, errors=_SWITCHED),
        "usergroups.enable": Simulated(enable_group, errors=_SWITCHED),
        "usergroups.list": Simulated(list_groups, errors=(_PLAN,)),
        "usergroups.update": Simulated(
            update_group,
            errors=(
                *_MADE,
                "no_such_subteam",
                "paid_teams_only",
                "permission_denied",
                "too_many_linked_channels",
            ),
            differs="Sections of the sidebar (enable_section) and additional_channels do nothing.",
        ),
        "usergroups.users.list": Simulated(list_users, errors=("no_such_subteam", _PLAN)),
        "usergroups.users.update": Simulated(
            update_users,
            errors=(
                "failed_for_some_users",
                "invalid_users",
                "no_such_subteam",
                "no_users_provided",
                "permission_denied",
                _PLAN,
            ),
        ),
    }
)
