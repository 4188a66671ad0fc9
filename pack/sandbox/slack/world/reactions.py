"""The rules of reactions: what a name is, how many there may be, and where none is allowed."""

from __future__ import annotations

import re

from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.objects import Channel
from pack.sandbox.slack.world.timeline import Message

MOST_EMOJI = 50
"""How many different reactions a message can have (Slack's help pages)."""
MOST_OF_ONE_PERSON = 23
"""How many reactions one person can give to a message (Slack's help pages)."""
LOCKED = "is_locked"
"""The field of a thread's root that says that nobody may react in the thread."""

_NAME = re.compile(r"[\w+'\-]{1,100}(::skin-tone-[2-6])?\Z")


def add_reaction(channel: Channel, message: Message, name: str, user_id: str) -> str:
    """Note a person's reaction to a message; returns its name without colons around it.

    Raises:
        Refusal: ``invalid_name``, ``thread_locked``, ``already_reacted``, ``too_many_emoji``,
            ``too_many_reactions``.
    """
    name = _read_name(name)
    _refuse_locked(channel, message)
    users = message.reactions.get(name, [])
    if user_id in users:
        raise Refusal("already_reacted")
    if not users and len(message.reactions) >= MOST_EMOJI:
        raise Refusal("too_many_emoji")
    if sum(user_id in others for others in message.reactions.values()) >= MOST_OF_ONE_PERSON:
        raise Refusal("too_many_reactions")
    message.reactions[name] = [*users, user_id]
    return name


def remove_reaction(channel: Channel, message: Message, name: str, user_id: str) -> str:
    """Take a person's reaction back; returns its name without colons around it.

    Raises:
        Refusal: ``invalid_name``, ``thread_locked``, ``no_reaction``.
    """
    name = _read_name(name)
    _refuse_locked(channel, message)
    users = message.reactions.get(name, [])
    if user_id not in users:
        raise Refusal("no_reaction")
    users.remove(user_id)
    if not users:
        del message.reactions[name]
    return name


def _read_name(name: str) -> str:
    bare = name.strip(":")
    if bare != bare.lower() or not _NAME.match(bare):
        raise Refusal("invalid_name")
    return bare


def _refuse_locked(channel: Channel, message: Message) -> None:
    root = channel.timeline.get(message.thread_ts) if message.thread_ts else message
    if root is not None and root.fields.get(LOCKED):
        raise Refusal("thread_locked")
