"""People change: their profile, status, role and presence; and the workspace its name."""

from __future__ import annotations

from typing import Any

from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.directory import Directory
from pack.sandbox.slack.world.objects import Kind, User

Json = Any

STATUS = frozenset({"status_text", "status_emoji", "status_expiration"})
HUDDLE = frozenset({"huddle_state", "huddle_ends"})
PROFILE = (
    frozenset(
        {
            "real_name",
            "display_name",
            "email",
            "title",
            "first_name",
            "last_name",
            "phone",
            "skype",
            "pronouns",
            "start_date",
            "custom_fields",
            "photo",
        }
    )
    | STATUS
    | HUDDLE
)
"""The fields of a user that are part of the profile."""
ACCOUNT = frozenset(
    {
        "name",
        "tz",
        "locale",
        "has_2fa",
        "is_admin",
        "is_owner",
        "is_primary_owner",
        "is_restricted",
        "is_ultra_restricted",
    }
)
"""The fields of a user that are part of the account."""


class Population(Directory):
    """A workspace whose people change."""

    def change_user(self, user: str | User, **changes: Json) -> User:
        """Change fields of :data:`PROFILE` and :data:`ACCOUNT`; told as one ``user_change`` and its kinds.

        A new ``real_name`` brings first and last name with it, a new first or last name the ``real_name``.

        Raises:
            Refusal: ``user_not_found``, ``name_taken``.
            ValueError: there is no such field.
        """
        who = self.user(user)
        unknown = changes.keys() - PROFILE - ACCOUNT
        if unknown:
            raise ValueError(f"a user has no {', '.join(sorted(unknown))}")
        name = changes.get("name", who.name)
        if any(other.name == name for other in self.users.values() if other is not who):
            raise Refusal("name_taken")
        changes = _with_names(who, changes)
        changed = {field for field, value in changes.items() if getattr(who, field) != value}
        for field in changed:
            setattr(who, field, changes[field])
        if changed:
            self._tell_of_change(who, changed)
        return who

    def deactivate(self, user: str | User) -> User:
        """Deactivate an account: it is in no channel any more, its direct messages stay."""
        who = self.user(user)
        if not who.deleted:
            who.deleted, who.online = True, False
            for channel in self.channels.values():
                if channel.kind is not Kind.DIRECT:
                    channel.members.pop(who.id, None)
            self._tell_of_change(who, set())
        return who

    def reactivate(self, user: str | User) -> User:
        """Bring an account back; the channels that it was in are not given back."""
        who = self.user(user)
        if who.deleted:
            who.deleted, who.online = False, not who.is_bot
            self._tell_of_change(who, set())
        return who

    def set_presence(self, user: str | User, *, online: bool | None = None, away: bool | None = None) -> User:
        """Connect or disconnect a person's client, or have the person say to be away; None: as it was."""
        who = self.user(user)
        if online is not None:
            who.online = online
        if away is not None:
            who.manual_away = away
        who.last_activity = self.seconds()
        return who

    def rename_team(self, name: str | None = None, domain: str | None = None) -> None:
        """Give the workspace another name or subdomain."""
        if name is not None and name != self.app.team_name:
            self.app.team_name = name
            self.tell_bot("team_rename", "team:read", name=name, team_id=self.app.team_id)
        if domain is not None and domain != self.app.team_domain:
            self.app.team_domain = domain
            told = {"url": self.app.team_url.removesuffix("/"), "domain": domain}
            self.tell_bot("team_domain_change", "team:read", **told, team_id=self.app.team_id)

    def _tell_of_change(self, user: User, changed: set[str]) -> None:
        user.updated = self.seconds()
        kinds = ["user_change"]
        if changed & PROFILE:
            kinds.append("user_profile_changed")
        if changed & STATUS:
            kinds.append("user_status_changed")
        if changed & HUDDLE:
            kinds.append("user_huddle_changed")
        for kind in kinds:
            self.tell_of_user(kind, user)


def _with_names(user: User, changes: dict[str, Json]) -> dict[str, Json]:
    if "real_name" in changes:
        first, _, last = str(changes["real_name"]).partition(" ")
        return {"first_name": first, "last_name": last, **changes}
    if "first_name" in changes or "last_name" in changes:
        first = changes.get("first_name", user.first_name)
        last = changes.get("last_name", user.last_name)
        return {**changes, "real_name": f"{first} {last}".strip()}
    return changes
