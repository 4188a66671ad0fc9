"""Registering, listing, reading and deleting packs."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from pack.clock import Clock
from pack.flows.fields import Fields
from pack.flows.go_json import FormatError
from pack.flows.times import read_time, write_time
from pack.sandbox.engine import links
from pack.sandbox.engine.answers import TEXT_TYPE, Refused, answer, empty, path_part, read_body
from pack.sandbox.engine.feed import Feed, PackRegistered
from pack.sandbox.engine.links import LinkObject, Links
from pack.sandbox.engine.model import CommandDeclaration, EventDeclaration, Link, Pack
from pack.sandbox.engine.state import State

Json = Any

_OWN_RELS = re.compile(r"up|self|/actionResult$|/takeAction$|/event$")
"""Rels that the engine's own links have, as the real server tells them: ``supper`` is one, too."""
_LIVE = timedelta(minutes=10)
_WARNING = timedelta(hours=24)


class PackRoutes:
    """The handlers of ``/v1/packs`` and ``/v1/packs/:id``."""

    def __init__(self, state: State, feed: Feed, clock: Clock) -> None:
        self._state = state
        self._feed = feed
        self._clock = clock

    async def register(self, request: web.Request) -> web.Response:
        """Answer POST /v1/packs."""
        body = await read_body(request)
        now = self._clock.now()
        try:
            pack = _read_pack(Fields(body), now)
        except FormatError as error:
            raise Refused(400, f"the pack cannot be registered: {error}") from error
        self._state.packs.put(pack)
        self._feed.tell(PackRegistered(now, pack.id))
        here = Links(request)
        return answer(
            request,
            self._whole(pack, here),
            status=201,
            location=here.url(links.below(links.PACKS, pack.id)),
            content_type=TEXT_TYPE,
        )

    async def list_all(self, request: web.Request) -> web.Response:
        """Answer GET /v1/packs."""
        here = Links(request)
        packs = [
            self._brief(pack, [here.link(_path(pack), "self")])
            for pack in sorted(self._state.packs.all(self._clock.now()), key=lambda pack: pack.name)
        ]
        own = here.collection(links.PACKS, links.PACK_DOC)
        return answer(request, {"links": own, "packs": packs})

    async def get(self, request: web.Request) -> web.Response:
        """Answer GET /v1/packs/:id."""
        pack_id = path_part(request, 2)
        pack = self._state.packs.get(pack_id, self._clock.now())
        if pack is None:
            raise unknown_pack(pack_id)
        return answer(request, self._whole(pack, Links(request)))

    async def delete(self, request: web.Request) -> web.Response:
        """Answer DELETE /v1/packs/:id."""
        pack_id = path_part(request, 2)
        if not self._state.packs.remove(pack_id, self._clock.now()):
            raise unknown_pack(pack_id)
        return empty(204)

    def _brief(self, pack: Pack, own_links: list[LinkObject]) -> dict[str, Json]:
        view: dict[str, Json] = {"id": pack.id, "name": pack.name}
        if pack.labels:
            view["labels"] = dict(pack.labels)
        age = self._clock.now() - pack.last_seen
        view["lastSeen"] = write_time(pack.last_seen)
        view["links"] = own_links
        view["status"] = "live" if age < _LIVE else "warning" if age < _WARNING else "critical"
        return view

    def _whole(self, pack: Pack, here: Links) -> dict[str, Json]:
        path = _path(pack)
        view = self._brief(
            pack,
            [
                *_link_objects(pack.links),
                here.link(path.rstrip("/"), "self"),
                here.link(links.PACKS, "up"),
                here.link(f"{path}/actions/take", links.TAKE_DOC),
                here.link(f"{path}/events", links.EVENT_DOC),
            ],
        )
        if pack.commands:
            view["commands"] = [
                {
                    "name": command.name,
                    "events": None if command.events is None else list(command.events),
                    "links": [here.link(f"{path}/actions/take?commandName={command.name}", links.TAKE_DOC)],
                }
                for command in pack.commands
            ]
        if pack.events:
            view["events"] = [_event(event) for event in pack.events]
        return view


def unknown_pack(pack_id: str) -> Refused:
    """Return the refusal for a pack that nobody registered, or that was deleted."""
    return Refused(404, f"there is no pack {pack_id!r}: register it with POST {links.PACKS}")


def _path(pack: Pack) -> str:
    return f"{links.PACKS}/{pack.id}"


def _event(event: EventDeclaration) -> dict[str, Json]:
    view: dict[str, Json] = {"name": event.name}
    if event.links:
        view["links"] = _link_objects(event.links)
    return view


def _link_objects(declared: tuple[Link, ...]) -> list[LinkObject]:
    return [{"href": link.href, "rel": link.rel} for link in declared]


def _read_pack(fields: Fields, now: datetime) -> Pack:
    fields.text("id")
    if fields.any("lastSeen") is not None:
        read_time(fields.text("lastSeen"))
    own_links = _read_links(fields)
    for link in own_links:
        if _OWN_RELS.search(link.rel):
            raise FormatError(
                f"the link rel {link.rel!r} looks like one of the engine's own: it contains 'up' or 'self', "
                "or ends in /actionResult, /takeAction or /event"
            )
    commands = []
    for command in fields.objects("commands"):
        _read_links(command)
        commands.append(CommandDeclaration(command.text("name"), command.texts("events")))
    events = [EventDeclaration(event.text("name"), _read_links(event)) for event in fields.objects("events")]
    return Pack(
        name=fields.text("name"),
        labels=fields.text_map("labels"),
        commands=tuple(commands),
        events=tuple(events),
        links=own_links,
        last_seen=now,
    )


def _read_links(fields: Fields) -> tuple[Link, ...]:
    return tuple(Link(link.text("href"), link.text("rel")) for link in fields.objects("links"))
