"""What a pack does all day: take an action, report its result, report an event."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from pack.clock import Clock
from pack.flows.fields import Fields
from pack.flows.go_json import FormatError
from pack.flows.model import Event, Sender
from pack.flows.times import read_time
from pack.sandbox.engine import links
from pack.sandbox.engine.actions import NotPending
from pack.sandbox.engine.answers import Refused, answer, empty, path_part, read_body
from pack.sandbox.engine.feed import ActionFinished, ActionTaken, EventReceived, Feed
from pack.sandbox.engine.links import Links
from pack.sandbox.engine.model import Pack, Standing
from pack.sandbox.engine.routes_packs import unknown_pack
from pack.sandbox.engine.state import State

Json = Any

_UNSET = datetime.min.replace(tzinfo=UTC)
"""Go's zero time: as if none was given."""


class ActionRoutes:
    """The handlers below ``/v1/packs/:id``. ``arrived`` is called when an event waits to be dealt with."""

    def __init__(self, state: State, feed: Feed, clock: Clock, arrived: Callable[[], None]) -> None:
        self._state = state
        self._feed = feed
        self._clock = clock
        self._arrived = arrived

    async def take(self, request: web.Request) -> web.Response:
        """Answer POST /v1/packs/:id/actions/take; of a form or the query only ``actionName`` counts."""
        pack = self._pack(request)
        action = self._state.actions.take(pack, await _form_value(request, "actionName"))
        if action is None:
            return empty(204)
        self._feed.tell(ActionTaken(action.time, action.id, pack.id, action.name))
        result = Links(request).link(f"{links.PACKS}/{pack.id}/actions/{action.id}/result", links.RESULT_DOC)
        return answer(request, {"command": action.name, "input": action.input, "links": [result]})

    async def complete(self, request: web.Request) -> web.Response:
        """Answer POST /v1/packs/:id/actions/:actionId/result."""
        pack = self._pack(request)
        result = await self._event(request, pack)
        action = self._action(path_part(request, 4), pack)
        try:
            time = self._state.actions.complete(action, result)
        except NotPending:
            raise Refused(
                500,
                f"the action {action.id} is {action.state.value}, not PENDING: "
                + ("it has its result already" if action.is_finished else "it was not taken yet"),
            ) from None
        self._feed.tell(
            ActionFinished(
                time,
                action.id,
                pack.id,
                action.name,
                result.name,
                result.payload,
                result.is_fatal,
            )
        )
        self._arrived()
        return empty(202)

    async def event(self, request: web.Request) -> web.Response:
        """Answer POST /v1/packs/:id/events."""
        pack = self._pack(request)
        event = await self._event(request, pack)
        self._state.arrivals.put(event)
        self._feed.tell(EventReceived(event.received_at, pack.id, event.name, event.payload))
        self._arrived()
        return empty(202)

    def _pack(self, request: web.Request) -> Pack:
        pack_id = path_part(request, 2)
        pack = self._state.packs.seen(pack_id, self._clock.now())
        if pack is None:
            raise unknown_pack(pack_id)
        return pack

    def _action(self, action_id: str, pack: Pack) -> Standing:
        action = self._state.actions.get(action_id)
        if action is None:
            raise Refused(404, f"there is no action {action_id[:60]!r}")
        if not action.fits(pack):
            raise Refused(
                404,
                f"the action {action.id} is for a pack {action.pack_name!r} with the labels "
                f"{dict(action.pack_labels)}: the pack {pack.id!r} cannot complete it",
            )
        return action

    async def _event(self, request: web.Request, pack: Pack) -> Event:
        body = await read_body(request)
        try:
            return _read_event(Fields(body), pack, self._clock.now())
        except FormatError as error:
            raise Refused(400, f"the event cannot be read: {error}") from error


async def _form_value(request: web.Request, name: str) -> str:
    """Return a field of a request as Go does: of a form in its body, else of its query, else empty."""
    if request.content_type == "application/x-www-form-urlencoded":
        form = (await request.read()).decode("utf-8", "replace")
        for key, value in parse_qsl(form, keep_blank_values=True, errors="replace"):
            if key == name:
                return value
    return request.query.get(name, "")


def _read_event(fields: Fields, pack: Pack, now: datetime) -> Event:
    created = fields.any("createdAt")
    created_at = _UNSET if created is None else read_time(fields.text("createdAt"))
    return Event(
        name=fields.text("event"),
        sender=_read_sender(fields.object("pack"), pack.sender),
        payload=fields.any("payload"),
        created_at=now if created_at == _UNSET else created_at,
        received_at=now,
    )


def _read_sender(own: Fields, sender: Sender) -> Sender:
    """Return whom an event is from: what it says of its pack goes before who posted it, as in Flyte."""
    return Sender(
        id=sender.id if own.any("id") is None else own.text("id"),
        name=sender.name if own.any("name") is None else own.text("name"),
        labels={**sender.labels, **own.text_map("labels")},
    )
