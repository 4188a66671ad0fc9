"""The worker: takes commands from the engine, has each carried out once, and reports how it ended.

An action is taken, given its places in the queues of the channels that it concerns, carried out by its
handler when its turn comes, and reported as one event. Taking goes on meanwhile.
"""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from pack.clock import Clock, wait_for
from pack.commands.declaration import Command, Deps
from pack.commands.results import fail, succeed
from pack.contracts.commands import CommandInput
from pack.contracts.ports import Action, Event
from pack.contracts.storing import Store
from pack.delivery.admission import Admission, Place
from pack.delivery.effects import Effects, Undertaking
from pack.delivery.engine_link import EngineLink
from pack.delivery.outbox import FATAL, Outbox, fatal_payload
from pack.delivery.polling import Polling
from pack.errors import (
    CommandFailed,
    CredentialsRefused,
    EngineForgot,
    EngineUnavailable,
    PackError,
    TransientError,
)
from pack.retry import Backoff
from pack.slack.channels import ChannelDirectory
from pack.slack.membership import Membership

logger = logging.getLogger(__name__)

TAKE_AGAIN = Backoff(first_seconds=0.1, cap_seconds=1.0)
"""The pauses while taking fails with a 5xx; the first repetition is made at once."""

MOST_TAKEN = 5_000
"""How many actions may be taken and not yet reported: bounds the memory, not the number of calls to Slack."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What the worker works with."""

    link: EngineLink
    outbox: Outbox
    store: Store
    effects: Effects
    admission: Admission
    polling: Polling
    channels: ChannelDirectory
    membership: Membership
    clock: Clock
    commands: Mapping[str, Command[Any]]


class Worker:
    """Carries commands out until it is told to stop."""

    def __init__(self, parts: Parts, stop: asyncio.Event) -> None:
        self._parts = parts
        self._stop = stop
        self._running: set[asyncio.Task[None]] = set()
        self._room = asyncio.Semaphore(MOST_TAKEN)
        self._failures = 0
        self._refusal = ""
        self.taken = 0
        """How many actions were taken since the start."""

    @property
    def unfinished(self) -> int:
        """How many actions were taken and have no result yet."""
        return len(self._running)

    async def run(self) -> None:
        """Take and start actions until the stop event is set."""
        while not self._stop.is_set():
            await self._room.acquire()
            action = await self._take()
            if action is None:
                self._room.release()
            else:
                await self._begin(action)

    async def finish(self, grace_seconds: float) -> None:
        """Let what runs finish; what did not within that time ends as failed, so that nothing stays open."""
        await asyncio.sleep(0)
        if self._running:
            await asyncio.wait(set(self._running), timeout=grace_seconds)
        for task in list(self._running):
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    # --- taking ---

    async def _take(self) -> Action | None:
        """Take one action; wait a moment and return None when there is none to be had."""
        seen = self._parts.link.registrations
        try:
            action = await self._parts.link.attempt(self._parts.link.engine.take, self._stop)
        except EngineForgot as error:
            await self._parts.link.renew(seen)
            await self._wait_after_failure(error)
            return None
        except EngineUnavailable as error:
            await self._wait_after_failure(error)
            return None
        except PackError as error:
            self._name_refusal(error)
            await self._wait_after_failure(error)
            return None
        self._failures, self._refusal = 0, ""
        if action is None:
            await wait_for(self._stop, self._parts.polling.pause_seconds(), self._parts.clock)
            return None
        self._parts.polling.happened()
        return action

    async def _wait_after_failure(self, error: PackError) -> None:
        """Wait before taking again; at once after the first 5xx (a lost race), then longer and longer."""
        answered = not isinstance(error, EngineUnavailable) or error.status is not None
        if answered:
            asked = error.retry_after_seconds if isinstance(error, TransientError) else None
            pause = max(asked or 0.0, TAKE_AGAIN.seconds(self._failures, self._parts.clock))
            self._failures += 1
            await wait_for(self._stop, pause, self._parts.clock)

    def _name_refusal(self, error: PackError) -> None:
        """Log a refusal once; one of the JWT is the engine client's to tell."""
        if str(error) != self._refusal and not isinstance(error, CredentialsRefused):
            self._refusal = str(error)
            logger.error("the engine refuses to hand out work: %s", error)

    # --- carrying out ---

    async def _begin(self, action: Action) -> None:
        """Draw the action's places and start it; an input that cannot be read has none and only fails."""
        self.taken += 1
        command = self._parts.commands.get(action.command)
        given = _read(command, action) if command else None
        places: list[Place] = []
        if command and isinstance(given, CommandInput):
            names = command.channels(given, self._parts.membership)
            places = [self._parts.admission.place(name) for name in names]
        await self._parts.store.begin(action, places[0].reference if len(places) == 1 else "")
        work = self._carry_out(action, command, given, places)
        task = asyncio.get_running_loop().create_task(work, name=f"{action.command} {action.id}")
        self._running.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.critical("the worker failed at %s", task.get_name(), exc_info=error)

    async def _carry_out(
        self,
        action: Action,
        command: Command[Any] | None,
        given: CommandInput | Exception | None,
        places: list[Place],
    ) -> None:
        try:
            if command is None:
                result = _unknown(action, self._parts.commands)
            else:
                result = await self._result(action, command, given, places)
        finally:
            for place in places:
                place.leave()
        logger.debug("%s ended as %s", action.command, result.name, extra={"action": action.id})
        await self._parts.outbox.report(action, result, self._room.release)

    async def _result(self, action: Action, command: Command[Any], given: Any, places: list[Place]) -> Event:
        """Carry a command out in its turn and return the event that it ends in; never raises."""
        began = False
        try:
            if isinstance(given, Exception):
                raise given
            async with places[0] if len(places) == 1 else nullcontext():
                began = True
                learnt = await command.handle(given, self._deps(action, places))
            return succeed(command, action.input, learnt)
        except PackError as error:
            logger.info("%s failed: %s", action.command, error, extra={"action": action.id})
            return fail(command, action.input, error)
        except asyncio.CancelledError:
            return fail(command, action.input, _stopped(command, began=began))
        except Exception as error:
            logger.exception("a mistake of the pack at %s", action.command, extra={"action": action.id})
            reason = (
                f"{action.command} failed by a mistake of the pack ({type(error).__name__}); please report it"
            )
            return Event(FATAL, fatal_payload(action, reason, "internal_error") | {"input": action.input})

    def _deps(self, action: Action, places: list[Place]) -> Deps:
        return Deps(
            effect=functools.partial(self._parts.effects.run, Undertaking(action.id)),
            ask=self._parts.effects.ask,
            channels=self._parts.channels,
            membership=self._parts.membership,
            places=places,
            place=self._parts.admission.place,
        )


def _read(command: Command[Any], action: Action) -> CommandInput | Exception:
    """Read the input once; what is wrong with it is the result's to tell."""
    try:
        read: CommandInput = command.input.from_input(action.input)
    except Exception as error:  # noqa: BLE001 - raised again where it can become the action's result
        return error
    return read


def _unknown(action: Action, commands: Mapping[str, Any]) -> Event:
    known = ", ".join(commands)
    payload = fatal_payload(
        action, f"unknown command {action.command!r}; this pack knows {known}", "unknown_command"
    )
    return Event(FATAL, payload | {"input": action.input})


def _stopped(command: Command[Any], *, began: bool) -> CommandFailed:
    if not began:
        sentence = f"the pack was stopped before {command.name} had its turn; nothing was done, send it again"
    else:
        sentence = (
            f"{command.name} was not finished before the pack was stopped; look in Slack whether it was "
            "carried out, and send it again if it was not"
        )
    return CommandFailed(sentence, code="pack_stopped")
