"""The addresses of messages."""

from __future__ import annotations

from pack.sandbox.slack.world.objects import App, Channel
from pack.sandbox.slack.world.timeline import Message


def permalink(app: App, channel: Channel, message: Message) -> str:
    """Return the address of a message; a reply's names its thread too."""
    link = f"{app.team_url}archives/{channel.id}/p{message.ts.replace('.', '')}"
    return f"{link}?thread_ts={message.thread_ts}&cid={channel.id}" if message.is_reply else link
