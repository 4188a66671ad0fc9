"""``api.test``, ``auth.*`` and ``apps.connections.open``: tokens, and what they open."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pack.sandbox.slack.calls.api import Api, Arguments, Json
from pack.sandbox.slack.calls.declared import Simulated
from pack.sandbox.slack.calls.paging import page_limit, take_page
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.grants import TokenKind
from pack.sandbox.slack.world.objects import team_icon
from pack.sandbox.slack.world.revocation import revoke_token


def check_calling(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``api.test``: the arguments as they arrived, or the error that was asked for."""
    if arguments.get("error"):
        raise Refusal(str(arguments["error"]), args=arguments)
    return {"args": arguments}


def identify(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``auth.test`` for any kind of token."""
    grant = api.grant
    if grant.kind is TokenKind.APP:
        return {"app_name": api.app.name, "app_id": api.app.app_id}
    answer: dict[str, Json] = {
        "url": api.app.team_url,
        "team": api.app.team_name,
        "user": api.workspace.user(api.user_id).name,
        "team_id": api.app.team_id,
        "user_id": api.user_id,
    }
    if grant.kind is TokenKind.BOT:
        answer["bot_id"] = api.app.bot_id
    if grant.expires_at is not None:
        answer["expires_in"] = api.world.grants.seconds_left(grant)
    return {**answer, "is_enterprise_install": False}


def revoke(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``auth.revoke``: with ``test`` nothing happens."""
    if arguments.get("test"):
        return {"revoked": False}
    return {"revoked": revoke_token(api.world, api.grant)}


def list_teams(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``auth.teams.list``: the one workspace there is."""
    limit = page_limit(arguments, refuse=True)
    team: dict[str, Json] = {"id": api.app.team_id, "name": api.app.team_name}
    if arguments.get("include_icon"):
        team["icon"] = team_icon()
    page, following = take_page(
        [team], "team", lambda one: str(one["id"]), cursor=arguments.get("cursor") or "", limit=limit
    )
    return {"teams": list(page), "response_metadata": {"next_cursor": following}}


def open_connection(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``apps.connections.open`` with a URL that can be connected to once."""
    return api.offer_socket(api.host)


METHODS: Mapping[str, Simulated] = MappingProxyType(
    {
        "api.test": Simulated(check_calling),
        "apps.connections.open": Simulated(open_connection),
        "auth.revoke": Simulated(revoke),
        "auth.teams.list": Simulated(list_teams, ("invalid_cursor", "invalid_limit")),
        "auth.test": Simulated(identify),
    }
)
