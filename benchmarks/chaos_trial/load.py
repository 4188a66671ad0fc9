"""What the pack has to do meanwhile: commands from flows, and people who write and react in Slack."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import time
from typing import Any

from benchmarks.chaos_trial.evidence import Happening
from benchmarks.chaos_trial.schedule import Schedule
from benchmarks.chaos_trial.surroundings import Surroundings, want
from pack.sandbox.slack.world.timeline import Message

Json = Any

PEOPLE = ("ada", "bob", "carol")
REACTIONS = ("eyes", "tada", "rocket")

KINDS = {"SendMessage": 12, "SendRichMessage": 5, "Broadcast": 1, "side": 3, "refused": 1}
"""How often what is commanded, relative to the others; ``refused``: a message that Slack refuses."""

NOWHERE = "C0NOWHERE00"
"""A channel that does not exist."""


class Load:
    """Gives commands and lets people talk, each with a token of its own, until it is stopped.

    ``happenings`` is what people did that the engine has to be told, by its key.
    """

    def __init__(self, around: Surroundings, schedule: Schedule) -> None:
        self.happenings: dict[str, Happening] = {}
        self.wanted = 0
        self._around = around
        self._schedule = schedule
        self._chance = random.Random(schedule.seed + 1)
        self._numbers = itertools.count(1)
        self._roots: dict[str, str] = {}
        self._tasks: set[asyncio.Task[bool]] = set()

    async def run(self) -> None:
        """Go on until cancelled."""
        await asyncio.gather(self._command_steadily(), self._talk_steadily())

    async def settle(self) -> None:
        """Wait until everything that was to be commanded was, or could not be."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _command_steadily(self) -> None:
        while self._schedule.commands_per_second:
            await asyncio.sleep(self._chance.expovariate(self._schedule.commands_per_second))
            self._command()

    async def _talk_steadily(self) -> None:
        while self._schedule.said_per_second:
            await asyncio.sleep(self._chance.expovariate(self._schedule.said_per_second))
            self.talk()

    # --- commands -----------------------------------------------------------------------------------

    def _command(self) -> None:
        kind = self._chance.choices([*KINDS], [*KINDS.values()])[0]
        token = f"command-{next(self._numbers):05d}."
        command, payload = self._order(kind, token)
        self.wanted += 1
        task = asyncio.create_task(want(self._around, command, {**payload, "token": token}))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _order(self, kind: str, token: str) -> tuple[str, dict[str, Json]]:
        text = f"the pack says {token}"
        channel = self._chance.choice(self._around.channels)
        thread = self._roots.get(channel, "") if self._chance.random() < 0.3 else ""
        named = f"#{self._around.names[channel]}" if self._chance.random() < 0.3 else channel
        if kind == "SendMessage":
            return kind, {"channelId": named, "message": text, "threadTimestamp": thread}
        if kind == "SendRichMessage":
            own = {"event_type": "chaos", "event_payload": {"token": token}}
            metadata = json.dumps(own) if self._chance.random() < 0.5 else ""
            return kind, {"channel": named, "text": text, "thread_ts": thread, "metadata": metadata}
        if kind == "Broadcast":
            return kind, {"message": text}
        if kind == "refused":
            return "SendMessage", {"channelId": NOWHERE, "message": text}
        command = self._chance.choice(("JoinChannel", "LeaveChannel"))
        return command, {"channelId": self._chance.choice(self._around.side_channels)}

    # --- people -------------------------------------------------------------------------------------

    def talk(self) -> None:
        """Have a person say something in a channel or a thread, or react to something."""
        channel = self._chance.choice(self._around.channels)
        root = self._roots.get(channel)
        if root and self._chance.random() < 0.2:
            self._react(channel, root)
        else:
            self.say(channel, root if root and self._chance.random() < 0.3 else None)

    def say(self, channel: str, thread_ts: str | None = None) -> Message:
        """Have a person say something, in a thread where one is given."""
        token = f"said-{next(self._numbers):05d}."
        text, person = f"a person says {token}", self._chance.choice(PEOPLE)
        message = self._around.slack.workspace.say(channel, text, user=person, thread_ts=thread_ts)
        self._note(token, "message", channel)
        if thread_ts is None and self._chance.random() < 0.3:
            self._roots[channel] = message.ts
        return message

    def _react(self, channel: str, ts: str) -> None:
        workspace = self._around.slack.workspace
        person, reaction = self._chance.choice(PEOPLE), self._chance.choice(REACTIONS)
        key = reaction_key(channel, ts, reaction, workspace.user(person).id)
        if key not in self.happenings:
            workspace.react(channel, ts, reaction, person)
            self._note(key, "reaction", channel)

    def _note(self, key: str, kind: str, channel: str) -> None:
        self.happenings[key] = Happening(key, kind, channel, time.monotonic())


def reaction_key(channel: str, ts: str, reaction: str, user: str) -> str:
    """Return what a reaction can be told by."""
    return f"{reaction} of {user} at {ts} in {channel}"
