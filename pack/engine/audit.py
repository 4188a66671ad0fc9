"""The engine's records (the audit): which actions it has, and what became of them."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from yarl import URL

from pack.contracts.ports import Action, ActionState, Json, PackSpec, Pending
from pack.engine.answers import read_json
from pack.engine.links import result_link
from pack.engine.transport import TOO_LONG, Answer, shown
from pack.errors import EngineUnavailable

logger = logging.getLogger(__name__)

PAGE = 50
"""Executions per request; fewer where these would be too long an answer."""

MOST_EXECUTIONS = 2000
"""How far back is looked, newest change first."""

UNFINISHED = frozenset({"NEW", "PENDING"})
LONG_AGO = datetime.min.replace(tzinfo=UTC)

Get = Callable[[URL], Awaitable[Answer]]
"""Asks one address and returns its answer, which is 200; raises what else it means."""


@dataclass(slots=True)
class _Reach:
    """How far the records were read."""

    complete: bool = False


async def find_state(get: Get, audit: URL, pack: PackSpec, action: Action) -> ActionState:
    """Look one action up.

    Raises:
        EngineUnavailable: the records cannot be read, or not so far back that it is sure.
    """
    reach = _Reach()
    query = {"actionPackName": pack.name, "actionName": action.command}
    async with contextlib.aclosing(_actions(get, audit.update_query(query), reach)) as actions:
        async for found in actions:
            if found.get("id") == action.id:
                return ActionState.PENDING if _state(found) in UNFINISHED else ActionState.FINISHED
    if not reach.complete:
        raise EngineUnavailable(
            f"GET {shown(audit)}: action {action.id} is not among the {MOST_EXECUTIONS} newest executions",
            status=200,
        )
    return ActionState.UNKNOWN


async def list_pending(get: Get, audit: URL, pack: PackSpec, take: URL, now: datetime) -> list[Pending]:
    """List the actions that packs of this name and these labels took and have not completed, oldest first."""
    reach, pending = _Reach(), dict[str, tuple[datetime, Action]]()
    query = {"actionPackName": pack.name}
    async with contextlib.aclosing(_actions(get, audit.update_query(query), reach)) as actions:
        async for found in actions:
            identity, command = found.get("id"), found.get("name")
            if not isinstance(identity, str) or not isinstance(command, str) or not identity:
                continue
            pending.pop(identity, None)  # seen again: what is read later is newer
            if _state(found) == "PENDING" and _is_ours(found, pack):
                reply = str(result_link(take, identity))
                pending[identity] = _moment(found), Action(identity, command, found.get("input"), reply)
    if not reach.complete:
        logger.warning("only the %d newest executions were searched for unfinished actions", MOST_EXECUTIONS)
    found_oldest_first = list(pending.values())[::-1]
    oldest_first = sorted(found_oldest_first, key=lambda entry: entry[0])
    return [Pending(action, (now - moment).total_seconds()) for moment, action in oldest_first]


async def _actions(get: Get, audit: URL, reach: _Reach) -> AsyncGenerator[Mapping[str, Json], None]:
    """Yield the actions of all executions.

    What changes while the pages are read moves to the front, so after the last page the first is read again.
    """
    start, limit = 0, PAGE
    while start < MOST_EXECUTIONS:
        answer = await get(audit.update_query(start=start, limit=limit))
        if answer.damage == TOO_LONG and limit > 1:
            limit //= 2
            continue
        executions = _executions(answer)
        for action in _of(executions):
            yield action
        start += len(executions)
        if len(executions) < limit:
            reach.complete = True
            break
    if start > limit:
        for action in _of(_executions(await get(audit.update_query(start=0, limit=limit)))):
            yield action


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


def _moment(action: Mapping[str, Json]) -> datetime:
    """Return when an action was taken, which is when it came into its state."""
    try:
        moment = datetime.fromisoformat(str(action["state"]["time"]))
    except (KeyError, TypeError, ValueError):
        return LONG_AGO
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
