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
_COMMAND = re.compile(r"/(\S+)(?:\s+(.+))?\Z", re.DOTALL)
_PRESS = re.compile(r"\[([^\[\]]+)\]\Z")
_EVENT = re.compile(r"!(\S+)(?:\s+(.+))?\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Say:
    """Say something in a channel (``general``, ``#general``), or to the bot (``@flyte``)."""

    channel: str
    text: str


@dataclass(frozen=True, slots=True)
class Command:
    """Type a slash command in a channel, or in the direct message with the bot."""

    channel: str
    name: str
    """With its slash."""
    text: str


@dataclass(frozen=True, slots=True)
class Press:
    """Click the latest button with this text."""

    button: str


@dataclass(frozen=True, slots=True)
class React:
    """React to the latest message."""

    name: str


@dataclass(frozen=True, slots=True)
class Post:
    """Post an event of another pack to the engine."""

    event: str
    payload: Json


Wanted = Say | Command | Press | React | Post


class NotUnderstood(ValueError):
    """What was typed cannot be carried out; the message says what is expected."""


def read(line: str) -> Wanted:
    """Read a line.

    ``text``, ``#channel text``, ``@flyte text``, ``/command text``, ``#channel /command text``, ``[Button]``,
    ``+:reaction:``, ``!Event {"payload": …}``.

    Raises:
        NotUnderstood: a channel without a text, a command, a reaction or an event without a name, or an event
            with a payload that is no JSON.
    """
    if reaction := _REACTION.match(line):
        return React(reaction[1])
    if line.startswith("+:"):
        raise NotUnderstood("name a reaction: +:eyes:")
    if line.startswith("!"):
        return _read_event(line)
    if button := _PRESS.match(line):
        return Press(button[1].strip())
    if addressed := _CHANNEL.match(line):
        if addressed[2] is None:
            raise NotUnderstood(f"say what to post: {addressed[1]} some text")
        channel = addressed[1].lower() if addressed[1][0] == "@" else addressed[1]
        return _read_words(channel, addressed[2])
    return _read_words(DEFAULT_CHANNEL, line)


def _read_words(channel: str, words: str) -> Say | Command:
    if not words.startswith("/"):
        return Say(channel, words)
    command = _COMMAND.match(words)
    if command is None:
        raise NotUnderstood("name a command: /deploy, or /deploy web")
    return Command(channel, f"/{command[1]}", command[2] or "")


def _read_event(line: str) -> Post:
    event = _EVENT.match(line)
    if event is None:
        raise NotUnderstood('name an event: !DeploymentSucceeded, or !DeploymentSucceeded {"app": "web"}')
    try:
        return Post(event[1], json.loads(event[2]) if event[2] else {})
    except (ValueError, RecursionError) as error:
        raise NotUnderstood(f"the payload of {event[1]} is no JSON: {error}") from error
