"""The incoming webhook by which messages of no user and no known app come into the workspace."""

from __future__ import annotations

from typing import Any

from pack.sandbox.slack.world.objects import App, bot_icons

Json = Any

WEBHOOK = "B0WEBHOOK01"
"""Its bot ID; it has no user."""
_NAME = "incoming-webhook"
_APP = "A0WEBHOOK01"


def webhook_author() -> dict[str, Json]:
    """Return what a message of subtype ``bot_message`` says of it as its sender."""
    return {"bot_id": WEBHOOK, "username": _NAME}


def describe_webhook(app: App) -> dict[str, Json]:
    """Return it as ``bots.info`` does; it is as old as the app."""
    return {
        "id": WEBHOOK,
        "deleted": False,
        "name": _NAME,
        "updated": app.created,
        "app_id": _APP,
        "icons": bot_icons(),
    }
