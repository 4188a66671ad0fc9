"""People and user groups appear and change; what the workspace allows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypedDict, Unpack

from pack.sandbox.slack.client.calling import Calling
from pack.sandbox.slack.client.results import Object, Team, made


class Particulars(TypedDict, total=False):
    """What is known of a person; what is not given stays, or is made from the name."""

    real_name: str
    display_name: str
    first_name: str
    last_name: str
    email: str
    title: str
    phone: str
    pronouns: str
    status_text: str
    status_emoji: str
    status_expiration: int
    huddle_state: Literal["default_unset", "in_a_huddle"]
    tz: str
    locale: str
    role: Literal["member", "admin", "owner", "guest", "single_channel_guest"]


class Preferences(TypedDict, total=False):
    """What the plan and the admins allow; what is not given stays."""

    paid: bool
    create_public_channels: bool
    create_private_channels: bool
    archive_channels: bool
    remove_members: bool
    manage_user_groups: bool
    manage_connections: bool
    canvases: bool
    largest_channel: int


class Users(Calling):
    """``user``: an ID or a name. What is None stays as it is, or is made from the name."""

    async def add_user(
        self, name: str, *, is_bot: bool = False, **particulars: Unpack[Particulars]
    ) -> Object:
        """Have a person, or another bot, appear; return the user object."""
        return await self._object("add-user", {"name": name, "is_bot": is_bot, **particulars}, "user")

    async def change_user(
        self, user: str, *, name: str | None = None, **particulars: Unpack[Particulars]
    ) -> Object:
        """Change a person's profile, status, role or name; return the user object."""
        return await self._object("change-user", {"user": user, "name": name, **particulars}, "user")

    async def deactivate_user(self, user: str) -> Object:
        """Deactivate an account, whose tokens are refused from now on; return the user object."""
        return await self._object("deactivate-user", {"user": user}, "user")

    async def reactivate_user(self, user: str) -> Object:
        """Bring an account back; its old tokens stay refused. Return the user object."""
        return await self._object("reactivate-user", {"user": user}, "user")

    async def set_presence(self, user: str, *, online: bool | None = None, away: bool | None = None) -> str:
        """Say whether a person's client is connected, or the person says to be away; return the presence."""
        fields = {"user": user, "online": online, "away": away}
        return str((await self._do("set-presence", fields))["presence"])

    async def set_quiet_hours(
        self,
        user: str,
        *,
        starts: int | None = None,
        ends: int | None = None,
        snooze_minutes: int | None = None,
    ) -> Object:
        """Set when a person is not to be disturbed: dates in seconds since 1970, or a snooze from now on.

        0 minutes end a snooze. Returns what ``dnd.info`` tells the person.
        """
        fields = {"user": user, "starts": starts, "ends": ends, "snooze_minutes": snooze_minutes}
        return await self._do("set-quiet-hours", fields)

    async def save_user_group(
        self,
        handle: str,
        *,
        name: str | None = None,
        description: str | None = None,
        users: Sequence[str] | None = None,
        channels: Sequence[str] | None = None,
        enabled: bool | None = None,
        by: str | None = None,
    ) -> Object:
        """Make a user group, or change it when it is there; return it."""
        fields = {"handle": handle, "name": name, "description": description, "enabled": enabled, "by": by}
        lists = {"users": users, "channels": channels}
        given = {key: None if value is None else [*value] for key, value in lists.items()}
        return await self._object("save-user-group", {**fields, **given}, "usergroup")

    async def rename_team(self, *, name: str | None = None, domain: str | None = None) -> Team:
        """Give the workspace another name or subdomain."""
        return made(Team, await self._do("rename-team", {"name": name, "domain": domain}))

    async def set_preferences(self, **preferences: Unpack[Preferences]) -> Object:
        """Change what the plan and the admins allow; return all preferences."""
        return await self._object("set-preferences", {**preferences}, "preferences")

    async def _object(self, name: str, fields: Object, key: str) -> Object:
        found: Object = (await self._do(name, fields))[key]
        return found
