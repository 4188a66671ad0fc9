"""Channels appear, change and go; people open direct messages; other workspaces take part."""

from __future__ import annotations

from collections.abc import Sequence

from pack.sandbox.slack.client.calling import Calling
from pack.sandbox.slack.client.results import ConnectInvite, Direct, Object, made


class Channels(Calling):
    """A channel is an ID, a name or ``#name``; ``by``: who acts; None: the first person, ada."""

    async def create_channel(
        self,
        name: str,
        *,
        private: bool = False,
        members: Sequence[str] | None = None,
        bot: bool = False,
        archived: bool = False,
        topic: str = "",
        purpose: str = "",
        by: str | None = None,
    ) -> Object:
        """Make a channel; return it as ``conversations.info`` does, with its ``members``.

        ``members`` None: all people. ``bot``: the app's bot is in it. With ``by`` it is made as a person
        makes it, who then is its only member, besides those invited.
        """
        among = None if members is None else [*members]
        fields = {"name": name, "private": private, "members": among, "bot": bot, "archived": archived}
        answer = await self._do("create-channel", {**fields, "topic": topic, "purpose": purpose, "by": by})
        found: Object = answer["channel"]
        return found

    async def archive(self, channel: str, *, by: str | None = None) -> None:
        """Archive a channel."""
        await self._do("archive", {"channel": channel, "by": by})

    async def unarchive(self, channel: str, *, by: str | None = None) -> None:
        """Bring an archived channel back."""
        await self._do("unarchive", {"channel": channel, "by": by})

    async def delete_channel(self, channel: str) -> None:
        """Delete a channel and what was said in it."""
        await self._do("delete-channel", {"channel": channel})

    async def rename_channel(self, channel: str, name: str, *, by: str | None = None) -> None:
        """Give a channel another name."""
        await self._do("rename-channel", {"channel": channel, "name": name, "by": by})

    async def set_topic(self, channel: str, text: str, *, by: str | None = None) -> None:
        """Set a channel's topic."""
        await self._do("set-topic", {"channel": channel, "text": text, "by": by})

    async def set_purpose(self, channel: str, text: str, *, by: str | None = None) -> None:
        """Set a channel's purpose."""
        await self._do("set-purpose", {"channel": channel, "text": text, "by": by})

    async def make_private(self, channel: str, *, by: str | None = None) -> None:
        """Turn a public channel into a private one."""
        await self._do("make-private", {"channel": channel, "by": by})

    async def restrict_posting(self, channel: str, *, read_only: bool = True, by: str | None = None) -> None:
        """Let only admins post in a channel, or everybody again."""
        await self._do("restrict-posting", {"channel": channel, "read_only": read_only, "by": by})

    async def join(self, channel: str, user: str) -> bool:
        """Have a person join a channel by itself; return whether it was not there before."""
        return bool((await self._do("join", {"channel": channel, "user": user}))["changed"])

    async def leave(self, channel: str, user: str) -> bool:
        """Have a person leave a channel by itself; return whether it was there."""
        return bool((await self._do("leave", {"channel": channel, "user": user}))["changed"])

    async def open_direct(self, users: Sequence[str], *, owner: str | None = None) -> Direct:
        """Open a direct message; ``owner``: who opens it (None: the app's bot)."""
        return made(Direct, await self._do("open-direct", {"users": [*users], "owner": owner}))

    async def close_direct(self, channel: str, user: str) -> bool:
        """Take a direct message out of a person's list; return whether it was there."""
        return bool((await self._do("close-direct", {"channel": channel, "user": user}))["changed"])

    async def mark_read(self, channel: str, user: str, *, ts: str | None = None) -> None:
        """Note how far a person has read; None: all."""
        await self._do("mark-read", {"channel": channel, "user": user, "ts": ts})

    async def receive_connect_invite(
        self, team: str, channel_name: str, *, recipient: str = "ada@example.com"
    ) -> ConnectInvite:
        """Be invited by another workspace, by its name, into a channel of its own."""
        fields = {"team": team, "channel_name": channel_name, "recipient": recipient}
        return made(ConnectInvite, await self._do("receive-connect-invite", fields))

    async def accept_connect_invite(self, invite_id: str, team: str, *, approval: bool = True) -> str:
        """Have another workspace accept an invite, without ``approval`` at once; return its ID."""
        fields = {"invite_id": invite_id, "team": team, "approval": approval}
        return str((await self._do("accept-connect-invite", fields))["team_id"])

    async def request_connect_invite(
        self, channel: str, email: str, *, user: str | None = None, limited: bool = True
    ) -> str:
        """Have a member ask that somebody be invited into a channel; return the invite's ID."""
        fields = {"channel": channel, "email": email, "user": user, "limited": limited}
        return str((await self._do("request-connect-invite", fields))["invite_id"])
