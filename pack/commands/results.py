"""How a command ends: the input as it came, plus what was learnt, or why it failed.

Our keys win over equal keys of the input; everything else that the caller sent is echoed.
"""

from __future__ import annotations

from typing import Any

from pack.commands.declaration import Command, echo
from pack.contracts.commands import ChannelInfoFailure, Learnt
from pack.contracts.ports import Event, Json
from pack.delivery.undertaking import Effort
from pack.errors import (
    AnswerLost,
    BadInput,
    CommandFailed,
    CredentialsRefused,
    PackError,
    SlackRateLimited,
    SlackRefused,
    SlackUnavailable,
)


def succeed(command: Command[Any], given: Json, learnt: Learnt, effort: Effort | None = None) -> Event:
    """Return the success event; ``effort``: what it took, for a command that changes something in Slack."""
    if effort is not None:
        took = {"attempts": effort.attempts, "waitedSeconds": effort.waited_seconds}
        learnt = learnt.model_copy(update=took)
    payload = echo(given)
    payload.update(learnt.model_dump(exclude_none=True))
    return Event(command.success.name, payload)


def fail(command: Command[Any], given: Json, error: PackError) -> Event:
    """Return the failure event: ``error`` is a sentence, ``errorCode`` Slack's code or ours."""
    payload = command.echo(given)
    if isinstance(error, CommandFailed):
        payload.update(error.details)
    payload.update(error=str(error), errorCode=error_code(error))
    if issubclass(command.failure.model, ChannelInfoFailure):
        payload["reason"] = payload["error"]
    return Event(command.failure.name, payload)


def error_code(error: PackError) -> str:
    """Return the code of an error for flows to decide by."""
    match error:
        case SlackRefused(code=code) | CredentialsRefused(code=code) | CommandFailed(code=code):
            return code
        case BadInput():
            return "invalid_input"
        case SlackRateLimited():
            return "ratelimited"
        case SlackUnavailable():
            return "slack_unavailable"
        case AnswerLost():
            return "answer_lost"
        case _:
            return "failed"
