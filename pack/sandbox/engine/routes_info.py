"""What lists the links: the index and the version; and the health page."""

from __future__ import annotations

from aiohttp import web

from pack.sandbox.engine import links
from pack.sandbox.engine.answers import answer, empty
from pack.sandbox.engine.links import Links
from pack.sandbox.engine.state import State


async def index(request: web.Request) -> web.Response:
    """Answer GET /."""
    here = Links(request)
    return answer(
        request,
        {
            "links": [
                here.link("/", "self"),
                here.link(links.INDEX_DOC, "help"),
                here.link(links.VERSION, links.VERSION_DOC),
            ]
        },
    )


async def version(request: web.Request) -> web.Response:
    """Answer GET /v1."""
    here = Links(request)
    return answer(
        request,
        {
            "links": [
                here.link(links.VERSION, "self"),
                here.link("/", "up"),
                here.link(links.VERSION_DOC, "help"),
                here.link("/health", links.HEALTH_DOC),
                here.link(links.PACKS, links.LIST_PACKS_DOC),
                here.link(links.FLOWS, links.LIST_FLOWS_DOC),
                here.link(links.DATASTORE, links.LIST_ITEMS_DOC),
                here.link(links.AUDIT, links.FIND_EXECUTIONS_DOC),
                here.link(f"{links.VERSION}/swagger", links.SWAGGER_DOC),
            ]
        },
    )


class HealthRoute:
    """The handler of ``/health``."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def health(self, _: web.Request) -> web.Response:
        """Answer GET /health: 500 when the state cannot be written, as the real one without its database."""
        self._state.check()
        return empty(200)
