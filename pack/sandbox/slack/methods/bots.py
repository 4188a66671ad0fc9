"""Describing bots."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pack.sandbox.slack.calls.api import Api, Arguments, Json
from pack.sandbox.slack.calls.declared import Simulated
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.objects import bot_icons
from pack.sandbox.slack.world.webhook import WEBHOOK, describe_webhook


def describe_bot(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``bots.info``: a bot by its own ID (``B…``), not by that of its user."""
    team = arguments.get("team_id")
    if team and team != api.app.team_id:
        raise Refusal("team_not_found")
    wanted = arguments.get("bot")
    if wanted == WEBHOOK:
        return {"bot": describe_webhook(api.app)}
    for user in api.workspace.users.values():
        if user.is_bot and user.bot_id == wanted:
            bot = {
                "id": user.bot_id,
                "deleted": user.deleted,
                "name": user.name,
                "updated": user.updated,
                "app_id": user.app_id,
                "user_id": user.id,
                "icons": bot_icons(),
            }
            return {"bot": bot}
    raise Refusal("bot_not_found")


METHODS: Mapping[str, Simulated] = MappingProxyType(
    {"bots.info": Simulated(describe_bot, errors=("bot_not_found", "team_not_found"))}
)
