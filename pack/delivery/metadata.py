"""What a message carries so that it can be found again: the action and the step that it was sent for.

Slack keeps a message's ``metadata`` and gives it back with the channel's history
(https://docs.slack.dev/messaging/message-metadata). Ours is one key; a caller's own metadata gains it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from pack.contracts.ports import Json

EVENT_TYPE = "flyte_slack"
KEY = "flyte_slack_effect"

CARRIERS = frozenset({"chat.postMessage"})
"""The methods whose messages carry metadata and can be read back. A scheduled message with metadata is never
posted, an ephemeral one is in no history."""

REFUSALS = frozenset(
    {
        "invalid_metadata_format",
        "invalid_metadata_schema",
        "metadata_must_be_sent_from_app",
        "metadata_too_large",
    }
)
"""What Slack answers when it is the metadata that it does not take."""


@dataclass(frozen=True, slots=True)
class Marked:
    """The arguments of a call, and whether the message can be found by them."""

    arguments: Mapping[str, Json]
    readable: bool


def name_effect(action_id: str, step: str) -> str:
    """Return what a message is found by."""
    return f"{action_id}/{step}"


def mark(method: str, arguments: Mapping[str, Json], name: str) -> Marked:
    """Add the name to a call's arguments, where its message can carry it.

    Metadata that Slack will not take, or takes only as it is, stays as it is: such a message is not readable.
    """
    if method not in CARRIERS:
        return Marked(arguments, readable=False)
    metadata = _with_name(arguments.get("metadata"), name)
    if metadata is None:
        return Marked(arguments, readable=False)
    return Marked({**arguments, "metadata": metadata}, readable=True)


def _with_name(given: Json, name: str) -> dict[str, Json] | None:
    """Return the caller's metadata (an object or its JSON text) with the name; None when it takes none."""
    if isinstance(given, str) and given:
        try:
            given = json.loads(given)
        except (ValueError, RecursionError):
            return None
    if given is None or given in ("", {}):
        return {"event_type": EVENT_TYPE, "event_payload": {KEY: name}}
    if not isinstance(given, dict) or not isinstance(given.get("event_type"), str):
        return None
    payload = given.get("event_payload")
    return {**given, "event_payload": {**payload, KEY: name}} if isinstance(payload, dict) else None


def read_name(message: Mapping[str, Json]) -> str | None:
    """Return the name that a message carries; None when it has none of ours."""
    metadata = message.get("metadata")
    payload = metadata.get("event_payload") if isinstance(metadata, dict) else None
    name = payload.get(KEY) if isinstance(payload, dict) else None
    return name if isinstance(name, str) else None
