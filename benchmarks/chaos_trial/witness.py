"""Collects what can be seen from outside, while a trial runs and at its end."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import aiohttp

from benchmarks.chaos_trial.evidence import Command, Happening, Posted, Told
from benchmarks.chaos_trial.load import reaction_key
from benchmarks.chaos_trial.surroundings import COMMANDS, PACK, Surroundings
from pack.sandbox.engine.feed import ActionFinished, ActionTaken, EventReceived

Json = Any

LOOK_SECONDS = 0.02

LEAST_SECONDS = 0.5
"""An answer that was given so short before the end of a process may not have been read by it."""

_TOKEN = re.compile(r"(?:command|said)-\d+\.")


class Missed(Exception):
    """The witness was too slow: what it saw is not everything."""


class Witness:
    """Watches both servers."""

    def __init__(self, around: Surroundings) -> None:
        self.told: list[Told] = []
        self._around = around
        self._taken: dict[str, int] = {}
        self._finished: Counter[str] = Counter()
        self._acknowledged: dict[str, float] = {}
        self._watching = around.engine.subscribe()

    async def run(self) -> None:
        """Watch until cancelled."""
        await asyncio.gather(self._watch_engine(), self._watch_slack())

    async def _watch_engine(self) -> None:
        async for record in self._watching:
            if isinstance(record, ActionTaken):
                self._taken[record.action_id] = len(self._taken)
            elif isinstance(record, ActionFinished):
                self._finished[record.action_id] += 1
            elif isinstance(record, EventReceived) and (event := _told(record)):
                self.told.append(event)

    async def _watch_slack(self) -> None:
        while True:
            self.look_at_acknowledgements()
            await asyncio.sleep(LOOK_SECONDS)

    def look_at_acknowledgements(self) -> None:
        """Note which of Slack's payloads the pack has acknowledged since the last look."""
        for envelope, _ in tuple(self._around.slack.sockets.envelopes.acknowledgements):
            event = envelope.payload.get("event")
            if isinstance(event, dict) and (key := _key_of(event)):
                self._acknowledged.setdefault(key, time.monotonic())

    # --- the end --------------------------------------------------------------------------------------

    async def commands(self, ended_at: Sequence[float]) -> list[Command]:
        """Return every action of the audit; ``ended_at``: when processes of the pack ended.

        Raises:
            Missed: the engine's account has gaps.
        """
        if self._watching.missed:
            raise Missed(f"{self._watching.missed} records of the engine were not read in time")
        ids = {f"#{name}": channel_id for channel_id, name in self._around.names.items()}
        found = []
        for action in await read_actions(self._around):
            answered = self._around.engine.answered.get(action["id"])
            orderly = answered is not None and not any(
                0 <= end - answered < LEAST_SECONDS for end in ended_at
            )
            found.append(_command(action, ids, self._taken, self._finished, orderly))
        return found

    def posted(self) -> Iterator[Posted]:
        """Return the messages of the pack."""
        workspace = self._around.slack.workspace
        for channel in (*self._around.channels, *self._around.side_channels):
            for message in workspace.messages(channel):
                token = _TOKEN.search(message.text)
                if token and message.fields.get("bot_id") == self._around.slack.bot_id:
                    yield Posted(channel, message.ts, token[0])

    def happenings(self, happenings: Sequence[Happening]) -> list[Happening]:
        """Return what people did, with when the pack acknowledged it."""
        return [replace(one, acknowledged=self._acknowledged.get(one.key)) for one in happenings]


async def read_actions(around: Surroundings) -> list[dict[str, Json]]:
    """Return all actions for the pack, as the engine's audit has them, the oldest first."""
    url = f"{around.engine.url}/v1/audit/flows?actionPackName={PACK}&limit=10000"
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        answer.raise_for_status()
        flows = (await answer.json())["flows"]
    actions = [action for flow in flows for action in flow["actions"].values()]
    return sorted(actions, key=lambda action: str(action["states"][0]["time"]))


def _command(
    action: dict[str, Json],
    ids: dict[str, str],
    taken: dict[str, int],
    finished: Counter[str],
    orderly: bool,
) -> Command:
    given, result = action.get("input") or {}, action.get("result") or {}
    named = str(given.get("channelId") or given.get("channel") or "")
    assert action["name"] in COMMANDS
    return Command(
        id=action["id"],
        name=action["name"],
        token=str(given.get("token")),
        channel=ids.get(named, named),
        state=action["state"]["value"],
        result=str(result.get("event") or ""),
        payload=result.get("payload"),
        results=finished[action["id"]],
        taken=taken.get(action["id"]),
        orderly=orderly,
    )


def _told(record: EventReceived) -> Told | None:
    payload = record.payload if isinstance(record.payload, dict) else {}
    marks = (payload.get("redelivered") is True, payload.get("recovered") is True)
    if record.name == "ReceivedMessage" and (token := _TOKEN.search(str(payload.get("message")))):
        return Told(token[0], str(payload.get("channelId")), *marks)
    if record.name == "ReactionAdded":
        item, user = payload.get("item") or {}, payload.get("user") or {}
        channel, ts = str(item.get("channel")), str(item.get("timestamp"))
        key = reaction_key(channel, ts, str(payload.get("reaction")), str(user.get("id")))
        return Told(key, channel, *marks)
    return None


def _key_of(event: dict[str, Json]) -> str:
    """Return what one of Slack's events can be told by; empty: it is nothing that a person did."""
    if event.get("type") == "message":
        token = _TOKEN.search(str(event.get("text", "")))
        return token[0] if token else ""
    if event.get("type") == "reaction_added":
        item = event.get("item") or {}
        named = (item.get("channel"), item.get("ts"), event.get("reaction"), event.get("user"))
        return reaction_key(*map(str, named))
    return ""
