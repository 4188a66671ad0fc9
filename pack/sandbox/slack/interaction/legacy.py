"""Buttons and menus of attachments, as they were before there were blocks (``interactive_message``)."""

from __future__ import annotations

from typing import Any

from pack.sandbox.slack.interaction.elements import Placed
from pack.sandbox.slack.kit.answers import Misfit
from pack.sandbox.slack.world.timeline import Message

Json = Any


def legacy_payload(
    head: dict[str, Json], placed: Placed, message: Message, given: Json, *, ephemeral: bool
) -> dict[str, Json]:
    """Return the payload of an attachment's action; ``head``: what all payloads share, and the channel.

    Raises:
        Misfit: the menu has no such option.
    """
    kind = str(placed.element.get("type") or "button")
    action: dict[str, Json] = {"name": placed.action_id, "type": kind}
    if kind == "select":
        menu = str(placed.element.get("data_source") or "static")
        value = str(given) if menu != "static" else _find(placed, given)
        action["selected_options"] = [{"value": value}]
    else:
        action["value"] = placed.element.get("value", "")
    user = head["user"]
    payload = {
        **head,
        "actions": [action],
        "callback_id": placed.block.get("callback_id"),
        "user": {"id": user["id"], "name": user["name"]},
        "message_ts": message.ts,
        "attachment_id": str(placed.attachment_id),
        "is_app_unfurl": False,
    }
    payload.pop("api_app_id", None)
    if not ephemeral:
        payload["original_message"] = message.as_json(metadata=True)
    return payload


def _find(placed: Placed, given: Json) -> str:
    """Return the value of an option, named by value or text; nobody has checked these menus."""
    options = placed.element.get("options")
    there = [option for option in options if isinstance(option, dict)] if isinstance(options, list) else []
    for option in there:
        if str(given) in (option.get("value"), option.get("text")):
            return str(option.get("value"))
    listed = ", ".join(str(option.get("value")) for option in there)
    raise Misfit(f"There is no option {given}; there are: {listed or 'none'}.")
