"""The tokens of the app: of which kind, for whom, with which scopes, and whether they still hold."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from pack.sandbox.slack.timing import SlackClock
from pack.sandbox.slack.world.objects import App

_PREFIX = {"bot": "xoxb", "user": "xoxp", "app": "xapp"}


class TokenKind(Enum):
    """The kinds of token, as ``scopes`` of the reference names those that it knows."""

    BOT = "bot"
    USER = "user"
    APP = "app"


@dataclass(slots=True, eq=False)
class Grant:
    """What one token opens."""

    token: str
    kind: TokenKind
    user_id: str
    """Who acts with it: the bot's user, or the person who granted it; empty for the app-level token."""
    scopes: frozenset[str]
    refusal: str = ""
    """The code that it is answered with: ``token_revoked``, ``token_expired``, ``account_inactive``…"""
    expires_at: float | None = None
    """When it expires, on the clock's ``monotonic``; None: never."""


class Grants:
    """All tokens. ``bot`` and ``app_level`` are there from the start."""

    def __init__(self, app: App, clock: SlackClock, bot_scopes: Iterable[str]) -> None:
        self._app = app
        self._clock = clock
        self._by_token: dict[str, Grant] = {}
        self._lasting: dict[Grant, frozenset[str]] = {}
        self.installed = True
        """Whether people can use the app: not after its last token of a bot or a person was revoked."""
        self.bot = self.issue(TokenKind.BOT, app.bot_user_id, bot_scopes, lasting=True)
        self.app_level = self.issue(TokenKind.APP, "", {"connections:write"}, lasting=True)

    def find(self, token: str) -> Grant | None:
        """Return what a token opens, or that it opens nothing any more; None: there is no such token."""
        grant = self._by_token.get(token)
        if grant is not None and grant.expires_at is not None and not grant.refusal:
            self._expire(grant, grant.expires_at)
        return grant

    def all(self) -> list[Grant]:
        """Return every token that was issued, in that order."""
        return list(self._by_token.values())

    def issue(
        self,
        kind: TokenKind,
        user_id: str,
        scopes: Iterable[str],
        *,
        token: str | None = None,
        expires_in: float | None = None,
        lasting: bool = False,
    ) -> Grant:
        """Issue a token.

        ``token``: a text of the caller's own in place of one made up. ``expires_in``: so many seconds later
        it is refused as ``token_expired``; None: never. ``lasting``: :meth:`reset` lets it hold again.

        Raises:
            ValueError: that token is there already.
        """
        text = token or self._new_token(kind)
        if text in self._by_token:
            raise ValueError("there is such a token already")
        expires_at = None if expires_in is None else self._clock.monotonic() + expires_in
        grant = Grant(text, kind, user_id, frozenset(scopes), expires_at=expires_at)
        self._by_token[text] = grant
        self.installed = self.installed or kind is not TokenKind.APP
        if lasting:
            self._lasting[grant] = grant.scopes
        return grant

    def seconds_left(self, grant: Grant) -> int | None:
        """Return after how many seconds a token expires; None: never."""
        if grant.expires_at is None:
            return None
        return max(0, int(grant.expires_at - self._clock.monotonic()))

    def reset(self) -> None:
        """Forget all tokens but the lasting ones, which hold again with their first scopes."""
        self._by_token = {grant.token: grant for grant in self._lasting}
        self.installed = True
        for grant, scopes in self._lasting.items():
            grant.scopes, grant.refusal = scopes, ""

    def _expire(self, grant: Grant, at: float) -> None:
        if self._clock.monotonic() >= at:
            grant.refusal = "token_expired"

    def _new_token(self, kind: TokenKind) -> str:
        number = f"{secrets.randbelow(10**12):012}"
        if kind is TokenKind.APP:
            return f"xapp-1-{self._app.app_id}-{number}-{secrets.token_hex(32)}"
        return f"{_PREFIX[kind.value]}-{number}-{secrets.token_hex(12)}"
