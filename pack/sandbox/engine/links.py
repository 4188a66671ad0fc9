"""The addresses that the engine hands out: built from the request, with a proxy's headers heeded."""

from __future__ import annotations

import posixpath

from aiohttp import web

INDEX_DOC = "/swagger#/info"
VERSION_DOC = "/swagger#!/info/v1"
HEALTH_DOC = "/swagger#!/info/health"
LIST_PACKS_DOC = "/swagger#!/pack/listPacks"
LIST_FLOWS_DOC = "/swagger#!/flow/listFlows"
LIST_ITEMS_DOC = "/swagger#!/datastore/listDatastoreItems"
FIND_EXECUTIONS_DOC = "/swagger#!/flowAudit/findFlows"
SWAGGER_DOC = "/swagger"
PACK_DOC = "/swagger#/pack"
TAKE_DOC = "/swagger#!/action/takeAction"
RESULT_DOC = "/swagger#/actionResult"
EVENT_DOC = "/swagger#/event"
FLOW_DOC = "/swagger#/flow"
DATASTORE_DOC = "/swagger#/datastore"
AUDIT_DOC = "/swagger#/flowExecs"

VERSION = "/v1"
PACKS = "/v1/packs"
FLOWS = "/v1/flows"
DATASTORE = "/v1/datastore"
AUDIT = "/v1/audit/flows"

LinkObject = dict[str, str]


class Links:
    """Builds links for one request."""

    def __init__(self, request: web.Request) -> None:
        headers = request.headers
        protocol = headers.get("X-Forwarded-Proto") or request.scheme
        host = headers.get("X-Flyte-Host") or headers.get("X-Forwarded-Host") or request.host
        self._base = f"{protocol}://{host}".encode("utf-8", "replace").decode()

    def url(self, path: str) -> str:
        """Return the whole address of a path that begins with a slash. Nothing is escaped, as in Flyte."""
        return self._base + path

    def link(self, path: str, rel: str) -> LinkObject:
        """Return a link; a ``rel`` that begins with a slash becomes a whole address too."""
        return {"href": self.url(path), "rel": self.url(rel) if rel.startswith("/") else rel}

    def collection(self, path: str, doc: str) -> list[LinkObject]:
        """Return the links of a list."""
        return [self.link(path, "self"), self.link(VERSION, "up"), self.link(doc, "help")]


def below(collection: str, name: str) -> str:
    """Return the path of one member of a list; an empty name is the list itself."""
    return posixpath.normpath(f"{collection}/{name}")
