"""What an answer of the engine means: the typed error for each status, and reading its JSON."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from pack.contracts.ports import Json
from pack.engine.transport import Answer, shown
from pack.errors import CredentialsRefused, EngineForgot, EngineRefused, EngineUnavailable, PackError

EXCERPT_CHARACTERS = 200
LONGEST_WAIT_SECONDS = 600.0
"""The longest ``Retry-After`` that is believed."""

COME_BACK_LATER = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})
"""The 4xx that say: not now."""

LONGEST_NUMBER_DIGITS = 4000


def is_good(answer: Answer) -> bool:
    """Tell whether the request was carried out (2xx)."""
    return 200 <= answer.status < 300


def refusal(answer: Answer, *, forgotten: str = "", now: datetime, credentials_advice: str) -> PackError:
    """Return the error that an answer other than 2xx stands for.

    ``forgotten``: what a 404 means for this request; empty: a 404 is a refusal like others.
    ``credentials_advice``: what to do on a 401 or 403.
    """
    status, text = answer.status, describe(answer)
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return CredentialsRefused(f"{text}; {credentials_advice}")
    if status == HTTPStatus.NOT_FOUND and forgotten:
        return EngineForgot(f"{text}; {forgotten}")
    if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        return EngineUnavailable(f"{text}; that is the proxy: put user and password into its address")
    if 400 <= status < 500 and status not in COME_BACK_LATER:
        return EngineRefused(text, status=status)
    return EngineUnavailable(
        text,
        status=status,
        retry_after_seconds=_retry_after(answer, now),
        may_have_acted=may_have_acted(status),
    )


def describe(answer: Answer) -> str:
    """Return which request was answered how, with the beginning of the body, in one line."""
    phrase = HTTPStatus(answer.status).phrase if answer.status in HTTPStatus._value2member_map_ else ""
    said = excerpt(answer)
    line = f"{answer.method} {shown(answer.url)} answered {answer.status} {phrase}".rstrip()
    return f"{line}: {said}" if said else line


def excerpt(answer: Answer) -> str:
    """Return the beginning of a body as one printable line."""
    text = answer.body[: 4 * EXCERPT_CHARACTERS].decode("utf-8", errors="replace")
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= EXCERPT_CHARACTERS else line[:EXCERPT_CHARACTERS] + "…"


def read_json(answer: Answer) -> Json:
    """Return the JSON value that a good answer carries.

    Raises:
        EngineUnavailable: the body is no JSON, or not whole.
    """
    if answer.damage:
        raise EngineUnavailable(
            f"{describe(answer)}; the answer cannot be used: {answer.damage}",
            status=answer.status,
            may_have_acted=may_have_acted(answer.status),
        )
    try:
        return _decode(answer.body)
    except (ValueError, RecursionError) as error:
        raise EngineUnavailable(
            f"{describe(answer)}; that is not the JSON of a flow engine ({error}); check FLYTE_API",
            status=answer.status,
            may_have_acted=may_have_acted(answer.status),
        ) from error


def _decode(body: bytes) -> Json:
    try:
        return json.loads(body)
    except json.JSONDecodeError:
        raise
    except ValueError:
        return json.loads(body, parse_int=_whole_number)


def _whole_number(digits: str) -> int | str:
    """Return a number, or its digits as text where Python refuses to read that many."""
    return int(digits) if len(digits) <= LONGEST_NUMBER_DIGITS else digits


def read_date(answer: Answer, now: datetime) -> datetime:
    """Return when the server answered, by its own clock (``Date``); ``now`` where it does not say so."""
    with contextlib.suppress(ValueError, OverflowError):
        return _aware(parsedate_to_datetime(answer.headers.get("Date", "")))
    return now


def may_have_acted(status: int) -> bool:
    """Tell whether the server may have done what it was asked for, although its answer is none that helps."""
    return status < 300 or status == HTTPStatus.REQUEST_TIMEOUT or status >= 500


def _retry_after(answer: Answer, now: datetime) -> float | None:
    value = answer.headers.get("Retry-After", "").strip()
    if not value:
        return None
    try:
        seconds = float(value) if value.isdigit() else _seconds_until(value, now)
    except (ValueError, OverflowError):
        return None
    return min(max(seconds, 0.0), LONGEST_WAIT_SECONDS)


def _seconds_until(date: str, now: datetime) -> float:
    return (_aware(parsedate_to_datetime(date)) - now).total_seconds()


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
