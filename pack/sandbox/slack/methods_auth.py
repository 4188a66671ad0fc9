"""``api.test``, ``auth.test`` and ``apps.connections.open``."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pack.sandbox.slack.methods import Api, Arguments, Json, Method
from pack.sandbox.slack.refusal import Refusal


def check_calling(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``api.test``: the arguments as they arrived, or the error that was asked for."""
    if arguments.get("error"):
        raise Refusal(str(arguments["error"]), args=arguments)
    return {"args": arguments} if arguments else {}


def identify(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``auth.test`` for the bot's token."""
    return {
        "url": api.app.team_url,
        "team": api.app.team_name,
        "user": api.app.name,
        "team_id": api.app.team_id,
        "user_id": api.app.bot_user_id,
        "bot_id": api.app.bot_id,
        "is_enterprise_install": False,
    }


def identify_app(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``auth.test`` for the app-level token."""
    return {"app_name": api.app.name, "app_id": api.app.app_id}


def open_connection(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``apps.connections.open`` with a URL that can be connected to once."""
    return {"url": api.issue_ticket(api.host)}


METHODS: Mapping[str, Method] = MappingProxyType({"api.test": check_calling, "auth.test": identify})
APP_METHODS: Mapping[str, Method] = MappingProxyType(
    {"api.test": check_calling, "auth.test": identify_app, "apps.connections.open": open_connection}
)
"""What the app-level token can call; everything else wants the bot's."""
