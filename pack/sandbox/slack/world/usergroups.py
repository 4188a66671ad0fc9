"""User groups: people who are mentioned together."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.workspace import Workspace

Json = Any

MOST_CHANNELS = 100
_LONGEST_NAME = 255
_LONGEST_DESCRIPTION = 140
_HANDLE = re.compile(r"[\w\-.]{1,80}\Z")
_RESERVED = frozenset({"channel", "everyone", "group", "here", "slackbot"})
_SCOPE = "usergroups:read"


@dataclass(slots=True)
class UserGroup:
    """Some people under one handle; one that is disabled is kept, and ends with ``date_delete``."""

    id: str
    team_id: str
    name: str
    handle: str
    description: str
    created_by: str
    updated_by: str
    date_create: int
    date_update: int
    users: dict[str, None] = field(default_factory=dict)
    channels: list[str] = field(default_factory=list)
    """The channels that its members are in by default."""
    deleted_by: str | None = None
    date_delete: int = 0

    @property
    def enabled(self) -> bool:
        """Whether it can be mentioned."""
        return not self.date_delete

    def as_json(self, *, users: bool = True, count: bool = True) -> dict[str, Json]:
        """Return the user group object, with its members and their number if wanted."""
        described: dict[str, Json] = {
            "id": self.id,
            "team_id": self.team_id,
            "is_usergroup": True,
            "is_subteam": True,
            "name": self.name,
            "description": self.description,
            "handle": self.handle,
            "is_external": False,
            "date_create": self.date_create,
            "date_update": self.date_update,
            "date_delete": self.date_delete,
            "auto_type": None,
            "auto_provision": False,
            "enterprise_subteam_id": "",
            "created_by": self.created_by,
            "updated_by": self.updated_by,
            "deleted_by": self.deleted_by,
            "prefs": {"channels": list(self.channels), "groups": []},
        }
        if users:
            described["users"] = list(self.users)
        if count:
            described |= {"user_count": len(self.users), "channel_count": len(self.channels)}
        return described


class UserGroups:
    """The workspace's user groups by ID; what happens to them is told to the app."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._groups: dict[str, UserGroup] = {}

    def reset(self) -> None:
        """Forget every group."""
        self._groups.clear()

    def all(self, *, disabled: bool = False) -> list[UserGroup]:
        """Return the groups in the order in which they were made."""
        return [group for group in self._groups.values() if disabled or group.enabled]

    def find(self, reference: str) -> UserGroup:
        """Return a group by ID or handle.

        Raises:
            Refusal: ``no_such_subteam``.
        """
        handle = reference.removeprefix("@")
        found = self._groups.get(reference) or next(
            (group for group in self._groups.values() if group.handle == handle), None
        )
        if found is None:
            raise Refusal("no_such_subteam")
        return found

    def add(
        self,
        name: str,
        by: str,
        *,
        handle: str | None = None,
        description: str = "",
        users: Iterable[str] = (),
        channels: Iterable[str] = (),
    ) -> UserGroup:
        """Make a group; without a handle it is made from the name.

        Raises:
            Refusal: the name, the handle, the description or a channel cannot be, see :meth:`change`.
        """
        made = re.sub(r"[^\w\-.]+", "-", name.strip().lower()).strip("-") if handle is None else handle
        self._check(None, name, made, description)
        now = self._workspace.seconds()
        group = UserGroup(
            id=self._workspace.new_id("S"),
            team_id=self._workspace.app.team_id,
            name=name,
            handle=made,
            description=description,
            created_by=by,
            updated_by=by,
            date_create=now,
            date_update=now,
            channels=self._checked_channels(channels),
        )
        self._groups[group.id] = group
        group.users = dict.fromkeys(users)
        self._let_join(group, group.users)
        self._tell("subteam_created", subteam=group.as_json())
        if self._workspace.app.bot_user_id in group.users:
            self._tell("subteam_self_added", subteam_id=group.id)
        return group

    def change(
        self,
        group: UserGroup,
        by: str,
        *,
        name: str | None = None,
        handle: str | None = None,
        description: str | None = None,
        channels: Iterable[str] | None = None,
    ) -> None:
        """Change what a group is called, its handle, description or channels; None: as it was.

        Raises:
            Refusal: ``missing_subteam_name``, ``name_too_long``, ``name_already_exists``, ``bad_handle``,
                ``forbidden_handle``, ``handle_already_exists``, ``description_too_long``,
                ``invalid_channel_provided``, ``too_many_linked_channels``.
        """
        wanted = (
            group.name if name is None else name,
            group.handle if handle is None else handle,
            group.description if description is None else description,
        )
        self._check(group, *wanted)
        if channels is not None:
            group.channels = self._checked_channels(channels)
        group.name, group.handle, group.description = wanted
        self._touch(group, by)
        self._let_join(group, group.users)
        self._tell("subteam_updated", subteam=group.as_json())

    def enable(self, group: UserGroup, by: str, *, enabled: bool) -> None:
        """Disable a group, or enable it again."""
        group.date_delete = 0 if enabled else self._workspace.seconds()
        group.deleted_by = None if enabled else by
        self._touch(group, by)
        self._tell("subteam_updated", subteam=group.as_json())

    def set_users(self, group: UserGroup, users: Iterable[str], by: str) -> None:
        """Replace a group's members; the new ones join its channels."""
        before, after = dict(group.users), dict.fromkeys(users)
        added = [user for user in after if user not in before]
        removed = [user for user in before if user not in after]
        previous, group.users = group.date_update, after
        self._touch(group, by)
        self._let_join(group, added)
        self._tell("subteam_updated", subteam=group.as_json())
        if not added and not removed:
            return
        changed: dict[str, Json] = {"subteam_id": group.id, "team_id": group.team_id}
        changed |= {"date_previous_update": previous, "date_update": group.date_update}
        for what, members in (("added", added), ("removed", removed)):
            if members:
                changed |= {f"{what}_users": members, f"{what}_users_count": len(members)}
        self._tell("subteam_members_changed", **changed)
        for what, members in (("added", added), ("removed", removed)):
            if self._workspace.app.bot_user_id in members:
                self._tell(f"subteam_self_{what}", subteam_id=group.id)

    def _check(self, group: UserGroup | None, name: str, handle: str, description: str) -> None:
        others = [other for other in self._groups.values() if other is not group]
        if not name.strip():
            raise Refusal("missing_subteam_name")
        if len(name) > _LONGEST_NAME:
            raise Refusal("name_too_long")
        if any(other.name == name for other in others):
            raise Refusal("name_already_exists")
        if handle.lower() in _RESERVED:
            raise Refusal("forbidden_handle")
        if not _HANDLE.match(handle):
            raise Refusal("bad_handle")
        people = self._workspace.users.values()
        taken = {other.handle for other in others} | {user.name for user in people}
        if handle in taken or self._workspace.has_channel(handle):
            raise Refusal("handle_already_exists")
        if len(description) > _LONGEST_DESCRIPTION:
            raise Refusal("description_too_long")

    def _checked_channels(self, channels: Iterable[str]) -> list[str]:
        wanted = list(dict.fromkeys(channels))
        for channel in wanted:
            known = self._workspace.channels.get(channel)
            if known is None or known.kind.direct or known.is_archived:
                raise Refusal("invalid_channel_provided")
        if len(wanted) > MOST_CHANNELS:
            raise Refusal("too_many_linked_channels")
        return wanted

    def _let_join(self, group: UserGroup, users: Iterable[str]) -> None:
        channels = [self._workspace.channels.get(channel) for channel in group.channels]
        for channel in channels:
            if channel is None or channel.is_archived:
                continue
            for user in users:
                if len(channel.members) < self._workspace.preferences.largest_channel:
                    self._workspace.join(channel, user)

    def _touch(self, group: UserGroup, by: str) -> None:
        group.date_update, group.updated_by = self._workspace.seconds(), by

    def _tell(self, kind: str, **subject: Json) -> None:
        self._workspace.tell_bot(kind, _SCOPE, **subject)
