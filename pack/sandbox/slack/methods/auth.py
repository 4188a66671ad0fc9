"""``api.test``, ``auth.test`` and ``apps.connections.open``."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pack.sandbox.slack.calls.api import Api, Arguments, Json
from pack.sandbox.slack.calls.declared import Simulated
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.grants import TokenKind


def check_calling(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``api.test``: the arguments as they arrived, or the error that was asked for."""
    if arguments.get("error"):
        raise Refusal(str(arguments["error"]), args=arguments)
    return {"args": arguments} if arguments else {}


def identify(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``auth.test`` for any kind of token."""
    if api.grant.kind is TokenKind.APP:
        return {"app_name": api.app.name, "app_id": api.app.app_id}
    answer: dict[str, Json] = {
        "url": api.app.team_url,
        "team": api.app.team_name,
        "user": api.workspace.user(api.user_id).name,
        "team_id": api.app.team_id,
        "user_id": api.user_id,
    }
    if api.grant.kind is TokenKind.BOT:
        answer["bot_id"] = api.app.bot_id
    return {**answer, "is_enterprise_install": False}


def open_connection(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``apps.connections.open`` with a URL that can be connected to once."""
    return api.offer_socket(api.host)


METHODS: Mapping[str, Simulated] = MappingProxyType(
    {
        "api.test": Simulated(check_calling),
        "apps.connections.open": Simulated(open_connection),
        "auth.test": Simulated(identify),
    }
)
