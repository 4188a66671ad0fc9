"""``team.info``: the workspace itself."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pack.sandbox.slack.calls.api import Api, Arguments, Json
from pack.sandbox.slack.calls.declared import Simulated
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.objects import team_icon


def describe_team(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``team.info``: by ``team``, else by ``domain``, else the caller's own workspace."""
    app = api.app
    team, domain = arguments.get("team"), arguments.get("domain")
    if (team or app.team_id) != app.team_id or (not team and (domain or app.team_domain) != app.team_domain):
        raise Refusal("team_not_found")
    described = {
        "id": app.team_id,
        "name": app.team_name,
        "url": app.team_url,
        "domain": app.team_domain,
        "email_domain": "",
        "icon": team_icon(),
        "avatar_base_url": "https://ca.slack-edge.com/",
        "is_verified": False,
    }
    return {"team": described}


METHODS: Mapping[str, Simulated] = MappingProxyType(
    {"team.info": Simulated(describe_team, ("team_not_found",))}
)
