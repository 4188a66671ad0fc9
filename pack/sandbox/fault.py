"""``flyte-slack fault``: break the running sandbox on demand, and see what is broken and what can be."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import aiohttp

from pack.sandbox.control_calls import NotDone, call_address, call_control, engine_url
from pack.sandbox.slack.faults.calls import RESPONSE_URL, UPLOAD

Json = Any
Note = Callable[[str], None] | None

_JSON_BEGINS_WITH = "0123456789-[{"


async def set_fault(
    name: str,
    given: Iterable[str],
    *,
    slack_url: str | None,
    at_engine: bool,
    at: str | None = None,
    on_note: Note = None,
) -> str:
    """Have something go wrong; return a line that says so, with the fault's id.

    ``given``: ``key=value`` each; ``match.KEY=value`` for an argument that a call has to have. ``on_note`` is
    told which sandbox's Slack it is when there is a choice.

    Raises:
        NotDone: no sandbox runs there, or it refuses; or what was given is no ``key=value``.
    """
    arguments = read_arguments(given)
    answer = await _call({"fault": name, **arguments}, slack_url, at_engine, at, on_note)
    where = "the engine" if at_engine else "Slack"
    if name == "clear" and "id" in arguments:
        return f"{arguments['id']} at {where} is over"
    if name == "clear":
        return f"{where} works as it should"
    return f"{answer['id']}: {name} at {where}" if "id" in answer else f"{name} at {where}: done"


async def list_faults(
    *, slack_url: str | None, at_engine: bool, at: str | None = None, on_note: Note = None
) -> str:
    """Return what is broken, how often that struck, and what can be broken; ``on_note`` as for a fault.

    Raises:
        NotDone: no sandbox runs there.
    """
    answer = await _call(None, slack_url, at_engine, at, on_note)
    found = [_describe(fault) for fault in answer.get("faults", [])]
    known: Mapping[str, Json] = answer.get("known", {})
    lines = [*(found or ["nothing is broken, and nothing was"]), "", "What can be broken (* is needed):"]
    for name, about in known.items():
        lines += [f"  {name} {' '.join(about['fields'])}".rstrip(), f"      {about['meaning']}"]
    if kinds := answer.get("kinds"):
        lines += ["", f"kind is one of {', '.join(kinds)}, or *"]
    else:
        lines += ["", f"method is one of Slack's, a family like chat.*, {UPLOAD}, {RESPONSE_URL}, or *"]
    lines += ["", "Values are as in JSON; of a list also a,b: scopes=chat:write,users:read"]
    return "\n".join(lines)


def read_arguments(given: Iterable[str]) -> dict[str, Json]:
    """Read ``key=value`` texts; numbers, true, false, null and JSON lists are what they look like.

    Commas part the values of ``scopes``.

    Raises:
        NotDone: one is no ``key=value``.
    """
    arguments: dict[str, Json] = {}
    for text in given:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise NotDone(f"{text}: expected key=value, such as method=chat.postMessage")
        family, dot, name = key.partition(".")
        if dot and family == "match":
            arguments.setdefault("match", {})[name] = value
        else:
            read = _read(key, value)
            arguments[key] = value.split(",") if key == "scopes" and isinstance(read, str) else read
    return arguments


def _read(key: str, value: str) -> Json:
    if key in ("id", "method", "kind", "token", "error"):
        return value
    if value in ("true", "false", "null") or value[:1] in _JSON_BEGINS_WITH:
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _describe(fault: Mapping[str, Json]) -> str:
    parts = [f"{fault['id']}: {fault['fault']} {fault['method']}"]
    if fault["match"]:
        parts.append(" ".join(f"match.{key}={_shown(value)}" for key, value in fault["match"].items()))
    parts += [f"{key}={_shown(value)}" for key, value in fault["details"].items()]
    if fault["probability"] < 1:
        parts.append(f"probability={fault['probability']:g}")
    parts.append(f"struck {fault['hits']}x")
    if not fault["active"]:
        parts.append("(over)")
    elif fault["times_left"] is not None:
        parts.append(f"({fault['times_left']} to come)")
    elif fault["seconds_left"] is not None:
        parts.append(f"({fault['seconds_left']:g} seconds to go)")
    return " ".join(parts)


def _shown(value: Json) -> str:
    """Return a value as it would be typed."""
    if isinstance(value, list):
        return ",".join(map(str, value))
    if isinstance(value, float):
        return f"{value:g}"
    return value if isinstance(value, str) else json.dumps(value)


async def _call(
    body: dict[str, Json] | None, slack_url: str | None, at_engine: bool, at: str | None, on_note: Note
) -> dict[str, Json]:
    if not at_engine:
        return await call_control("faults", body, slack_url, on_note)
    jwt = os.environ.get("FLYTE_JWT")
    headers = {"Authorization": f"Bearer {jwt.strip()}"} if jwt else None
    async with aiohttp.ClientSession() as session:
        return await call_address(session, f"{engine_url(at)}/sandbox/faults", body, headers)
