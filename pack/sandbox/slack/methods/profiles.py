"""People's profiles: read by apps, changed with people's tokens."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from types import MappingProxyType

from pack.sandbox.slack.calls.api import Api, Arguments, Json
from pack.sandbox.slack.calls.declared import Simulated
from pack.sandbox.slack.methods.channels import caller
from pack.sandbox.slack.methods.users import EMAIL_SCOPE, sees
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.objects import User

_TEXTS = (
    "display_name",
    "email",
    "first_name",
    "last_name",
    "phone",
    "pronouns",
    "real_name",
    "skype",
    "start_date",
    "status_emoji",
    "status_text",
    "title",
)
_NAMES = ("display_name", "first_name", "last_name", "real_name")
_RESERVED = frozenset({"channel", "everyone", "here", "slackbot"})
_LONGEST_STATUS = 100
_USUAL_EMOJI = ":speech_balloon:"
_LINK = re.compile(r"https?://|www\.", re.IGNORECASE)
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"\xff\xd8\xff")


def tell_profile(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``users.profile.get``, by default for who calls."""
    user = api.workspace.users.get(arguments.get("user") or api.user_id)
    if user is None or not sees(api, user):
        raise Refusal("user_not_found")
    profile = _shown(api, user)
    if arguments.get("include_labels"):
        for name, content in profile["fields"].items():
            content["label"] = name
    return {"profile": profile}


def change_profile(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``users.profile.set``: several fields as ``profile``, or one as ``name`` and ``value``."""
    who = caller(api)
    user = api.workspace.users.get(arguments.get("user") or api.user_id)
    if user is None:
        raise Refusal("profile_set_failed")
    _refuse_others(who, user)
    changes = _read(user, _given(arguments))
    _refuse_names(changes)
    if changes.get("email", user.email) != user.email:
        _refuse_email(api, who, str(changes["email"]))
    _refuse_status(user, changes)
    if changes.get("status_text") and not changes.get("status_emoji", user.status_emoji):
        changes["status_emoji"] = _USUAL_EMOJI
    api.workspace.change_user(user, **changes)
    return {"username": user.name, "profile": _shown(api, user)}


def set_photo(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``users.setPhoto``."""
    image = arguments.get("image")
    if not isinstance(image, bytes) or not image.startswith(_PICTURES):
        raise Refusal("bad_image")
    user = api.workspace.change_user(api.user_id, photo=hashlib.sha256(image).hexdigest())
    return {"profile": {"avatar_hash": user.photo[:12], **user.images()}}


def delete_photo(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``users.deletePhoto``."""
    api.workspace.change_user(api.user_id, photo="")
    return {}


def _shown(api: Api, user: User) -> dict[str, Json]:
    return user.profile_as_json(email=EMAIL_SCOPE in api.scopes or user.id == api.user_id, alone=True)


def _refuse_others(who: User, user: User) -> None:
    if user is who:
        return
    if not who.may_administer:
        raise Refusal("not_app_admin" if user.is_bot else "not_admin")
    if user.may_administer and not who.is_primary_owner:
        raise Refusal("cannot_update_admin_user")


def _given(arguments: Arguments) -> dict[str, Json]:
    profile = arguments.get("profile")
    if profile is None and arguments.get("name"):
        return {arguments["name"]: arguments.get("value") or ""}
    if isinstance(profile, str):
        try:
            profile = json.loads(profile)
        except (ValueError, RecursionError) as error:
            raise Refusal("invalid_profile") from error
    if not isinstance(profile, dict) or not profile:
        raise Refusal("invalid_profile")
    return profile


def _read(user: User, given: Mapping[str, Json]) -> dict[str, Json]:
    """Return the changes to a user; what is no field of a profile is ignored, as Slack does."""
    changes: dict[str, Json] = {}
    for name in _TEXTS:
        if name in given:
            value = "" if given[name] is None else given[name]
            if not isinstance(value, str):
                raise Refusal("invalid_profile")
            changes[name] = value
    if "status_expiration" in given:
        changes["status_expiration"] = _seconds(given["status_expiration"])
    if "fields" in given:
        changes["custom_fields"] = {**user.custom_fields, **_custom_fields(given["fields"])}
    return changes


def _seconds(value: Json) -> int:
    try:
        return max(0, int(value))
    except (TypeError, ValueError, OverflowError) as error:
        raise Refusal("invalid_profile") from error


def _custom_fields(given: Json) -> dict[str, dict[str, str]]:
    if not isinstance(given, dict):
        raise Refusal("invalid_profile")
    fields: dict[str, dict[str, str]] = {}
    for name, content in given.items():
        content = content if isinstance(content, dict) else {"value": content}
        fields[str(name)] = {"value": str(content.get("value") or ""), "alt": str(content.get("alt") or "")}
    return fields


def _refuse_names(changes: Mapping[str, Json]) -> None:
    for name in _NAMES:
        value = str(changes.get(name, ""))
        if value.startswith("@"):
            raise Refusal("invalid_starts_with_at")
        if _LINK.search(value):
            raise Refusal("name_not_allowed")
        if value.strip().lower() in _RESERVED:
            raise Refusal("reserved_name")


def _refuse_email(api: Api, who: User, email: str) -> None:
    if not who.may_administer:
        raise Refusal("not_admin")
    if any(other.email.lower() == email.lower() for other in api.workspace.users.values() if other.email):
        raise Refusal("email_taken")


def _refuse_status(user: User, changes: Mapping[str, Json]) -> None:
    if len(str(changes.get("status_text", ""))) > _LONGEST_STATUS:
        raise Refusal("too_long")
    for cleared, other in (("status_text", "status_emoji"), ("status_emoji", "status_text")):
        if changes.get(cleared) == "" and other not in changes and getattr(user, other):
            raise Refusal("must_clear_both_status_text_and_status_emoji")


METHODS: Mapping[str, Simulated] = MappingProxyType(
    {
        "users.deletePhoto": Simulated(delete_photo),
        "users.profile.get": Simulated(
            tell_profile,
            errors=("user_not_found",),
            differs="The workspace's own fields have no definition: the label of each is its ID.",
        ),
        "users.profile.set": Simulated(
            change_profile,
            errors=(
                "cannot_update_admin_user",
                "email_taken",
                "invalid_profile",
                "invalid_starts_with_at",
                "must_clear_both_status_text_and_status_emoji",
                "name_not_allowed",
                "not_admin",
                "not_app_admin",
                "profile_set_failed",
                "reserved_name",
                "too_long",
            ),
            differs="A status does not end by itself when its status_expiration has come.",
        ),
        "users.setPhoto": Simulated(
            set_photo,
            errors=("bad_image",),
            differs="The picture has to be a PNG, GIF or JPEG; it is not looked at, cut or handed out.",
        ),
    }
)
