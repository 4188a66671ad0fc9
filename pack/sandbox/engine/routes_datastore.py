"""Storing, listing, reading and deleting the shared documents."""

from __future__ import annotations

import quopri
from typing import Any

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from pack.sandbox.engine import links
from pack.sandbox.engine.answers import Refused, answer, empty, header_text, path_part
from pack.sandbox.engine.links import Links
from pack.sandbox.engine.shelves import Datastore, Item

Json = Any

_DEFAULT_TYPE = "text/plain; charset=us-ascii"
_EXPECTED = "send multipart/form-data with a file field 'value', and 'description' if you like"


class DatastoreRoutes:
    """The handlers of ``/v1/datastore`` and ``/v1/datastore/:key``."""

    def __init__(self, datastore: Datastore) -> None:
        self._datastore = datastore

    async def list_all(self, request: web.Request) -> web.Response:
        """Answer GET /v1/datastore."""
        here = Links(request)
        items = [_view(item, here) for item in self._datastore.all()]
        own = here.collection(links.DATASTORE, links.DATASTORE_DOC)
        return answer(request, {"links": own, "datastore": items})

    async def get(self, request: web.Request) -> web.Response:
        """Answer GET /v1/datastore/:key."""
        key = path_part(request, 2)
        item = self._datastore.get(key)
        if item is None:
            raise _unknown(key)
        return web.Response(body=item.value, headers={"Content-Type": header_text(item.content_type)})

    async def put(self, request: web.Request) -> web.Response:
        """Answer PUT /v1/datastore/:key."""
        item = await _read_item(request)
        location = Links(request).url(links.below(links.DATASTORE, item.key))
        return empty(201 if self._datastore.put(item) else 204, location=location)

    async def delete(self, request: web.Request) -> web.Response:
        """Answer DELETE /v1/datastore/:key."""
        key = path_part(request, 2)
        if not self._datastore.remove(key):
            raise _unknown(key)
        return empty(204)


def _view(item: Item, here: Links) -> dict[str, Json]:
    view: dict[str, Json] = {"key": item.key, "contentType": item.content_type}
    if item.description:
        view["description"] = item.description
    view["links"] = [here.link(links.below(links.DATASTORE, item.key), "self")]
    return view


async def _read_item(request: web.Request) -> Item:
    if request.content_type != "multipart/form-data":
        raise Refused(400, f"a datastore item cannot be read from {request.content_type}: {_EXPECTED}")
    descriptions = request.query.getall("description", [])
    content_type, value = _DEFAULT_TYPE, None
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader):
                continue
            if part.name == "value" and part.filename and value is None:
                content_type = part.headers.get("Content-Type") or _DEFAULT_TYPE
                value = await _content(part)
            elif part.name == "description" and not part.filename:
                descriptions.append((await _content(part)).decode("utf-8", "replace"))
    except (HttpProcessingError, ValueError, RuntimeError, AssertionError, LookupError) as error:
        raise Refused(400, f"the multipart body is malformed ({error}): {_EXPECTED}") from error
    if not value:
        raise Refused(400, f"there is no value, or it is empty: {_EXPECTED}")
    return Item(path_part(request, 2), content_type, next(iter(descriptions), ""), value)


async def _content(part: BodyPartReader) -> bytes:
    """Return a part as Go reads it: of all encodings it knows quoted-printable only."""
    data = bytes(await part.read())
    encoding = part.headers.get("Content-Transfer-Encoding", "")
    return quopri.decodestring(data) if encoding.lower() == "quoted-printable" else data


def _unknown(key: str) -> Refused:
    return Refused(404, f"the datastore has no {key!r}")
