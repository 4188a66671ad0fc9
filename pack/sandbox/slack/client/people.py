"""People speak, change their mind, react, and bring others in and out."""

from __future__ import annotations

from collections.abc import Sequence

from pack.sandbox.slack.client.calling import Calling
from pack.sandbox.slack.client.results import Object, Said


class People(Calling):
    """A channel is an ID, a name or ``#name``; a user an ID or a name; None: the first person, ada."""

    async def say(
        self,
        channel: str,
        text: str,
        *,
        user: str | None = None,
        thread_ts: str | None = None,
        subtype: str | None = None,
        blocks: Sequence[Object] | None = None,
    ) -> Said:
        """Say something; ``@flyte`` is the direct message with the bot."""
        fields = {"channel": channel, "text": text, "user": user, "thread_ts": thread_ts}
        answer = await self._do("say", {**fields, "subtype": subtype, "blocks": blocks})
        return Said(answer["channel"], answer["ts"])

    async def edit(
        self,
        channel: str,
        ts: str,
        text: str,
        *,
        user: str | None = None,
        blocks: Sequence[Object] | None = None,
    ) -> None:
        """Change a message; ``user`` None: as its author."""
        fields = {"channel": channel, "ts": ts, "text": text, "user": user, "blocks": blocks}
        await self._do("edit", fields)

    async def delete(self, channel: str, ts: str, *, user: str | None = None) -> None:
        """Delete a message; ``user`` None: as its author."""
        await self._do("delete", {"channel": channel, "ts": ts, "user": user})

    async def react(self, channel: str, ts: str, name: str, *, user: str | None = None) -> None:
        """React to a message with an emoji, by its name."""
        await self._do("react", {"channel": channel, "ts": ts, "name": name, "user": user})

    async def unreact(self, channel: str, ts: str, name: str, *, user: str | None = None) -> None:
        """Take a reaction back."""
        await self._do("unreact", {"channel": channel, "ts": ts, "name": name, "user": user})

    async def invite(self, channel: str, *, user: str | None = None, by: str | None = None) -> bool:
        """Invite a user (None: the bot); return whether it was not there before."""
        return bool((await self._do("invite", {"channel": channel, "user": user, "by": by}))["changed"])

    async def kick(self, channel: str, *, user: str | None = None, by: str | None = None) -> bool:
        """Remove a user (None: the bot) from a channel; return whether it was there."""
        return bool((await self._do("kick", {"channel": channel, "user": user, "by": by}))["changed"])
