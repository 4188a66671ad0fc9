"""``views.open``, ``views.push``, ``views.update`` and ``views.publish``."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pack.sandbox.slack.calls.api import Api, Arguments, Json
from pack.sandbox.slack.calls.declared import Simulated
from pack.sandbox.slack.refusal import Refusal


def open_view(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``views.open``."""
    return {"view": api.interactions.opener.open(_trigger(arguments), arguments["view"])}


def push_view(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``views.push``."""
    return {"view": api.interactions.opener.push(_trigger(arguments), arguments["view"])}


def update_view(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``views.update``: the view is named by ``view_id`` or ``external_id``."""
    view_id, external_id = arguments.get("view_id") or "", arguments.get("external_id") or ""
    if not view_id and not external_id:
        raise _missing("view_id")
    view = api.interactions.opener.update(
        arguments["view"],
        view_id=view_id,
        external_id=external_id,
        hash_given=arguments.get("hash") or "",
    )
    return {"view": view}


def publish_view(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``views.publish``: a person's home tab."""
    person = api.workspace.users.get(arguments["user_id"])
    if person is None or person.is_bot:
        raise Refusal("invalid_arguments", messages=["invalid `user_id`"])
    opener = api.interactions.opener
    return {"view": opener.publish(person.id, arguments["view"], arguments.get("hash") or "")}


def _trigger(arguments: Arguments) -> str:
    given = arguments.get("trigger_id") or arguments.get("interactivity_pointer")
    if not given:
        raise _missing("trigger_id")
    return str(given)


def _missing(name: str) -> Refusal:
    return Refusal("invalid_arguments", messages=[f"[ERROR] missing required field: {name}"])


_TRIGGER = ("exchanged_trigger_id", "expired_trigger_id", "invalid_trigger_id")

METHODS: Mapping[str, Simulated] = MappingProxyType(
    {
        "views.open": Simulated(
            open_view,
            tuple(sorted(("duplicate_external_id", *_TRIGGER, "view_too_large"))),
            differs=(
                "A person's other modals close, without a view_closed; an external_id is free once its view "
                "is closed."
            ),
        ),
        "views.publish": Simulated(
            publish_view,
            ("duplicate_external_id", "hash_conflict", "not_enabled", "view_too_large"),
            differs="Home tabs only; profile views are not simulated.",
        ),
        "views.push": Simulated(
            push_view,
            tuple(
                sorted(
                    (
                        "duplicate_external_id",
                        *_TRIGGER,
                        "not_found",
                        "push_limit_reached",
                        "view_too_large",
                    )
                )
            ),
        ),
        "views.update": Simulated(
            update_view, ("duplicate_external_id", "hash_conflict", "not_found", "view_too_large")
        ),
    }
)
