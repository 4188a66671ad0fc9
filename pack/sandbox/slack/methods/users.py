"""Describing people, and whether they are there."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pack.sandbox.slack.calls.api import Api, Arguments, Json
from pack.sandbox.slack.calls.declared import Simulated
from pack.sandbox.slack.calls.paging import page_limit, take_page
from pack.sandbox.slack.methods.channels import caller
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.grants import TokenKind
from pack.sandbox.slack.world.objects import Kind, User

EMAIL_SCOPE = "users:read.email"


def describe_user(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``users.info``."""
    user = api.workspace.users.get(arguments["user"])
    if user is None:
        raise Refusal("user_not_found")
    if not sees(api, user):
        raise Refusal("user_not_visible")
    return {"user": described(api, user, locale=bool(arguments.get("include_locale")))}


def list_users(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``users.list``; without a limit everybody is on one page."""
    users = [user for user in api.workspace.users.values() if sees(api, user)]
    limit = page_limit(arguments, refuse=False) if arguments.get("limit") else max(1, len(users))
    page, following = take_page(
        users, "user", lambda user: user.id, cursor=arguments.get("cursor", ""), limit=limit
    )
    locale = bool(arguments.get("include_locale"))
    return {
        "members": [described(api, user, locale=locale) for user in page],
        "cache_ts": api.workspace.seconds(),
        "response_metadata": {"next_cursor": following},
    }


def find_by_email(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``users.lookupByEmail``; who is deactivated is not found."""
    wanted = arguments["email"].strip().lower()
    for user in api.workspace.users.values():
        if user.email and user.email.lower() == wanted and not user.deleted and sees(api, user):
            return {"user": described(api, user)}
    raise Refusal("users_not_found")


def tell_presence(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``users.getPresence``: how it comes about is told to oneself alone."""
    user = api.workspace.users.get(arguments.get("user") or api.user_id)
    if user is None:
        raise Refusal("user_not_found")
    presence = user.presence()
    if user.id != api.user_id:
        return {"presence": presence}
    online = user.online or user.is_bot
    return {
        "presence": presence,
        "online": online,
        "auto_away": not online,
        "manual_away": user.manual_away,
        "connection_count": int(online),
        "last_activity": user.last_activity or user.updated,
    }


def set_presence(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``users.setPresence``."""
    api.workspace.set_presence(api.user_id, away=arguments["presence"] == "away")
    return {}


def set_active(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``users.setActive``: it does nothing any more."""
    api.workspace.set_presence(api.user_id)
    return {}


def tell_identity(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``users.identity``: as much as the identity scopes of the person's token allow."""
    who = caller(api)
    user: dict[str, Json] = {"name": who.real_name, "id": who.id}
    team: dict[str, Json] = {"id": api.app.team_id}
    if _identified(api, "email"):
        user["email"] = who.email
    if _identified(api, "avatar"):
        user |= who.images()
    if _identified(api, "team"):
        team |= {"name": api.app.team_name, "domain": api.app.team_domain}
    return {"user": user, "team": team}


def look_up_contact(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``users.discoverableContacts.lookup``: the workspace belongs to no enterprise."""
    raise Refusal("not_an_enterprise")


def described(api: Api, user: User, *, locale: bool = False) -> dict[str, Json]:
    """Return a user object as far as the token's scopes allow."""
    app_user = any(
        grant.kind is TokenKind.USER and grant.user_id == user.id for grant in api.world.grants.all()
    )
    return user.as_json(email=EMAIL_SCOPE in api.scopes, locale=locale, app_user=app_user)


def sees(api: Api, user: User) -> bool:
    """Say whether the caller may know of a user: guests know those whom they share a conversation with."""
    if user.is_bot or user.id == api.user_id or not caller(api).is_guest:
        return True
    return any(user.id in channel.members for channel in api.visible_channels(Kind))


def _identified(api: Api, what: str) -> bool:
    return not api.scopes.isdisjoint({f"identity.{what}", f"identity:read.{what}", f"identity:{what}"})


METHODS: Mapping[str, Simulated] = MappingProxyType(
    {
        "users.discoverableContacts.lookup": Simulated(
            look_up_contact,
            errors=("not_an_enterprise",),
            differs="There is one workspace, in no enterprise: nothing else is ever answered.",
        ),
        "users.getPresence": Simulated(tell_presence, errors=("user_not_found",)),
        "users.identity": Simulated(tell_identity),
        "users.info": Simulated(describe_user, errors=("user_not_found", "user_not_visible")),
        "users.list": Simulated(list_users, errors=("invalid_cursor",)),
        "users.lookupByEmail": Simulated(find_by_email, errors=("users_not_found",)),
        "users.setActive": Simulated(set_active),
        "users.setPresence": Simulated(set_presence, ("invalid_presence",)),
    }
)
