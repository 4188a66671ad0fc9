"""Faults of Socket Mode: tickets, upgrades and connections; rules in the book, and what they did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, TypedDict, TypeGuard, Unpack

from pack.sandbox.slack.delivery.connections import Connection
from pack.sandbox.trouble.rules import EVERY, RuleBook, Scope


class Chance(TypedDict, total=False):
    """How likely a fault strikes each time that it could, and how long it is there."""

    probability: float
    for_seconds: float | None


class _RefusedUpgrade:
    """An upgrade is refused."""


class _SpoiltTicket:
    """A ticket opens nothing."""


class _Break:
    """A connection breaks right after a payload."""


class _Stilled:
    """Connections that stay open, and on which nothing is said."""

    def __init__(self) -> None:
        self.connections: set[Connection] = set()

    def break_off(self) -> None:
        for connection in tuple(self.connections):
            connection.abort()


class SocketFaults:
    """What goes wrong with connections.

    A fault's method returns its id in the book of rules, where its hits are counted. A fault that leaves
    connections open and silent is in force as long as there are any; its end breaks them off.
    """

    def __init__(self, rules: RuleBook) -> None:
        self.counts: Counter[str] = Counter()
        """What has struck so far: refused, mute, broken, silent, dead, closed, aborted, disconnect.REASON…"""
        self._rules = rules

    # --- faults -------------------------------------------------------------------------------------

    def refuse_upgrade(self, times: int | None = 1, **chance: Unpack[Chance]) -> str:
        """Have upgrades refused with 503; their tickets are not used up."""
        return self._rules.add("refuse_upgrade", _RefusedUpgrade(), Scope(times=times, **chance)).id

    def spoil_tickets(self, times: int | None = 1, **chance: Unpack[Chance]) -> str:
        """Have tickets of ``apps.connections.open`` be refused when they are used."""
        return self._rules.add("spoil_tickets", _SpoiltTicket(), Scope(times=times, **chance)).id

    def break_sockets(self, times: int | None = 1, **chance: Unpack[Chance]) -> str:
        """Have connections break right after a payload, so that its acknowledgement is lost."""
        return self._rules.add("break_sockets", _Break(), Scope(times=times, **chance)).id

    def mute_sockets(self, times: int | None = 1, **chance: Unpack[Chance]) -> str:
        """Have connections be opened and then stay silent, without a ``hello``."""
        what = _Stilled()
        scope = Scope(times=times, **chance)
        return self._rules.add("mute_sockets", what, scope, undo=what.break_off, lasting=True).id

    def go_silent(self, connections: Iterable[Connection], for_seconds: float | None = None) -> str:
        """Leave connections open, and send nothing on them any more, not even answers to pings."""
        return self._still("go_silent", "silent", connections, for_seconds)

    def kill_sockets(self, connections: Iterable[Connection], for_seconds: float | None = None) -> str:
        """Leave connections as a network leaves them that is gone: nothing in, nothing out."""
        return self._still("kill_sockets", "dead", connections, for_seconds)

    def note(self, fault: str, count: str, hits: int, **details: str | bool) -> str:
        """Note what befell so many connections at once; returns its id in the book."""
        self.counts[count] += hits
        return self._rules.note(fault, hits, details).id

    # --- what happens -------------------------------------------------------------------------------

    def refuses(self) -> bool:
        """Say whether an upgrade is refused."""
        return self._strikes(_is_refused_upgrade, "refused")

    def spoils(self) -> bool:
        """Say whether a ticket will open nothing."""
        return self._strikes(_is_spoilt_ticket, "spoilt")

    def breaks(self) -> bool:
        """Say whether a connection breaks that just got a payload."""
        return self._strikes(_is_break, "broken")

    def mutes(self, connection: Connection) -> bool:
        """Say whether a new connection stays silent, which it is from then on."""
        stilled = self._rules.strike(_is_stilled, EVERY, {})
        if stilled is None:
            return False
        self.counts["mute"] += 1
        connection.silent = True
        stilled.connections.add(connection)
        return True

    def forget(self, connection: Connection) -> None:
        """Note that a connection is gone; a fault is over that has none left and strikes no more."""
        for rule, stilled in self._rules.of(_Stilled):
            stilled.connections.discard(connection)
            if rule.left == 0 and not stilled.connections:
                self._rules.remove(rule.id)

    def _still(
        self, fault: str, count: str, connections: Iterable[Connection], for_seconds: float | None
    ) -> str:
        what = _Stilled()
        what.connections.update(connections)
        for connection in what.connections:
            self.counts[count] += 1
            if fault == "kill_sockets":
                connection.die()
            else:
                connection.silent = True
        scope = Scope(times=0, for_seconds=for_seconds)
        rule = self._rules.add(fault, what, scope, undo=what.break_off, lasting=True)
        rule.hits = len(what.connections)
        if not what.connections:
            self._rules.remove(rule.id)
        return rule.id

    def _strikes(self, is_kind: Callable[[object], TypeGuard[Any]], count: str) -> bool:
        struck = self._rules.strike(is_kind, EVERY, {}) is not None
        if struck:
            self.counts[count] += 1
        return struck


def _is_refused_upgrade(what: object) -> TypeGuard[_RefusedUpgrade]:
    return isinstance(what, _RefusedUpgrade)


def _is_spoilt_ticket(what: object) -> TypeGuard[_SpoiltTicket]:
    return isinstance(what, _SpoiltTicket)


def _is_break(what: object) -> TypeGuard[_Break]:
    return isinstance(what, _Break)


def _is_stilled(what: object) -> TypeGuard[_Stilled]:
    return isinstance(what, _Stilled)
