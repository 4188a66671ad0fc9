"""All methods that the simulator carries out, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pack.sandbox.slack.calls.declared import Simulated
from pack.sandbox.slack.methods import (
    auth,
    channels,
    chat,
    conversations,
    emoji,
    membership,
    reactions,
    team,
    users,
)

_FAMILIES = (auth, channels, chat, conversations, emoji, membership, reactions, team, users)

METHODS: Mapping[str, Simulated] = MappingProxyType(
    {name: declared for family in _FAMILIES for name, declared in family.METHODS.items()}
)
"""By the method's name in the Web API."""
