"""What a user can type into the running sandbox."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

Json = Any

DEFAULT_CHANNEL = "general"
BOT = "flyte"
"""What the bot is called."""

_REACTION = re.compile(r"\+:([^\s:]+):\Z")
_CHANNEL = re.compile(rf"(#\S+|@(?i:{BOT}))(?:\s+(.+))?\Z", re.DOTALL)
_EVENT = re.compile(r"!(\S+)(?:\s+(.+))?\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Say:
    """Say something in a channel (``general``, ``#general``), or to the bot (``@flyte``)."""

    channel: str
    text: str


@dataclass(frozen=True, slots=True)
class React:
    """React to the latest message."""

    name: str


@dataclass(frozen=True, slots=True)
class Post:
    """Post an event of another pack to the engine."""

    event: str
    payload: Json


class NotUnderstood(ValueError):
    """What was typed cannot be carried out; the message says what is expected."""


def read(line: str) -> Say | React | Post:
    """Read a line: ``text``, ``#channel text``, ``@flyte text``, ``+:reaction:``, ``!Event {"payload": …}``.

    Raises:
        NotUnderstood: a channel without a text, a reaction without a name, an event without a name or with
            a payload that is no JSON.
    """
    if reaction := _REACTION.match(line):
        return React(reaction[1])
    if line.startswith("+:"):
        raise NotUnderstood("name a reaction: +:eyes:")
    if line.startswith("!"):
        return _read_event(line)
    if addressed := _CHANNEL.match(line):
        if addressed[2] is None:
            raise NotUnderstood(f"say what to post: {addressed[1]} some text")
        return Say(addressed[1].lower() if addressed[1][0] == "@" else addressed[1], addressed[2])
    return Say(DEFAULT_CHANNEL, line)


def _read_event(line: str) -> Post:
    event = _EVENT.match(line)
    if event is None:
        raise NotUnderstood('name an event: !DeploymentSucceeded, or !DeploymentSucceeded {"app": "web"}')
    try:
        return Post(event[1], json.loads(event[2]) if event[2] else {})
    except (ValueError, RecursionError) as error:
        raise NotUnderstood(f"the payload of {event[1]} is no JSON: {error}") from error
