"""The types of event that an app can subscribe to, and the scopes for them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import resources
from types import MappingProxyType

_RTM_ONLY = frozenset(
    {
        "accounts_changed",
        "bot_added",
        "bot_changed",
        "channel_joined",
        "channel_marked",
        "commands_changed",
        "external_org_migration_finished",
        "external_org_migration_started",
        "goodbye",
        "group_joined",
        "group_marked",
        "hello",
        "im_marked",
        "manual_presence_change",
        "pref_change",
        "presence_change",
        "presence_query",
        "presence_sub",
        "reconnect_url",
        "team_migration_started",
        "team_plan_change",
        "team_pref_change",
        "team_profile_change",
        "team_profile_delete",
        "team_profile_reorder",
        "user_typing",
    }
)
"""What the reference's list of events has from the RTM API alone."""

_UNLISTED: Mapping[str, tuple[str, ...]] = {
    "channel_archive": ("channels:read",),
    "channel_unarchive": ("channels:read",),
    "group_archive": ("groups:read",),
    "group_unarchive": ("groups:read",),
}
"""What the Events API has and the reference's list lacks (docs.slack.dev/reference/events)."""

_NO_SUBSCRIPTION = frozenset({"app_rate_limited", "url_verification"})
"""What comes without a subscription."""

MESSAGE_KINDS: Mapping[str, str] = MappingProxyType(
    {"channel": "message.channels", "group": "message.groups", "im": "message.im", "mpim": "message.mpim"}
)
"""By an event's ``channel_type``, the subscription for messages of that kind alone."""


def load_event_scopes() -> Mapping[str, tuple[str, ...]]:
    """Read the Events API's types from the reference, each with the scopes of which any one opens it."""
    text = resources.files("pack.sandbox.slack.reference").joinpath("facts.json").read_text(encoding="utf-8")
    listed = {
        # One scope of the list is misspelt: app_mentions.read.
        name: tuple(scope if ":" in scope else scope.replace(".", ":") for scope in scopes)
        for name, scopes in json.loads(text)["events"].items()
        if name not in _RTM_ONLY | _NO_SUBSCRIPTION
    }
    return MappingProxyType({**listed, **_UNLISTED})


EVENT_SCOPES = load_event_scopes()
"""Every type that can be subscribed to, with the scopes of which any one opens it; empty: none is needed."""

EVERYTHING = frozenset(name for name in EVENT_SCOPES if "." not in name)
"""A subscription to all types; ``message`` stands for the four kinds of message."""
