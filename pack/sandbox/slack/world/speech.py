"""What a person may say where, when a terminal or another process speaks for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.names import find_names
from pack.sandbox.slack.world.objects import Channel, User
from pack.sandbox.slack.world.timeline import Message
from pack.sandbox.slack.world.usergroups import UserGroup
from pack.sandbox.slack.world.wording import Wording, rewrite
from pack.sandbox.slack.world.workspace import Workspace

Json = Any


def speak(
    workspace: Workspace,
    channel: str,
    text: str,
    *,
    user: str | None = None,
    thread_ts: str | None = None,
    subtype: str | None = None,
    groups: Sequence[UserGroup] = (),
    **extra: Json,
) -> Message:
    """Say something as Slack would let this user (None: the first person); ``@BOT`` is the direct message.

    What is typed is worded as Slack's client does it: ``@name`` and ``#name`` are mentions, ``&``, ``<`` and
    ``>`` are escaped. ``subtype="bot_message"`` without a user speaks as another bot. ``groups``: the user
    groups that can be mentioned. ``extra`` goes into the message as it is.

    Raises:
        Refusal: ``no_text``; ``channel_not_found``; ``user_not_found``; ``not_in_channel``: the channel is
            not public and the user is no member;
            ``restricted_action_read_only_channel``: only admins may post there;
            what :meth:`Workspace.say` refuses.
    """
    if not text.strip() and not extra.get("blocks"):
        raise Refusal("no_text")
    author = None if user is None and subtype == "bot_message" else _person(workspace, user)
    where = find(workspace, channel, author)
    if author is not None and where.private and author.id not in where.members:
        # The first person is only a default: in somebody's direct message the person in there speaks.
        author = workspace.users.get(where.peer) if user is None else None
        if author is None:
            raise Refusal("not_in_channel")
    if author is not None and not workspace.may_post(author.id, where):
        raise Refusal("restricted_action_read_only_channel")
    worded = word(workspace, text, groups)
    return workspace.say(where, worded, user=author, thread_ts=thread_ts, subtype=subtype, **extra)


def word(workspace: Workspace, text: str, groups: Sequence[UserGroup] = ()) -> str:
    """Return a person's text as Slack's client sends it."""
    return rewrite(text, Wording(mention=find_names(workspace, groups, people=True)))


def reword(
    workspace: Workspace, message: Message, text: str, user: str | None = None, **fields: Json
) -> Message:
    """Change a message as its author (None) or the given user does; the same text again changes nothing.

    Raises:
        Refusal: ``no_text``; ``user_not_found``; ``cant_update_message``: somebody else wrote it.
    """
    if not text.strip() and not fields.get("blocks"):
        raise Refusal("no_text")
    editor = _author_of(workspace, message, user, "cant_update_message")
    worded = word(workspace, text)
    if worded == message.text and not fields:
        return message
    return workspace.edit(message.channel, message.ts, worded, by=editor, **fields)


def take_back(workspace: Workspace, message: Message, user: str | None = None) -> None:
    """Delete a message as its author (None) or the given user does.

    Raises:
        Refusal: ``user_not_found``; ``cant_delete_message``: somebody else wrote it.
    """
    _author_of(workspace, message, user, "cant_delete_message")
    workspace.delete(message.channel, message.ts)


def find(workspace: Workspace, reference: str, user: User | None = None) -> Channel:
    """Return a channel by ID, name or ``#name``, or by ``@BOT`` the user's direct message with the bot.

    Raises:
        Refusal: ``channel_not_found``.
    """
    bot = (f"@{workspace.app.name}", f"@{workspace.app.bot_user_id}")
    if reference in bot:
        return workspace.add_im(user or workspace.people()[0])
    return workspace.channel(reference)


def _person(workspace: Workspace, user: str | None) -> User:
    return workspace.people()[0] if user is None else workspace.user(user)


def _author_of(workspace: Workspace, message: Message, user: str | None, refusal: str) -> User | None:
    if user is None:
        return workspace.users.get(message.user or "")
    who = workspace.user(user)
    if who.id != message.user:
        raise Refusal(refusal)
    return who
