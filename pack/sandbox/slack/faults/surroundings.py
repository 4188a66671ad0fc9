"""Faults around the calls: tokens, the date, connections, sockets and events."""

from __future__ import annotations

from collections.abc import Callable
from typing import Unpack

from pack.sandbox.slack.delivery.disturbances import Disturbances
from pack.sandbox.slack.delivery.socket_faults import Chance
from pack.sandbox.slack.delivery.sockets import Sockets
from pack.sandbox.slack.faults.refusals import TokenTrouble, restore, spoil
from pack.sandbox.slack.timing import FARTHEST_SECONDS, SlackClock
from pack.sandbox.slack.world.grants import Grant, Grants
from pack.sandbox.trouble.listening import Door
from pack.sandbox.trouble.rules import RuleBook, Scope


class Surroundings:
    """Faults that no single call meets alone."""

    deliveries: Disturbances
    _clock: SlackClock
    _grants: Grants
    _sockets: Sockets
    _door: Door
    _rules: RuleBook

    def revoke_token(
        self, token: str | None = None, error: str = "token_revoked", for_seconds: float | None = None
    ) -> str:
        """Have a token (None: the bot's) refused; it holds again when the fault ends.

        Raises:
            ValueError: there is no such token.
        """
        trouble = TokenTrouble(self._grant(token), refusal=error)
        return self._spoil("revoke_token", trouble, for_seconds, {"error": error})

    def take_scopes(self, *scopes: str, token: str | None = None, for_seconds: float | None = None) -> str:
        """Take scopes from a token (None: the bot's); it has them again when the fault ends.

        Raises:
            ValueError: there is no such token, or it lacks one of the scopes already.
        """
        grant = self._grant(token)
        wanted = frozenset(scopes)
        if not wanted:
            raise ValueError("take_scopes needs at least one scope")
        if absent := wanted - grant.scopes:
            raise ValueError(f"the token does not have {', '.join(sorted(absent))}")
        trouble = TokenTrouble(grant, lost=wanted)
        return self._spoil("take_scopes", trouble, for_seconds, {"scopes": sorted(wanted)})

    def skew(self, seconds: float, for_seconds: float | None = None) -> str:
        """Have Slack's date be wrong: in its headers, timestamps and signatures.

        Negative: Slack is behind.

        Raises:
            ValueError: it would be wrong by more than ten years.
        """
        if not abs(seconds) <= FARTHEST_SECONDS:
            raise ValueError("a date can be wrong by ten years at most")
        for rule, _ in self._rules.of(Skewed):
            self._rules.remove(rule.id)
        self._clock.skew_seconds = seconds
        return self._add("skew", Skewed(), for_seconds, {"seconds": seconds}, self._set_right)

    def refuse_connections(self, for_seconds: float | None = None) -> str:
        """Refuse every new connection (``ECONNREFUSED``), and close those that wait for a next request.

        Nobody can call it back over HTTP meanwhile, the sandbox's own addresses included. Open sockets stay.

        Raises:
            ValueError: the server does not run.
        """
        for rule, _ in self._rules.of(_Closed):
            self._rules.remove(rule.id)
        self._door.refuse(for_seconds, self._clock)
        return self._add("refuse_connections", _Closed(), for_seconds, {}, self._door.admit)

    # --- Socket Mode --------------------------------------------------------------------------------

    def repeat_events(self, copies: int = 1) -> str:
        """Have every event followed by copies, each with an event_id of its own and no mark of a retry."""
        return self.deliveries.repeat_events(copies)

    def disconnect(self, reason: str = "refresh_requested") -> str:
        """Send every open socket a ``disconnect`` frame: warning, refresh_requested and so on."""
        hits = self._sockets.disconnect(reason)
        return self._sockets.faults.note("disconnect", f"disconnect.{reason}", hits, reason=reason)

    def close_sockets(self, abrupt: bool = False) -> str:
        """Close the open sockets; ``abrupt``: without a close frame."""
        hits = self._sockets.close(abrupt=abrupt)
        count = "aborted" if abrupt else "closed"
        return self._sockets.faults.note("close_sockets", count, hits, abrupt=abrupt)

    def go_silent(self, for_seconds: float | None = None) -> str:
        """Leave the open sockets open but dead: no frames, pings or pongs; payloads sent there are lost."""
        return self._sockets.faults.go_silent(self._sockets.connections, for_seconds)

    def kill_sockets(self, for_seconds: float | None = None) -> str:
        """Leave the open sockets half-open, as when the network is gone: nothing is read or sent any more."""
        return self._sockets.faults.kill_sockets(self._sockets.connections, for_seconds)

    def refuse_upgrade(self, times: int | None = 1, **chance: Unpack[Chance]) -> str:
        """Have WebSocket upgrades refused with 503; their tickets are not used up."""
        return self._sockets.faults.refuse_upgrade(times, **chance)

    def mute_sockets(self, times: int | None = 1, **chance: Unpack[Chance]) -> str:
        """Have sockets be opened and then stay silent, without a ``hello``."""
        return self._sockets.faults.mute_sockets(times, **chance)

    def break_sockets(self, times: int | None = 1, **chance: Unpack[Chance]) -> str:
        """Have sockets break right after a payload, so that its acknowledgement is lost."""
        return self._sockets.faults.break_sockets(times, **chance)

    def spoil_tickets(self, times: int | None = 1, **chance: Unpack[Chance]) -> str:
        """Have tickets of ``apps.connections.open`` be refused when they are used."""
        return self._sockets.faults.spoil_tickets(times, **chance)

    def _spoil(
        self, fault: str, trouble: TokenTrouble, for_seconds: float | None, details: dict[str, object]
    ) -> str:
        spoil(trouble)
        return self._add(fault, trouble, for_seconds, details, lambda: restore(trouble))

    def _add(
        self,
        fault: str,
        what: object,
        for_seconds: float | None,
        details: dict[str, object],
        undo: Callable[[], None],
    ) -> str:
        scope = Scope(times=None, for_seconds=for_seconds)
        return self._rules.add(fault, what, scope, details, undo).id

    def _set_right(self) -> None:
        self._clock.skew_seconds = 0.0

    def _grant(self, token: str | None) -> Grant:
        grant = self._grants.bot if token is None else self._grants.find(token)
        if grant is None:
            raise ValueError("there is no such token")
        return grant


class Skewed:
    """The date is wrong."""


class _Closed:
    """Connections are refused."""
