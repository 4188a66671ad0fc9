"""The audit: executions with their actions, found by what they did."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from pack.flows.model import Event, Sender
from pack.flows.times import write_time
from pack.sandbox.engine import links
from pack.sandbox.engine.answers import Page, Refused, answer, path_part
from pack.sandbox.engine.audit import Audit, ExecutionFilter
from pack.sandbox.engine.links import Links
from pack.sandbox.engine.model import Action, Execution, StateChange
from pack.sandbox.engine.routes_flows import step_view

Json = Any

_DEFAULT_LIMIT = 50
_MOST_EXECUTIONS = 10_000
_MOST_BYTES = 32 * 1024 * 1024
"""What one page may hold: the real server has no bounds, but more memory than this machine may have."""
_INTEGER = re.compile(r"([+-]?)0*([0-9]{1,19})", re.ASCII)
_LARGEST_INTEGER = 2**63 - 1
_NO_RESULT = Event(
    "", Sender("", "", {}), None, datetime.min.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)
)


class AuditRoutes:
    """The handlers of ``/v1/audit/flows`` and ``/v1/audit/flows/:correlationId``."""

    def __init__(self, audit: Audit) -> None:
        self._audit = audit

    async def find(self, request: web.Request) -> web.Response:
        """Answer GET /v1/audit/flows; a page that would be too large ends early, and can be gone on from."""
        query = request.query
        start, limit = _number(query.get("start", ""), 0), _number(query.get("limit", ""), _DEFAULT_LIMIT)
        if start < 0 or limit < 1:
            raise Refused(500, f"start={start} must not be negative, and limit={limit} must be at least 1")
        wanted = ExecutionFilter(
            flow_name=query.get("flowName", ""),
            step_id=query.get("stepId", ""),
            action_name=query.get("actionName", ""),
            pack_name=query.get("actionPackName", ""),
            pack_labels=_labels(query.get("actionPackLabels", "")),
        )
        here = Links(request)
        page = Page(request)
        for execution in self._audit.find(wanted, start, min(limit, _MOST_EXECUTIONS)):
            page.add(_execution(execution, here))
            if page.size > _MOST_BYTES:
                break
            await _others(request)
        return page.answer("flows", {"links": here.collection(links.AUDIT, links.AUDIT_DOC)})

    async def get(self, request: web.Request) -> web.Response:
        """Answer GET /v1/audit/flows/:correlationId."""
        correlation_id = path_part(request, 3)
        execution = self._audit.execution(correlation_id)
        if execution is None:
            raise Refused(404, f"there is no execution {correlation_id!r}")
        return answer(request, _execution(execution, Links(request)))


async def _others(request: web.Request) -> None:
    """Let other requests have their turn.

    Raises:
        ConnectionResetError: the caller has gone meanwhile.
    """
    await asyncio.sleep(0)
    if request.transport is None or request.transport.is_closing():
        raise ConnectionResetError("nobody waits for the page")


def _number(text: str, default: int) -> int:
    """Read a number as Go's Atoi does; what is none, or does not fit into 64 bits, is the default."""
    match = _INTEGER.fullmatch(text)
    number = int(match[1] + match[2]) if match else default
    return number if -_LARGEST_INTEGER - 1 <= number <= _LARGEST_INTEGER else default


def _labels(text: str) -> dict[str, str]:
    """Read ``key:value,key:value``; what has another form is left out."""
    pairs = (pair.split(":") for pair in text.split(","))
    return {pair[0].strip(): pair[1].strip() for pair in pairs if len(pair) == 2}


def _execution(execution: Execution, here: Links) -> dict[str, Json]:
    flow = execution.flow
    return {
        "name": flow.name,
        "uuid": flow.uuid,
        "correlationId": execution.correlation_id,
        "steps": [{"id": step.id, **step_view(step)} for step in flow.steps],
        "actions": {step_id: _action(action, execution) for step_id, action in execution.actions.items()},
        "links": [here.link(f"{links.AUDIT}/{execution.correlation_id}", "self")],
    }


def _action(action: Action, execution: Execution) -> dict[str, Json]:
    view: dict[str, Json] = {"id": action.id, "name": action.name, "packName": action.pack_name}
    if action.pack_labels:
        view["packLabels"] = dict(action.pack_labels)
    if action.input is not None:
        view["input"] = action.input
    view |= {
        "state": _change(action.changes[-1]),
        "states": [_change(change) for change in action.changes],
        "correlationId": execution.correlation_id,
        "flowName": execution.flow.name,
        "flowUUID": execution.flow.uuid,
        "stepId": action.step_id,
    }
    if action.context:
        view["context"] = dict(action.context)
    view["trigger"] = _event(action.trigger)
    view["result"] = _event(action.result or _NO_RESULT)
    return view


def _change(change: StateChange) -> dict[str, Json]:
    return {"value": change.state.value, "time": write_time(change.time)}


def _event(event: Event) -> dict[str, Json]:
    pack: dict[str, Json] = {"id": event.sender.id, "name": event.sender.name}
    if event.sender.labels:
        pack["labels"] = dict(event.sender.labels)
    view: dict[str, Json] = {"event": event.name, "pack": pack}
    if event.payload is not None:
        view["payload"] = event.payload
    view["createdAt"] = write_time(event.created_at)
    view["receivedAt"] = write_time(event.received_at)
    return view
