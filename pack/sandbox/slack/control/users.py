"""Control actions by which people and user groups appear and change, and what the workspace allows."""

from __future__ import annotations

import dataclasses
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator

from pack.sandbox.slack.control.actions import Body, ControlAction, Json, Simulation
from pack.sandbox.slack.world.grants import TokenKind
from pack.sandbox.slack.world.preferences import Preferences

_GUESTS: dict[str, dict[str, bool]] = {
    "member": {"is_admin": False, "is_owner": False, "is_restricted": False, "is_ultra_restricted": False},
    "admin": {"is_admin": True, "is_owner": False, "is_restricted": False, "is_ultra_restricted": False},
    "owner": {"is_admin": True, "is_owner": True, "is_restricted": False, "is_ultra_restricted": False},
    "guest": {"is_admin": False, "is_owner": False, "is_restricted": True, "is_ultra_restricted": False},
    "single_channel_guest": {
        "is_admin": False,
        "is_owner": False,
        "is_restricted": True,
        "is_ultra_restricted": True,
    },
}
Role = Literal["member", "admin", "owner", "guest", "single_channel_guest"]


class Particulars(Body):
    """What is known of a person; None: it stays, or is made from the name."""

    real_name: str | None = None
    display_name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    title: str | None = None
    phone: str | None = None
    pronouns: str | None = None
    status_text: str | None = Field(default=None, max_length=100)
    status_emoji: str | None = None
    status_expiration: int | None = Field(default=None, ge=0)
    huddle_state: Literal["default_unset", "in_a_huddle"] | None = None
    tz: str | None = None
    locale: str | None = None
    role: Role | None = None

    @field_validator("tz")
    @classmethod
    def _zone(cls, name: str | None) -> str | None:
        if name is not None:
            try:
                ZoneInfo(name)
            except (OSError, ValueError, LookupError) as error:
                raise ValueError(f"there is no time zone {name!r}") from error
        return name

    def changes(self) -> dict[str, Json]:
        """Return the fields of the user that were given."""
        given = self.model_dump(exclude_none=True, exclude={"user", "name", "role", "is_bot"})
        return given | (_GUESTS[self.role] if self.role else {})


class NewUser(Particulars):
    """A person, or another bot."""

    name: str = Field(pattern=r"^[\w.\-]{1,80}$")
    is_bot: bool = False


class ChangedUser(Particulars):
    """A person by ID or name, and what changes; ``name``: the new one."""

    user: str
    name: str | None = Field(default=None, pattern=r"^[\w.\-]{1,80}$")


class OneUser(Body):
    """A person by ID or name."""

    user: str


class Presence(OneUser):
    """Whether a person's client is connected, and whether the person says to be away; None: as it was."""

    online: bool | None = None
    away: bool | None = None


class Quiet(OneUser):
    """When a person is not to be disturbed: dates in seconds since 1970, or a snooze from now on."""

    starts: int | None = Field(default=None, ge=0)
    ends: int | None = Field(default=None, ge=0)
    snooze_minutes: int | None = Field(default=None, ge=0)
    """0 ends a snooze."""


class Group(Body):
    """A user group: by ``handle`` it is made, or changed when it is there. None: it stays."""

    handle: str
    name: str | None = None
    description: str | None = None
    users: list[str] | None = None
    channels: list[str] | None = None
    enabled: bool | None = None
    by: str | None = None


class Team(Body):
    """The workspace's new name or subdomain; None: as it was."""

    name: str | None = Field(default=None, min_length=1)
    domain: str | None = Field(default=None, pattern=r"^[a-z0-9\-]{1,63}$")


class Allowed(Body):
    """What the plan and the admins allow; None: as it was."""

    paid: bool | None = None
    create_public_channels: bool | None = None
    create_private_channels: bool | None = None
    archive_channels: bool | None = None
    remove_members: bool | None = None
    manage_user_groups: bool | None = None
    manage_connections: bool | None = None
    canvases: bool | None = None
    largest_channel: int | None = Field(default=None, ge=1)


def add_user(simulation: Simulation, body: NewUser) -> dict[str, Json]:
    """Add a person or a bot; returns the user object."""
    workspace = simulation.world.workspace
    if any(user.name == body.name for user in workspace.users.values()):
        raise ValueError(f"there is a user named {body.name} already: change-user changes it")
    user = workspace.add_user(body.name, is_bot=body.is_bot, **body.changes())
    return {"user": user.as_json()}


def change_user(simulation: Simulation, body: ChangedUser) -> dict[str, Json]:
    """Change a person; returns the user object."""
    changes = body.changes() | ({"name": body.name} if body.name else {})
    return {"user": simulation.world.workspace.change_user(body.user, **changes).as_json()}


def deactivate_user(simulation: Simulation, body: OneUser) -> dict[str, Json]:
    """Deactivate an account; its tokens are refused as ``account_inactive``."""
    user = simulation.world.workspace.deactivate(body.user)
    for grant in simulation.world.grants.all():
        if grant.kind is TokenKind.USER and grant.user_id == user.id and not grant.refusal:
            grant.refusal = "account_inactive"
    return {"user": user.as_json()}


def reactivate_user(simulation: Simulation, body: OneUser) -> dict[str, Json]:
    """Bring an account back; its old tokens stay refused."""
    return {"user": simulation.world.workspace.reactivate(body.user).as_json()}


def set_presence(simulation: Simulation, body: Presence) -> dict[str, Json]:
    """Say whether a person is there; returns ``presence``."""
    user = simulation.world.workspace.set_presence(body.user, online=body.online, away=body.away)
    return {"presence": user.presence()}


def set_quiet_hours(simulation: Simulation, body: Quiet) -> dict[str, Json]:
    """Set a person's quiet hours or snooze; returns what ``dnd.info`` tells the person."""
    user = simulation.world.workspace.user(body.user).id
    quiet_hours = simulation.world.quiet_hours
    if (body.starts is None) != (body.ends is None):
        raise ValueError("quiet hours need both starts and ends")
    if body.starts is not None and body.ends is not None:
        quiet_hours.plan(user, body.starts, body.ends)
    if body.snooze_minutes:
        quiet_hours.snooze(user, body.snooze_minutes)
    elif body.snooze_minutes == 0:
        quiet_hours.end_snooze(user)
    return quiet_hours.as_json(user, own=True)


def save_user_group(simulation: Simulation, body: Group) -> dict[str, Json]:
    """Make or change a user group; returns it."""
    workspace, groups = simulation.world.workspace, simulation.world.usergroups
    by = (workspace.user(body.by) if body.by else workspace.people()[0]).id
    users = None if body.users is None else [workspace.user(user).id for user in body.users]
    channels = None if body.channels is None else [workspace.channel(name).id for name in body.channels]
    handle = body.handle.removeprefix("@")
    group = next((one for one in groups.all(disabled=True) if handle in (one.id, one.handle)), None)
    if group is None:
        group = groups.add(
            body.name or handle,
            by,
            handle=handle,
            description=body.description or "",
            users=users or (),
            channels=channels or (),
        )
    else:
        if (body.name, body.description, channels) != (None, None, None):
            groups.change(group, by, name=body.name, description=body.description, channels=channels)
        if users is not None:
            groups.set_users(group, users, by)
    if body.enabled is not None and body.enabled != group.enabled:
        groups.enable(group, by, enabled=body.enabled)
    return {"usergroup": group.as_json()}


def rename_team(simulation: Simulation, body: Team) -> dict[str, Json]:
    """Give the workspace another name or subdomain."""
    simulation.world.workspace.rename_team(body.name, body.domain)
    app = simulation.world.app
    return {"name": app.team_name, "domain": app.team_domain}


def set_preferences(simulation: Simulation, body: Allowed) -> dict[str, Json]:
    """Change what is allowed; returns all preferences."""
    preferences: Preferences = simulation.world.workspace.preferences
    for name, value in body.model_dump(exclude_none=True).items():
        setattr(preferences, name, value)
    return {"preferences": dataclasses.asdict(preferences)}


ACTIONS = (
    ControlAction("add-user", NewUser, add_user, "Have a person, or another bot, appear."),
    ControlAction("change-user", ChangedUser, change_user, "Change a person's profile, status or role."),
    ControlAction("deactivate-user", OneUser, deactivate_user, "Deactivate an account."),
    ControlAction("reactivate-user", OneUser, reactivate_user, "Bring a deactivated account back."),
    ControlAction("set-presence", Presence, set_presence, "Say whether a person is there."),
    ControlAction("set-quiet-hours", Quiet, set_quiet_hours, "Set when a person is not to be disturbed."),
    ControlAction("save-user-group", Group, save_user_group, "Make or change a user group."),
    ControlAction("rename-team", Team, rename_team, "Give the workspace another name or subdomain."),
    ControlAction("set-preferences", Allowed, set_preferences, "Change what plan and admins allow."),
)
