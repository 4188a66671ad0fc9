"""``users.info``, ``users.list`` and ``users.lookupByEmail``."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pack.sandbox.slack.calls.api import Api, Arguments, Json
from pack.sandbox.slack.calls.declared import Simulated
from pack.sandbox.slack.calls.paging import page_limit, take_page
from pack.sandbox.slack.refusal import Refusal

_EMAIL_SCOPE = "users:read.email"


def describe_user(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``users.info``."""
    user = api.workspace.users.get(arguments["user"])
    if user is None:
        raise Refusal("user_not_found")
    locale = bool(arguments.get("include_locale"))
    return {"user": user.as_json(email=_EMAIL_SCOPE in api.scopes, locale=locale)}


def list_users(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``users.list``; without a limit everybody is on one page."""
    users = list(api.workspace.users.values())
    limit = page_limit(arguments, refuse=False) if arguments.get("limit") else max(1, len(users))
    page, following = take_page(
        users, "user", lambda user: user.id, cursor=arguments.get("cursor", ""), limit=limit
    )
    email, locale = _EMAIL_SCOPE in api.scopes, bool(arguments.get("include_locale"))
    return {
        "members": [user.as_json(email=email, locale=locale) for user in page],
        "cache_ts": api.workspace.seconds(),
        "response_metadata": {"next_cursor": following},
    }


def find_by_email(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``users.lookupByEmail``."""
    wanted = arguments["email"].lower()
    for user in api.workspace.users.values():
        if user.email and user.email.lower() == wanted and not user.deleted:
            return {"user": user.as_json()}
    raise Refusal("users_not_found")


METHODS: Mapping[str, Simulated] = MappingProxyType(
    {
        "users.info": Simulated(describe_user),
        "users.list": Simulated(list_users),
        "users.lookupByEmail": Simulated(find_by_email),
    }
)
