"""Who and what is meant by ``@name`` and ``#name`` in a text."""

from __future__ import annotations

from collections.abc import Sequence

from pack.sandbox.slack.world.usergroups import UserGroup
from pack.sandbox.slack.world.wording import Lookup
from pack.sandbox.slack.world.workspace import Workspace


def find_names(workspace: Workspace, groups: Sequence[UserGroup] = (), *, people: bool) -> Lookup:
    """Return what finds ``#channel``, ``@group`` and, for ``people``, ``@user``; no private channels."""

    def find(name: str) -> str | None:
        bare = name[1:]
        if name[0] == "#":
            return _channel(workspace, bare)
        group = next((group for group in groups if group.handle == bare), None)
        if group is not None:
            return f"<!subteam^{group.id}|@{bare}>"
        user = next((user for user in workspace.users.values() if user.name == bare), None)
        return f"<@{user.id}>" if people and user is not None else None

    return find


def _channel(workspace: Workspace, name: str) -> str | None:
    if not workspace.has_channel(name):
        return None
    channel = workspace.channel(name)
    return None if channel.private else f"<#{channel.id}|{name}>"
