"""The pack with one of its parts taken out: the checker has to convict each of them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pack.contracts.ports import Slack
from pack.contracts.storing import Arrival, Receipt
from pack.state.journal import Journal

Json = Any

PARTS = ("journal", "metadata", "dedupe", "backfill")
"""What can be taken out."""

VARIABLE = "CHAOS_WITHOUT"
"""The environment variable that names the part to take out."""

MARK = "flyte_slack_effect"
"""The key in a message's metadata by which the pack finds its messages again."""


class Unmarking:
    """A Slack to which messages go without the pack's mark in their metadata."""

    def __init__(self, slack: Slack) -> None:
        self._slack = slack

    async def call(self, method: str, arguments: Mapping[str, Json]) -> dict[str, Json]:
        """Call a method; see :class:`pack.contracts.ports.Slack`."""
        return await self._slack.call(method, _unmarked(arguments))

    def date(self) -> float:
        """Return Slack's time."""
        return self._slack.date()


def _unmarked(arguments: Mapping[str, Json]) -> dict[str, Json]:
    metadata = arguments.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    payload = metadata.get("event_payload")
    if not isinstance(payload, dict) or MARK not in payload:
        return dict(arguments)
    rest = {key: value for key, value in payload.items() if key != MARK}
    if not rest:
        return {key: value for key, value in arguments.items() if key != "metadata"}
    return {**arguments, "metadata": {**metadata, "event_payload": rest}}


class Forgetful(Journal):
    """A journal that takes every copy of an event for a new one."""

    async def receive(self, arrival: Arrival, *, telling: bool = False) -> tuple[Receipt, int]:
        """Note an arrival under a key that nothing else has."""
        return await super().receive(replace(arrival, keys=(str(uuid.uuid4()),)), telling=telling)
