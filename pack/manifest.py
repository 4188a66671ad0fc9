"""The Slack app's manifest: what to paste at “Create an app from a manifest”.

Derived from what commands and events declare (https://docs.slack.dev/reference/app-manifest).
"""

from __future__ import annotations

from typing import Any

from pack.commands.catalogue import bot_scopes
from pack.contracts.events import MEMBERSHIP_SUBSCRIPTIONS, OBSERVED_EVENTS


def bot_events() -> list[str]:
    """Return every event of Slack's that the app subscribes to, sorted."""
    observed = {name for event in OBSERVED_EVENTS for name in event.subscriptions}
    return sorted(observed | set(MEMBERSHIP_SUBSCRIPTIONS))


def app_manifest(*, name: str = "Flyte", request_url: str | None = None) -> dict[str, Any]:
    """Return the manifest of an app that can do all that the pack does.

    ``request_url``: where Slack reaches the pack's port for signed requests; None: Socket Mode.
    """
    subscriptions: dict[str, Any] = {"bot_events": bot_events()}
    if request_url:
        subscriptions["request_url"] = request_url
    return {
        "display_information": {
            "name": name,
            "description": "Runs flows from Slack, and tells of them there.",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": False,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": name.lower().replace(" ", "-"), "always_online": True},
        },
        "oauth_config": {"scopes": {"bot": list(bot_scopes())}},
        "settings": {
            "event_subscriptions": subscriptions,
            "org_deploy_enabled": False,
            "socket_mode_enabled": request_url is None,
            "token_rotation_enabled": False,
        },
    }
