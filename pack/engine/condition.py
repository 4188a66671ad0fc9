"""How the engine is doing, from the outcomes of all calls: logged once per change, for the health page."""

from __future__ import annotations

import logging
from datetime import datetime
from enum import Enum
from types import TracebackType

from pack.clock import Clock
from pack.contracts.ports import Check
from pack.errors import AnswerLost, CredentialsRefused, EngineForgot, EngineRefused, EngineUnavailable

logger = logging.getLogger(__name__)

GATEWAY_STATUSES = frozenset({502, 503, 504})
"""What a proxy or balancer answers when nobody is behind it."""

PATIENCE_SECONDS = 30.0
"""A 500 may be a lost race; after this long without one good answer it is an outage."""


class State(Enum):
    """What the calls so far say of the engine."""

    UNTRIED = "untried"
    WORKING = "working"
    FORGETFUL = "forgetful"
    AWAY = "away"
    REFUSING = "refusing"


class Condition:
    """Watches calls (``with condition: …``) and keeps what they say; lets every error pass."""

    def __init__(self, *, place: str, clock: Clock) -> None:
        self._place = place
        self._clock = clock
        self._state = State.UNTRIED
        self._since = clock.now()
        self._reason = ""
        self._registered: datetime | None = None
        self._last_good = clock.monotonic()

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._good()
        elif isinstance(error, CredentialsRefused):
            self._refusing(str(error))
        elif isinstance(error, EngineUnavailable | AnswerLost):
            self._failing(error)
        elif isinstance(error, EngineForgot | EngineRefused):
            self._good()

    def registered(self) -> None:
        """Note that the pack is known to the engine (again)."""
        self._registered = self._clock.now()
        if self._state is State.FORGETFUL:
            self._change(State.WORKING, "")
        logger.info("registered with the engine", extra={"url": self._place})

    def forgot(self) -> None:
        """Note that the engine does not know the pack any more."""
        self._change(State.FORGETFUL, "")

    def check(self) -> Check:
        """Return the line for the health page; no restart cures an engine, so it is always healthy."""
        since = f"{self._since:%Y-%m-%d %H:%M:%S} UTC"
        match self._state:
            case State.UNTRIED:
                text = f"not registered yet at {self._place}"
            case State.AWAY:
                text = f"not reachable since {since}: {self._reason}"
            case State.REFUSING:
                text = f"refuses the pack's credentials since {since}: {self._reason}"
            case State.FORGETFUL:
                text = f"does not know this pack any more since {since}; it is being registered again"
            case State.WORKING if self._registered is None:
                text = f"answers at {self._place}; the pack is not registered yet"
            case State.WORKING:
                text = f"registered since {self._registered:%Y-%m-%d %H:%M:%S} UTC at {self._place}"
        ready = self._state is State.WORKING and self._registered is not None
        return Check(healthy=True, ready=ready, status=text)

    def _good(self) -> None:
        self._last_good = self._clock.monotonic()
        if self._state in (State.WORKING, State.FORGETFUL):
            return
        if self._state is not State.UNTRIED:
            seconds = (self._clock.now() - self._since).total_seconds()
            logger.info("the engine works again", extra={"url": self._place, "after_seconds": round(seconds)})
        self._change(State.WORKING, "")

    def _failing(self, error: EngineUnavailable | AnswerLost) -> None:
        status = error.status if isinstance(error, EngineUnavailable) else None
        patient = self._state in (State.WORKING, State.FORGETFUL) and self._registered is not None
        passing = status is not None and status not in GATEWAY_STATUSES and patient
        if passing and self._clock.monotonic() - self._last_good < PATIENCE_SECONDS:
            return
        if self._state is not State.AWAY:
            logger.warning("the engine cannot be reached: %s", error)
        self._change(State.AWAY, str(error))

    def _refusing(self, reason: str) -> None:
        if self._state not in (State.UNTRIED, State.REFUSING):  # at start whoever registers reports it
            logger.error("the engine refuses the pack's credentials: %s", reason)
        self._change(State.REFUSING, reason)

    def _change(self, state: State, reason: str) -> None:
        if state is not self._state:
            self._state, self._since = state, self._clock.now()
        self._reason = reason
