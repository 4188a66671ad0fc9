"""Storing, listing, reading and deleting flows."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from pack.clock import Clock
from pack.flows.model import Flow, Step
from pack.flows.reading import FlowRefused, read_flow
from pack.sandbox.engine import links
from pack.sandbox.engine.answers import Refused, answer, empty, is_yaml, path_part
from pack.sandbox.engine.feed import Feed, FlowStored
from pack.sandbox.engine.links import Links
from pack.sandbox.engine.state import State

Json = Any


class FlowRoutes:
    """The handlers of ``/v1/flows`` and ``/v1/flows/:name``."""

    def __init__(self, state: State, feed: Feed, clock: Clock) -> None:
        self._state = state
        self._feed = feed
        self._clock = clock

    async def store(self, request: web.Request) -> web.Response:
        """Answer POST /v1/flows."""
        try:
            flow = self.put(await request.read(), yaml=is_yaml(request))
        except FlowRefused as refused:
            raise Refused(refused.status, str(refused)) from refused
        return empty(201, location=Links(request).url(links.below(links.FLOWS, flow.name)))

    def put(self, data: bytes, *, yaml: bool) -> Flow:
        """Store a flow, replacing the one with its name.

        Raises:
            FlowRefused: it is no flow.
        """
        flow = read_flow(data, yaml=yaml, uuid=self._state.new_id())
        self._state.flows.put(flow)
        self._feed.tell(FlowStored(self._clock.now(), flow.name))
        return flow

    async def list_all(self, request: web.Request) -> web.Response:
        """Answer GET /v1/flows."""
        here = Links(request)
        flows = [
            {**_head(flow), "links": [here.link(links.below(links.FLOWS, flow.name), "self")]}
            for flow in sorted(self._state.flows.all(), key=lambda flow: flow.name)
        ]
        own = here.collection(links.FLOWS, links.FLOW_DOC)
        return answer(request, {"flows": flows, "links": own})

    async def get(self, request: web.Request) -> web.Response:
        """Answer GET /v1/flows/:name."""
        name = path_part(request, 2)
        flow = self._state.flows.get(name)
        if flow is None:
            raise _unknown(name)
        here = Links(request)
        view = _head(flow)
        if flow.steps:
            view["steps"] = [step_view(step) for step in flow.steps]
        view["links"] = [
            here.link(links.below(links.FLOWS, flow.name), "self"),
            here.link(links.FLOWS, "up"),
            here.link(links.FLOW_DOC, "help"),
        ]
        return answer(request, view)

    async def delete(self, request: web.Request) -> web.Response:
        """Answer DELETE /v1/flows/:name."""
        name = path_part(request, 2)
        if not self._state.flows.remove(name):
            raise _unknown(name)
        return empty(204)


def step_view(step: Step) -> dict[str, Json]:
    """Return a step as it is answered: what it does not have is left out, but for the input."""
    event: dict[str, Json] = {"name": step.event.name, "packName": step.event.pack_name}
    if step.event.pack_labels:
        event["packLabels"] = dict(step.event.pack_labels)
    command: dict[str, Json] = {"name": step.command.name, "packName": step.command.pack_name}
    if step.command.pack_labels:
        command["packLabels"] = dict(step.command.pack_labels)
    command["input"] = step.command.input
    view = {
        "id": step.id,
        "dependsOn": list(step.depends_on),
        "event": event,
        "context": dict(step.context),
        "criteria": step.criteria,
        "command": command,
    }
    return {key: value for key, value in view.items() if value}


def _head(flow: Flow) -> dict[str, Json]:
    view: dict[str, Json] = {"name": flow.name}
    if flow.description:
        view["description"] = flow.description
    return view


def _unknown(name: str) -> Refused:
    return Refused(404, f"there is no flow {name!r}")
