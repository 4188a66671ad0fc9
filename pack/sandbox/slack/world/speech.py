"""What a person may say where, when a terminal or another process speaks for it."""

from __future__ import annotations

from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.objects import Channel, User
from pack.sandbox.slack.world.timeline import Message
from pack.sandbox.slack.world.workspace import Workspace


def speak(
    workspace: Workspace,
    channel: str,
    text: str,
    *,
    user: str | None = None,
    thread_ts: str | None = None,
    subtype: str | None = None,
) -> Message:
    """Say something as Slack would let this user (None: the first person); ``@BOT`` is the direct message.

    ``subtype="bot_message"`` without a user speaks as another bot.

    Raises:
        Refusal: ``no_text``; ``channel_not_found``; ``user_not_found``; ``not_in_channel``: the channel is
            not public and the user is no member; what :meth:`Workspace.say` refuses.
    """
    if not text.strip():
        raise Refusal("no_text")
    author = None if user is None and subtype == "bot_message" else _person(workspace, user)
    where = find(workspace, channel, author)
    if author is not None and where.private and author.id not in where.members:
        # The first person is only a default: in somebody's direct message the person in there speaks.
        author = workspace.users.get(where.peer) if user is None else None
        if author is None:
            raise Refusal("not_in_channel")
    return workspace.say(where, text, user=author, thread_ts=thread_ts, subtype=subtype)


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
