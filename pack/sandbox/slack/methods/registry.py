"""All methods that the simulator carries out, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pack.sandbox.slack.calls.declared import Simulated
from pack.sandbox.slack.methods import (
    auth,
    bookmarks,
    bots,
    channels,
    chat,
    connect,
    connect_requests,
    conversations,
    directs,
    dnd,
    emoji,
    file_uploads,
    files,
    histories,
    membership,
    pins,
    profiles,
    reactions,
    remote_files,
    team,
    usergroups,
    users,
    views,
)

_FAMILIES = (
    auth,
    bookmarks,
    bots,
    channels,
    chat,
    connect,
    connect_requests,
    conversations,
    directs,
    dnd,
    emoji,
    file_uploads,
    files,
    histories,
    membership,
    pins,
    profiles,
    reactions,
    remote_files,
    team,
    usergroups,
    users,
    views,
)

METHODS: Mapping[str, Simulated] = MappingProxyType(
    {name: declared for family in _FAMILIES for name, declared in family.METHODS.items()}
)
"""By the method's name in the Web API."""
