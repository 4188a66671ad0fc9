"""Things go wrong, time passes, everything begins anew, and what there is is looked at."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal, get_args

import aiohttp

from pack.sandbox.slack.client.calling import Calling
from pack.sandbox.slack.client.feed import LONGEST_LINE, Feed
from pack.sandbox.slack.client.results import Deliveries, Fault, Limits, Screen, State, made
from pack.sandbox.slack.client.transport import CONNECT_SECONDS, read, unreachable

Json = Any
FaultName = Literal[
    "answer",
    "break_sockets",
    "clear",
    "close_sockets",
    "delay",
    "delay_events",
    "disconnect",
    "drop",
    "duplicate_events",
    "garble",
    "go_silent",
    "ignore_acks",
    "kill_sockets",
    "latency",
    "limit",
    "lose_events",
    "message_limit",
    "mute_sockets",
    "refuse_connections",
    "refuse_tickets",
    "refuse_upgrade",
    "repeat_events",
    "revoke_token",
    "seed",
    "server_error",
    "shuffle_events",
    "skew",
    "spoil_tickets",
    "storm",
    "take_scopes",
    "timeout",
    "truncate",
]
FAULTS: tuple[str, ...] = get_args(FaultName)


class Operation(Calling):
    """The whole simulation."""

    async def fault(self, fault: FaultName, **arguments: Json) -> str:
        """Break something from now on, such as ``fault("storm", method="chat.*", times=3)``.

        Returns the id under which it is listed, and can be ended by ``fault("clear", id=…)``; without an id
        that ends all. It is empty for ``clear`` and ``seed``. Most faults of calls, deliveries and sockets
        strike once unless they are given ``times`` (None: any number), ``probability`` or ``for_seconds``;
        storms and delays go on.
        """
        return str((await self._post("faults", {"fault": fault, **arguments})).get("id", ""))

    async def faults(self) -> list[Fault]:
        """Return the faults that are in force or were lately, with how often each struck."""
        return [made(Fault, fault) for fault in (await self._look("faults"))["faults"]]

    async def advance(self, seconds: float) -> float:
        """Let so many seconds pass, and all that is due meanwhile happen; return the date since 1970."""
        return float((await self._do("advance", {"seconds": seconds}))["now"])

    async def skew(self, seconds: float) -> float:
        """Have Slack's date be wrong by so many seconds (0: right again); return it, since 1970."""
        return float((await self._do("skew", {"seconds": seconds}))["now"])

    async def reset(self) -> None:
        """Begin anew: the default workspace, the first tokens, no faults; sockets that work stay open."""
        await self._do("reset", {})

    async def state(self) -> State:
        """Return the workspace: people, channels with their latest messages, open sockets."""
        found = await self._look("state")
        return State(
            bot_user_id=found["botUserId"],
            users=found["users"],
            channels=found["channels"],
            open_sockets=found["openSockets"],
            events_url=found["eventsUrl"],
            unacknowledged=found["unacknowledged"],
        )

    async def limits(self) -> Limits:
        """Return the rate limits' figures, and what was asked and refused."""
        return made(Limits, await self._look("limits"))

    async def deliveries(self) -> Deliveries:
        """Return how events get to the app, and what became of them."""
        return made(Deliveries, await self._look("deliveries"))

    async def screens(self) -> list[Screen]:
        """Return what each person has before them: modals, home tab, ephemeral messages."""
        return [made(Screen, screen) for screen in (await self._look("screens"))["people"]]

    @asynccontextmanager
    async def feed(self) -> AsyncIterator[Feed]:
        """Watch what happens from now on: ``async with sandbox.feed() as feed: async for line in feed``.

        What happens after the block was entered is not missed, so enter it before you act.
        """
        address = f"{self.url}/sandbox/feed"
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS)
        try:
            answer = await self._open_session.get(address, timeout=timeout, read_bufsize=LONGEST_LINE)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise unreachable(address, error) from error
        async with answer:
            if answer.content_type != "application/x-ndjson":
                read(address, answer.status, await answer.read())
            yield Feed(answer)
