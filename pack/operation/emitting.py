"""Telling the engine how a replayed command ended, as an event of the pack.

The address for events comes with the registration, so the pack is registered again: with the same name and
labels that is the same pack, nothing changes for the one that is running, and an engine that forgot the pack
takes the event all the same.
"""

from __future__ import annotations

from pack.clock import Clock
from pack.contracts.ports import Engine, Event
from pack.errors import AnswerLost, EngineUnavailable, PackError
from pack.retry import Backoff, retry

PATIENCE_SECONDS = 30.0
"""How long an engine is waited for that does not answer."""

REPLAYED = "replayed"
"""The key that tells such an event from one that ended a command."""

_BACKOFF = Backoff(first_seconds=0.5, cap_seconds=5)


class Emitter:
    """The engine, for events only."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    async def prepare(self) -> None:
        """Find out where events go.

        Raises:
            PackError: the engine does not answer, or refuses the pack.
        """
        await retry(
            self._engine.register,
            backoff=_BACKOFF,
            clock=self._clock,
            give_up_after_seconds=PATIENCE_SECONDS,
            only=EngineUnavailable,
        )

    async def tell(self, result: Event) -> str:
        """Tell the engine an event; return why it was not told, empty when it was."""
        marked = {**result.payload, REPLAYED: True} if isinstance(result.payload, dict) else result.payload
        try:
            await retry(
                lambda: self._engine.emit(Event(result.name, marked)),
                backoff=_BACKOFF,
                clock=self._clock,
                give_up_after_seconds=PATIENCE_SECONDS,
                only=EngineUnavailable,
            )
        except AnswerLost as error:
            return f"{error}; it may have the event: look there before it is told again"
        except PackError as error:
            return str(error)
        return ""
