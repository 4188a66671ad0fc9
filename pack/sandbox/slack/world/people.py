"""People and bots of the simulated workspace, and how they look on the wire."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

Json = Any

IMAGE_SIZES = (24, 32, 48, 72, 192, 512)
_COLORS = ("9f69e7", "4bbe2e", "e7392d", "3c989f", "674b1b", "e96699", "e0a729", "684b6c")
_ROLES = ("is_admin", "is_owner", "is_primary_owner", "is_restricted", "is_ultra_restricted")
_UTC_LABEL = "Coordinated Universal Time"


@dataclass(slots=True)
class User:
    """A person or a bot of the workspace."""

    id: str
    name: str
    team_id: str
    real_name: str = ""
    display_name: str = ""
    email: str = ""
    title: str = ""
    first_name: str = ""
    last_name: str = ""
    is_bot: bool = False
    bot_id: str = ""
    app_id: str = ""
    deleted: bool = False
    tz: str = "Etc/UTC"
    updated: int = 0
    locale: str = "en-US"
    phone: str = ""
    skype: str = ""
    pronouns: str = ""
    start_date: str = ""
    status_text: str = ""
    status_emoji: str = ""
    status_expiration: int = 0
    """When the status ends, in seconds since 1970; 0: never."""
    huddle_state: str = "default_unset"
    huddle_ends: int = 0
    custom_fields: dict[str, dict[str, str]] = field(default_factory=dict)
    """The workspace's own profile fields by ID: ``{"Xf0…": {"value": …, "alt": …}}``."""
    photo: str = ""
    """The digest of the person's own picture; empty: one drawn from the address."""
    is_admin: bool = False
    is_owner: bool = False
    is_primary_owner: bool = False
    is_restricted: bool = False
    """A guest of several channels."""
    is_ultra_restricted: bool = False
    """A guest of one channel."""
    has_2fa: bool = False
    online: bool = False
    """Whether a client of the person is connected."""
    manual_away: bool = False
    last_activity: int = 0

    @property
    def is_guest(self) -> bool:
        """Whether it sees nothing but the channels it is in."""
        return self.is_restricted or self.is_ultra_restricted

    @property
    def may_administer(self) -> bool:
        """Whether what is kept to admins is open to it."""
        return self.is_admin or self.is_owner or self.is_primary_owner

    def as_json(self, *, email: bool = True, locale: bool = False, app_user: bool = False) -> dict[str, Json]:
        """Return the user object of ``users.info``; the address only with ``users:read.email``.

        ``app_user``: whether the person has granted the calling app a token. Who is deactivated has neither
        a colour, nor a time zone, nor a role.
        """
        user: dict[str, Json] = {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.name,
            "deleted": self.deleted,
        }
        if not self.deleted:
            user |= {
                "color": _COLORS[int(_digest(self.id)[:4], 16) % len(_COLORS)],
                "real_name": self.real_name,
                **self._time_zone(),
            }
        user["profile"] = self.profile_as_json(email=email)
        if not self.deleted:
            user |= {role: getattr(self, role) for role in _ROLES}
        user |= {
            "is_bot": self.is_bot,
            "is_app_user": app_user,
            "updated": self.updated,
            "is_email_confirmed": bool(self.email),
            "who_can_share_contact_card": "EVERYONE",
        }
        if not self.is_bot and not self.deleted:
            user["has_2fa"] = self.has_2fa
        if locale:
            user["locale"] = self.locale
        return user

    def profile_as_json(self, *, email: bool = True, alone: bool = False) -> dict[str, Json]:
        """Return the profile; ``alone``: as ``users.profile.get`` shows it, with custom fields."""
        profile: dict[str, Json] = {
            "title": self.title,
            "phone": self.phone,
            "skype": self.skype,
            "real_name": self.real_name,
            "real_name_normalized": self.real_name,
            "display_name": self.display_name,
            "display_name_normalized": self.display_name,
            "status_text": self.status_text,
            "status_emoji": self.status_emoji,
            "status_emoji_display_info": [],
            "status_expiration": self.status_expiration,
            "status_text_canonical": "",
            "avatar_hash": self._avatar(),
            "huddle_state": self.huddle_state,
            "huddle_state_expiration_ts": self.huddle_ends,
            "first_name": self.first_name,
            "last_name": self.last_name,
            **self.images(),
        }
        profile |= {name: value for name in ("pronouns", "start_date") if (value := getattr(self, name))}
        if alone:
            profile["fields"] = {id: dict(content) for id, content in self.custom_fields.items()}
        else:
            profile["team"] = self.team_id
        if self.is_bot:
            profile |= {"bot_id": self.bot_id, "api_app_id": self.app_id, "always_active": False}
        elif email and self.email:
            profile["email"] = self.email
        return profile

    def images(self) -> dict[str, Json]:
        """Return the addresses of the picture in its sizes, as Slack words them; nothing answers there."""
        if self.photo:
            base = f"https://avatars.slack-edge.com/{self.photo[:12]}_{self.photo[12:32]}"
            sizes = {f"image_{size}": f"{base}_{size}.png" for size in (*IMAGE_SIZES, 1024)}
            return {"image_original": f"{base}_original.png", "is_custom_image": True, **sizes}
        base = f"https://secure.gravatar.com/avatar/{_digest(self.email or self.id)}.jpg"
        return {f"image_{size}": f"{base}?s={size}&d=identicon" for size in IMAGE_SIZES}

    def presence(self) -> str:
        """Return ``active`` or ``away``; a bot is there unless it says that it is away."""
        return "active" if (self.online or self.is_bot) and not self.manual_away else "away"

    def _avatar(self) -> str:
        return self.photo[:12] if self.photo else "g" + _digest(self.email or self.id)[:11]

    def _time_zone(self) -> dict[str, Json]:
        if self.tz == "Etc/UTC":
            return {"tz": self.tz, "tz_label": _UTC_LABEL, "tz_offset": 0}
        then = datetime.fromtimestamp(self.updated, ZoneInfo(self.tz))
        offset = then.utcoffset()
        seconds = int(offset.total_seconds()) if offset is not None else 0
        return {"tz": self.tz, "tz_label": then.tzname() or self.tz, "tz_offset": seconds}


def _digest(text: str) -> str:
    return hashlib.sha256(text.strip().lower().encode()).hexdigest()[:32]
