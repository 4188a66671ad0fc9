"""Every error that this program raises on purpose, as one tree.

::

    PackError                     the message is for the reader: what failed, on what, what to do
    ├─ SettingsError              a setting is missing or wrong; the process ends with exit code 2
    ├─ CredentialsRefused         Slack or the engine refused a credential; at start: exit code 3
    ├─ BadInput                   a command's input is wrong; lists every bad field
    ├─ CommandFailed              a command cannot be carried out, for a reason that is not Slack's
    ├─ TransientError             the same call may succeed later
    │  ├─ EngineUnavailable       the engine could not be reached, or answered 5xx
    │  ├─ SlackUnavailable        Slack could not be reached
    │  ├─ SlackRateLimited        Slack answered 429; the call was not carried out
    │  └─ AnswerLost              sent, and no answer came (or Slack's 5xx): it may have been carried out
    └─ PermanentError             repeating the call cannot help
       ├─ EngineForgot            404: the engine does not know this pack (or this action) any more
       ├─ EngineRefused           a definite 4xx of the engine
       └─ SlackRefused            Slack answered ``ok: false``
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


class PackError(Exception):
    """The root of the tree: an error whose message is written for the person who reads it."""


class SettingsError(PackError):
    """The configuration cannot be used. The process ends with exit code 2 before anything is taken."""


class CredentialsRefused(PackError):
    """A token or JWT was refused. At start the process ends with exit code 3; later it keeps running.

    ``code`` is the refusal's code where there is one (Slack's ``invalid_auth``).
    """

    def __init__(self, message: str, *, code: str = "credentials_refused") -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One field of a command's input that cannot be used."""

    field: str
    """The field as the caller wrote it, with a dotted path below it (``blocks.0.type``); empty: the whole."""
    problem: str
    """What is wrong with it and what is expected, without the field's name."""


class BadInput(PackError):
    """A command's input cannot be used; names every bad field, not only the first."""

    def __init__(self, problems: Sequence[FieldProblem], message: str) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


class CommandFailed(PackError):
    """A command that cannot be carried out for a reason found here, before or beside Slack.

    ``code`` goes to the failure event's ``errorCode``; ``details`` are further keys of its payload.
    """

    def __init__(self, message: str, *, code: str, details: dict[str, object] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.details = details or {}


class TransientError(PackError):
    """The same call may succeed later.

    ``retry_after_seconds``: how long the other side asked to wait; None when it did not say.
    """

    def __init__(self, message: str, *, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class EngineUnavailable(TransientError):
    """The engine could not be reached or answered 5xx; nothing is known to have been done.

    ``status`` is the HTTP status, None when no answer came. ``may_have_acted``: the request was sent, so the
    engine may have acted on it (no answer came, one that cannot be used, or a 5xx).
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        retry_after_seconds: float | None = None,
        may_have_acted: bool = False,
    ) -> None:
        super().__init__(message, retry_after_seconds=retry_after_seconds)
        self.status = status
        self.may_have_acted = may_have_acted


class RecordsUnclear(EngineUnavailable):
    """The engine's records can be read, but not far enough or not whole: they do not tell what was asked."""


class SlackUnavailable(TransientError):
    """Slack could not be reached; the call is known not to have been carried out."""


class SlackRateLimited(TransientError):
    """Slack answered 429 (or a rate limit's code): not carried out; wait ``retry_after_seconds``."""


class AnswerLost(TransientError):
    """A request was sent and its answer never came, or was Slack's 5xx: it may have been carried out."""


class PermanentError(PackError):
    """Repeating the same call cannot help."""


class EngineForgot(PermanentError):
    """404: the engine does not know this pack or this action; registering again may help."""


class EngineRefused(PermanentError):
    """A definite refusal of the engine (4xx). ``status`` is its HTTP status."""

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status


class SlackRefused(PermanentError):
    """Slack answered ``ok: false``.

    ``code`` is Slack's code (``not_in_channel``); ``method`` the Web API method; ``details`` what else the
    answer carried for the reader (``needed``, ``provided``, JSON pointers of bad blocks).
    """

    def __init__(
        self, message: str, *, code: str, method: str, details: dict[str, object] | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.method = method
        self.details = details or {}


def to_record(error: PackError) -> dict[str, object]:
    """Return an error as JSON, so that it can be raised again after a restart; see :func:`from_record`."""
    record: dict[str, object] = {"error": type(error).__name__, "message": str(error)}
    for name in ("code", "method", "details"):
        if hasattr(error, name):
            record[name] = getattr(error, name)
    return record


def from_record(record: Mapping[str, Any]) -> PackError:
    """Return the error that :func:`to_record` wrote; one of an unknown kind is a ``CommandFailed``."""
    message, code = str(record.get("message", "")), str(record.get("code") or "failed")
    details = dict(record.get("details") or {})
    match record.get("error"):
        case "SlackRefused":
            return SlackRefused(message, code=code, method=str(record.get("method", "")), details=details)
        case "CredentialsRefused":
            return CredentialsRefused(message, code=code)
        case "SlackRateLimited":
            return SlackRateLimited(message)
        case "SlackUnavailable":
            return SlackUnavailable(message)
        case "AnswerLost":
            return AnswerLost(message)
        case _:
            return CommandFailed(message, code=code, details=details)
