"""The app is told when its bot is mentioned: at once, again when that is edited, and when it is invited."""

from __future__ import annotations

from pack.sandbox.slack.world.directory import Directory
from pack.sandbox.slack.world.objects import Channel, Kind
from pack.sandbox.slack.world.timeline import Message

_MENTIONING = frozenset({None, "bot_message", "file_share", "thread_broadcast"})


class Mentions(Directory):
    """A workspace in which ``app_mention`` is told."""

    def _tell_of_mention(self, channel: Channel, message: Message, event_ts: str = "") -> None:
        """Tell of a mention; not in direct messages, and not of the app's own messages.

        ``event_ts``: when a message was edited that mentions the bot; empty: it is new. What mentions a bot
        that is not there is kept for :meth:`_tell_of_invitation`.
        """
        if message.subtype not in _MENTIONING or not self._mentions_bot(message.text):
            return
        if channel.kind is Kind.DIRECT or message.fields.get("app_id") == self.app.app_id:
            return
        if message.user and self.app.bot_user_id not in channel.members:
            channel.unheard_mentions[message.user] = message.ts
        event = {
            **message.as_json(),
            "type": "app_mention",
            "channel": channel.id,
            "event_ts": event_ts or message.ts,
        }
        if message.subtype != "bot_message":
            event.pop("subtype", None)
        self.emit(event, channel, "app_mentions:read")

    def _tell_of_invitation(self, channel: Channel, inviter: str) -> None:
        """Tell the bot, now that it is there, of the message for which its author invited it.

        Source: https://docs.slack.dev/reference/events/app_mention
        """
        unheard, channel.unheard_mentions = channel.unheard_mentions, {}
        message = channel.timeline.get(unheard.get(inviter, ""))
        if message is not None and not message.is_tombstone:
            self._tell_of_mention(channel, message)

    def _mentions_bot(self, text: str) -> bool:
        mention = f"<@{self.app.bot_user_id}"
        return mention in text and (f"{mention}>" in text or f"{mention}|" in text)
