"""Faults of what a pack does all day: takes that come to nothing, results that do not arrive."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypedDict, Unpack

from aiohttp import web

from pack.flows.go_json import encode_json
from pack.sandbox.engine.answers import JSON_TYPE, path_part
from pack.sandbox.trouble.failures import Drop, Encounter, Failure, Silence, WrongAnswer

Json = Any

_WAITING = MappingProxyType({"waiting": True})
"""An action waits for who takes."""
_LOST_RACE = "another replica was faster: the transaction was rolled back"
_REFUSED_RESULT = "the result cannot be stored: the database does not answer"


class When(TypedDict, total=False):
    """For which requests a fault is there, beside its kind and its times."""

    probability: float
    for_seconds: float | None


class PackFaults(ABC):
    """The faults of takes and results, by name."""

    _forget: Callable[[str], object]

    def lost_race(self, times: int | None = 1, *, taken: bool = False, **when: Unpack[When]) -> str:
        """Answer takes with the 500 of a lost race; ``taken``: another worker got the action.

        Takes when nothing waits are no races, and are left alone.
        """
        failure = _refusal(500, _LOST_RACE, after=taken)
        return self._add("lost_race", "take", failure, times, when, {"taken": taken}, _WAITING)

    def forgotten_pack(self, times: int | None = 1, **when: Unpack[When]) -> str:
        """Have the engine forget the packs that take, as after a week without a sign of them: 404."""
        return self._add("forgotten_pack", "take", _Forgotten(self._forget), times, when, {})

    def broken_take(self, times: int | None = 1, **when: Unpack[When]) -> str:
        """Hand out actions into connections that break: they are taken, and nobody has them.

        Takes when nothing waits are left alone.
        """
        return self._add("broken_take", "take", Drop(after=True), times, when, {}, _WAITING)

    def result_refused(self, times: int | None = 1, *, status: int = 500, **when: Unpack[When]) -> str:
        """Refuse results; the actions stay open."""
        failure = _refusal(status, _REFUSED_RESULT)
        return self._add("result_refused", "result", failure, times, when, {"status": status})

    def result_answer_lost(self, times: int | None = 1, *, silent: bool = False, **when: Unpack[When]) -> str:
        """Accept results, and break the connection in place of the answer; ``silent``: leave it open."""
        failure: Failure = Silence(after=True) if silent else Drop(after=True)
        return self._add("result_answer_lost", "result", failure, times, when, {"silent": silent})

    @abstractmethod
    def _add(
        self,
        fault: str,
        kind: str,
        what: object,
        times: int | None,
        when: When,
        details: Mapping[str, Json],
        match: Mapping[str, Json] | None = None,
    ) -> str:
        """Have something go wrong from now on; return its id."""


@dataclass(frozen=True, slots=True)
class _Forgotten(Failure):
    forget: Callable[[str], object]

    async def befall(self, encounter: Encounter) -> web.StreamResponse:
        self.forget(path_part(encounter.request, 2))
        return await encounter.carry_out()


def _refusal(status: int, reason: str, *, after: bool = False) -> WrongAnswer:
    return WrongAnswer(status, encode_json({"error": reason}), {"Content-Type": JSON_TYPE}, after)
