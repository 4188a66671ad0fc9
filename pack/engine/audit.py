"""The engine's records (the audit): which actions it has, and what became of them."""

from __future__ import annotations

import contextlib
import logging
import math
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from yarl import URL

from pack.contracts.ports import Action, ActionState, Json, PackSpec, Pending
from pack.engine.answers import read_date, read_json
from pack.engine.links import result_link
from pack.engine.transport import TOO_LONG, Answer, shown
from pack.errors import EngineUnavailable, RecordsUnclear

logger = logging.getLogger(__name__)

PAGE = 50
"""Executions in the first request for one action; fewer where these would be too long an answer."""

NEXT_PAGE = 200
"""Executions per further request for it."""

MOST_EXECUTIONS = 2000
"""How far back is looked for one action, newest change first."""

PENDING_PAGE = 200
"""Executions per request when unfinished actions are listed."""

MOST_SEARCHED = 100_000
"""How many executions are searched for unfinished actions at the most, should they all be recent enough."""

ORDER_SECONDS = 3600.0
"""By how much the times of executions may contradict their order, since an engine may have several clocks."""

AHEAD_SECONDS = 60.0
"""How far ahead of the engine's date an action's time may be to count as now."""

UNFINISHED = frozenset({"NEW", "PENDING"})
LONG_AGO = datetime.min.replace(tzinfo=UTC)

Get = Callable[[URL], Awaitable[Answer]]
"""Asks one address and returns its answer, which is 200; raises what else it means."""

Now = Callable[[], datetime]
"""Our own date, for an engine that does not tell its own."""


async def find_state(get: Get, audit: URL, pack: PackSpec, action: Action, now: Now) -> ActionState:
    """Look one action up.

    Raises:
        EngineUnavailable: the records cannot be read.
        RecordsUnclear: not so far back, or not so completely, that it is sure.
    """
    query = {"actionPackName": pack.name, "actionName": action.command}
    url = audit.update_query(query)
    records = _Records(get, get, url, now, page=PAGE, next_page=NEXT_PAGE, most=MOST_EXECUTIONS)
    async with contextlib.aclosing(records.actions()) as actions:
        async for found in actions:
            if found.get("id") == action.id:
                return ActionState.PENDING if _state(found) in UNFINISHED else ActionState.FINISHED
    if not records.complete:
        raise RecordsUnclear(
            f"GET {shown(audit)}: action {action.id} is not among the {MOST_EXECUTIONS} newest executions",
            status=200,
        )
    if records.left_out:
        raise RecordsUnclear(
            f"GET {shown(audit)}: action {action.id} may be in an execution that cannot be read ({TOO_LONG})",
            status=200,
        )
    return ActionState.UNKNOWN


async def list_pending(
    get: Get, get_again: Get, audit: URL, pack: PackSpec, take: URL, now: Now, within_seconds: float
) -> list[Pending]:
    """List the actions that packs of this name and these labels took and have not completed, oldest first.

    Executions that changed last longer than ``within_seconds`` ago need not be read. ``get_again`` gets the
    pages after the first.
    """
    url = audit.update_query(actionPackName=pack.name)
    records = _Records(
        get, get_again, url, now, page=PENDING_PAGE, most=MOST_SEARCHED, within_seconds=within_seconds
    )
    pending: dict[str, tuple[datetime | None, Action]] = {}
    async with contextlib.aclosing(records.actions()) as actions:
        async for found in actions:
            identity, command = found.get("id"), found.get("name")
            if not isinstance(identity, str) or not isinstance(command, str) or not identity:
                continue
            pending.pop(identity, None)  # seen again: what is read later is newer
            if _state(found) == "PENDING" and _is_ours(found, pack):
                reply = str(result_link(take, identity))
                pending[identity] = _moment(found), Action(identity, command, found.get("input"), reply)
    records.name_gaps()
    found_oldest_first = list(pending.values())[::-1]
    oldest_first = sorted(found_oldest_first, key=lambda entry: entry[0] or LONG_AGO)
    return [Pending(action, _age(moment, records.date)) for moment, action in oldest_first]


@dataclass(frozen=True, slots=True)
class _Page:
    executions: list[Json]
    places: int
    """How many executions it stands for: one that cannot be read is left out."""
    last: bool


class _Records:
    """The executions, read page by page, newest change first."""

    def __init__(
        self,
        get: Get,
        get_again: Get,
        url: URL,
        now: Now,
        *,
        page: int,
        next_page: int = 0,
        most: int,
        within_seconds: float = math.inf,
    ) -> None:
        self._get = get
        self._get_again = get_again
        self._url = url
        self._now = now
        self._page = self._limit = page
        self._next_page = next_page or page
        self._most = most
        self._within_seconds = within_seconds
        self.complete = False
        """Whether everything was read that there is, or that is recent enough."""
        self.left_out = 0
        """How many executions could not be read, since each alone is too long an answer."""
        self.date = LONG_AGO
        """The engine's date at its last answer."""

    async def actions(self) -> AsyncGenerator[Mapping[str, Json], None]:
        """Yield the actions of all executions.

        What changes while the pages are read moves to the front, so after the last page the first is read
        again.
        """
        start, pages = 0, 0
        while start < self._most and not self.complete:
            page = await self._read(start)
            actions = _of(page.executions)
            for action in actions:
                yield action
            start, pages = start + page.places, pages + 1
            if self._limit == self._page:
                self._page = self._limit = self._next_page
            self.complete = page.last or self._is_old(actions)
        if pages > 1:
            for action in _of((await self._read(0)).executions):
                yield action

    async def _read(self, start: int) -> _Page:
        get = self._get_again if start else self._get
        while True:
            limit = self._limit
            answer = await get(self._url.update_query(start=start, limit=limit))
            self.date = read_date(answer, self._now())
            if answer.damage != TOO_LONG:
                executions = _executions(answer)
                return _Page(executions, len(executions), len(executions) < limit)
            if limit == 1:
                self.left_out, self._limit = self.left_out + 1, self._page
                return _Page([], 1, last=False)
            self._limit = limit // 2

    def _is_old(self, actions: list[Mapping[str, Json]]) -> bool:
        moments = [_moment(action) for action in actions]
        known = [moment for moment in moments if moment]
        if not known or len(known) < len(moments):
            return False
        return (self.date - max(known)).total_seconds() > self._within_seconds + ORDER_SECONDS

    def name_gaps(self) -> None:
        """Log what was not searched."""
        if not self.complete:
            logger.warning("only the %d newest executions were searched for unfinished actions", self._most)
        if self.left_out:
            logger.warning("%d executions were not searched: %s", self.left_out, TOO_LONG)


def _executions(answer: Answer) -> list[Json]:
    document = read_json(answer)
    executions = document.get("flows") if isinstance(document, dict) else None
    if executions is None and isinstance(document, dict) and "flows" in document:
        return []
    if not isinstance(executions, list):
        raise EngineUnavailable(
            f"GET {shown(answer.url)}: the answer has no list of flows, so it is no audit", status=200
        )
    return executions


def _of(executions: list[Json]) -> list[Mapping[str, Json]]:
    found: list[Mapping[str, Json]] = []
    for execution in executions:
        actions = execution.get("actions") if isinstance(execution, dict) else None
        if isinstance(actions, dict):
            found += [action for action in actions.values() if isinstance(action, dict)]
    return found


def _state(action: Mapping[str, Json]) -> str:
    state = action.get("state")
    return str(state.get("value")) if isinstance(state, dict) else ""


def _is_ours(action: Mapping[str, Json], pack: PackSpec) -> bool:
    labels = action.get("packLabels") or {}
    return (
        action.get("packName") == pack.name
        and isinstance(labels, dict)
        and all(pack.labels.get(name) == value for name, value in labels.items())
    )


def _moment(action: Mapping[str, Json]) -> datetime | None:
    """Return when an action was taken, which is when it came into its state; None when nobody can tell."""
    try:
        moment = datetime.fromisoformat(str(action["state"]["time"]))
    except (KeyError, TypeError, ValueError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _age(moment: datetime | None, date: datetime) -> float:
    """Return how long ago that was, in seconds; infinity when it is not known, or lies in the future."""
    if moment is None:
        return math.inf
    seconds = (date - moment).total_seconds()
    return math.inf if seconds < -AHEAD_SECONDS else max(0.0, seconds)
