"""Do not disturb: asked for by anybody, set by people."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pack.sandbox.slack.calls.api import Api, Arguments, Json
from pack.sandbox.slack.calls.declared import Simulated
from pack.sandbox.slack.methods.membership import listed
from pack.sandbox.slack.refusal import Refusal


def describe_own(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``dnd.info``, by default for who calls."""
    user = arguments.get("user") or api.user_id
    if user not in api.workspace.users:
        raise Refusal("user_not_found")
    return api.world.quiet_hours.as_json(user, own=user == api.user_id)


def describe_several(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``dnd.teamInfo``; who does not exist is left out."""
    users = listed(arguments["users"])
    if not users:
        raise Refusal("no_users_provided")
    known = [user for user in users if user in api.workspace.users]
    return {"users": {user: api.world.quiet_hours.as_json(user) for user in known}}


def set_snooze(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``dnd.setSnooze``."""
    text = arguments["num_minutes"].strip()
    if not text:
        raise Refusal("missing_duration")
    if not text.isascii() or not text.isdigit():
        raise Refusal("snooze_failed")
    api.world.quiet_hours.snooze(api.user_id, int(text[:12]))
    return api.world.quiet_hours.snooze_as_json(api.user_id)


def end_snooze(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``dnd.endSnooze``."""
    api.world.quiet_hours.end_snooze(api.user_id)
    return api.world.quiet_hours.as_json(api.user_id, own=True)


def end_quiet_hours(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``dnd.endDnd``."""
    api.world.quiet_hours.end(api.user_id)
    return {}


METHODS: Mapping[str, Simulated] = MappingProxyType(
    {
        "dnd.endDnd": Simulated(end_quiet_hours, errors=("not_in_dnd",)),
        "dnd.endSnooze": Simulated(end_snooze, errors=("snooze_end_failed",)),
        "dnd.info": Simulated(
            describe_own,
            errors=("user_not_found",),
            differs="Quiet hours are those that were set once; they do not return every day.",
        ),
        "dnd.setSnooze": Simulated(set_snooze, errors=("missing_duration", "snooze_failed", "too_long")),
        "dnd.teamInfo": Simulated(describe_several, errors=("no_users_provided",)),
    }
)
