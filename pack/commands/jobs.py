"""Jobs: an action read as one of the commands, carried out by its handler, ended in one event."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pack.commands.declaration import Command, Deps
from pack.commands.results import fail, succeed
from pack.contracts.commands import CommandInput
from pack.contracts.ports import Action, Event
from pack.delivery.effects import Undertaking
from pack.delivery.outbox import FATAL, fatal_payload
from pack.errors import CommandFailed, PackError

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Result:
    """The event that an action ends in."""

    event: Event
    failed: bool


@dataclass(frozen=True, slots=True)
class Job:
    """An action that was taken, as far as it could be read."""

    action: Action
    command: Command[Any] | None
    """None: the pack has no such command."""
    given: CommandInput | Exception | None
    """The input; why it cannot be used; None with an unknown command."""
    undertaking: Undertaking


def read_job(commands: Mapping[str, Command[Any]], action: Action, undertaking: Undertaking) -> Job:
    """Read the input once; what is wrong with it is the result's to tell."""
    command = commands.get(action.command)
    given: CommandInput | Exception | None = None
    if command is not None:
        undertaking.check = command.check
        try:
            given = command.input.from_input(action.input)
        except Exception as error:  # noqa: BLE001 - raised again where it can become the action's result
            given = error
    return Job(action, command, given, undertaking)


async def carry_out(job: Job, deps: Deps, known: Mapping[str, Any]) -> Result:
    """Let the command's handler carry the job out; raises nothing but ``CancelledError``.

    ``known`` are the commands that there are.
    """
    action, command = job.action, job.command
    if command is None:
        return _unknown(action, known)
    try:
        if isinstance(job.given, Exception):
            raise job.given
        learnt = await command.handle(job.given, deps)
        return Result(succeed(command, action.input, learnt, job.undertaking.effort()), failed=False)
    except PackError as error:
        logger.info("%s failed: %s", action.command, error, extra={"action": action.id})
        return Result(fail(command, action.input, error), failed=True)
    except Exception as error:
        logger.exception("a mistake of the pack at %s", action.command, extra={"action": action.id})
        reason = (
            f"{action.command} failed by a mistake of the pack ({type(error).__name__}); please report it"
        )
        return _fatal(action, reason, "internal_error")


def stopped(job: Job, *, began: bool) -> Result:
    """Return how a job ends that the stopping pack did not finish and nobody will go on with."""
    assert job.command is not None
    name = job.command.name
    if not began:
        sentence = f"the pack was stopped before {name} had its turn; nothing was done, send it again"
    else:
        sentence = (
            f"{name} was not finished before the pack was stopped; look in Slack whether it was "
            "carried out, and send it again if it was not"
        )
    error = CommandFailed(sentence, code="pack_stopped")
    return Result(fail(job.command, job.action.input, error), failed=True)


def _unknown(action: Action, known: Mapping[str, Any]) -> Result:
    reason = f"unknown command {action.command!r}; this pack knows {', '.join(known)}"
    return _fatal(action, reason, "unknown_command")


def _fatal(action: Action, reason: str, code: str) -> Result:
    return Result(Event(FATAL, fatal_payload(action, reason, code) | {"input": action.input}), failed=True)
