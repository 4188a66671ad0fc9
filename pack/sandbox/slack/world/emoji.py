"""The workspace's own emoji."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.workspace import Workspace

_NAME = re.compile(r"[a-z0-9_\-+']{1,100}\Z")
_ALIAS = "alias:"
_AT_FIRST: Mapping[str, str] = MappingProxyType(
    {
        "bowtie": "https://emoji.slack-edge.com/T0SANDBOX01/bowtie/f3ec6f2bb0.png",
        "squirrel": "https://emoji.slack-edge.com/T0SANDBOX01/squirrel/465f40c0e0.png",
        "shipit": "alias:squirrel",
    }
)


class CustomEmoji:
    """Addresses of images, or ``alias:NAME``, by the emoji's name; who adds one makes an event."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._by_name: dict[str, str] = dict(_AT_FIRST)
        self.changed_ts = workspace.new_ts()
        """When the list was last changed."""

    def all(self) -> dict[str, str]:
        """Return every emoji by its name."""
        return dict(self._by_name)

    def add(self, name: str, value: str) -> None:
        """Add an emoji: the image's address, or ``alias:NAME`` of another.

        Raises:
            Refusal: ``invalid_name``; ``name_taken``; ``emoji_not_found``: there is no such original.
        """
        if not _NAME.match(name):
            raise Refusal("invalid_name")
        if name in self._by_name:
            raise Refusal("name_taken")
        if value.startswith(_ALIAS) and value.removeprefix(_ALIAS) not in self._by_name:
            raise Refusal("emoji_not_found")
        self._by_name[name] = value
        self._tell("add", name=name, value=value)

    def remove(self, name: str) -> None:
        """Remove an emoji, and the aliases of it.

        Raises:
            Refusal: ``emoji_not_found``.
        """
        if name not in self._by_name:
            raise Refusal("emoji_not_found")
        names = [name, *(alias for alias, value in self._by_name.items() if value == f"{_ALIAS}{name}")]
        for gone in names:
            del self._by_name[gone]
        self._tell("remove", names=names)

    def reset(self) -> None:
        """Begin anew with the emoji that every workspace has."""
        self._by_name = dict(_AT_FIRST)
        self.changed_ts = self._workspace.new_ts()

    def _tell(self, subtype: str, **what: object) -> None:
        self.changed_ts = self._workspace.new_ts()
        self._workspace.tell_bot("emoji_changed", "emoji:read", subtype=subtype, **what)
