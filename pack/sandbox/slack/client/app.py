"""The app: its tokens, its subscriptions, the way to it, the workspace's emoji."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NotRequired, TypedDict

from pack.sandbox.slack.client.calling import UNCHANGED, Calling, Unchanged
from pack.sandbox.slack.client.results import Object, SocketMode, Token, made


class MetadataSubscription(TypedDict):
    """One kind of message metadata; ``app_id``: of which app's messages (``*``, if it is not given: any)."""

    event_type: str
    app_id: NotRequired[str]


class AppSide(Calling):
    """What the app has and wants to hear."""

    async def tokens(self) -> list[Token]:
        """Return every token that was issued."""
        return [made(Token, token) for token in (await self._do("tokens", {}))["tokens"]]

    async def issue_token(
        self,
        *,
        kind: Literal["bot", "user", "app"] = "user",
        user: str | None = None,
        scopes: Sequence[str] | None = None,
        token: str | None = None,
        expires_in: float | None = None,
    ) -> Token:
        """Issue a token for the bot, for a person (``user``), or for Socket Mode (``app``).

        ``scopes`` None: all that the reference knows for that kind. ``token``: its text. ``expires_in``: so
        many seconds later it is refused.
        """
        granted = None if scopes is None else [*scopes]
        fields = {"kind": kind, "user": user, "scopes": granted, "token": token, "expires_in": expires_in}
        return made(Token, await self._do("issue-token", fields))

    async def revoke_token(
        self,
        token: str,
        *,
        error: Literal[
            "token_revoked", "token_expired", "account_inactive", "invalid_auth"
        ] = "token_revoked",
    ) -> bool:
        """Have a token refused from now on, with this code; return whether it held before."""
        return bool((await self._do("revoke-token", {"token": token, "error": error}))["changed"])

    async def token_scopes(self, token: str, scopes: Sequence[str]) -> Token:
        """Give a token other scopes, as if the app were installed anew."""
        return made(Token, await self._do("token-scopes", {"token": token, "scopes": [*scopes]}))

    async def add_emoji(
        self, name: str, *, value: str = "https://emoji.slack-edge.com/T0SANDBOX01/custom/0000000000.png"
    ) -> None:
        """Add an emoji of the workspace's own: the address of its image, or ``alias:NAME``."""
        await self._do("add-emoji", {"name": name, "value": value})

    async def remove_emoji(self, name: str) -> None:
        """Remove an emoji of the workspace's own."""
        await self._do("remove-emoji", {"name": name})

    async def subscriptions(
        self,
        *,
        events: Sequence[str] | Unchanged | None = UNCHANGED,
        user_events: Sequence[str] | Unchanged = UNCHANGED,
        hourly_limit: int | Unchanged | None = UNCHANGED,
    ) -> Object:
        """Choose the events that the app is told of; return the subscriptions.

        ``events``: the bot's types, None: all. ``user_events``: those on behalf of people. ``hourly_limit``:
        of events told within an hour, None: no limit.
        """
        lists = {"events": events, "user_events": user_events}
        given = {name: [*types] if isinstance(types, Sequence) else types for name, types in lists.items()}
        return await self._change("subscriptions", {**given, "hourly_limit": hourly_limit})

    async def request_urls(
        self,
        *,
        events: str | Unchanged | None = UNCHANGED,
        interactivity: str | Unchanged | None = UNCHANGED,
        commands: str | Unchanged | None = UNCHANGED,
        options: str | Unchanged | None = UNCHANGED,
        enabled: Literal[True] | None = None,
        disable_from: int | None = None,
    ) -> Object:
        """Set where the app takes requests (None: nowhere); return all addresses and what became of them.

        The events' address has to answer Slack's challenge. ``enabled``: true sends events again after too
        many failed. ``disable_from``: from how many requests of an hour on failures end the subscription.
        """
        urls = {"events": events, "interactivity": interactivity, "commands": commands, "options": options}
        return await self._change("request-urls", {**urls, "enabled": enabled, "disable_from": disable_from})

    async def socket_mode(
        self, *, enabled: bool | None = None, connection_seconds: float | None = None
    ) -> SocketMode:
        """Switch Socket Mode on or off, or set how long connections last that are opened from now on."""
        fields = {"enabled": enabled, "connection_seconds": connection_seconds}
        return made(SocketMode, await self._do("socket-mode", fields))

    async def unfurl_domains(self, domains: Sequence[str]) -> list[str]:
        """Register the domains whose links the app previews, and forget the former ones; return them."""
        return [*(await self._do("unfurl-domains", {"domains": [*domains]}))["domains"]]

    async def metadata_subscriptions(self, subscriptions: Sequence[MetadataSubscription]) -> None:
        """Subscribe the app to these kinds of message metadata, and to no others."""
        await self._do("metadata-subscriptions", {"subscriptions": [*subscriptions]})
