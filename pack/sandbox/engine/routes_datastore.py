"""The shared documents, and how templates read them."""

from __future__ import annotations

from typing import Any

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from pack.flows.fields import type_of
from pack.flows.go_json import decode_json
from pack.sandbox.engine import links
from pack.sandbox.engine.answers import Refused, answer, empty, header_text
from pack.sandbox.engine.links import Links
from pack.sandbox.engine.shelves import Datastore, Item

Json = Any

_DEFAULT_TYPE = "text/plain; charset=us-ascii"
_JSON_TYPES = ("application/json", "text/json")
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
        key = request.match_info["key"]
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
        key = request.match_info["key"]
        if not self._datastore.remove(key):
            raise _unknown(key)
        return empty(204)

    def lookup(self, key: str) -> object:
        """Return a document as templates see it: an object when it is JSON, text otherwise.

        Raises:
            LookupError: there is none.
            ValueError: it claims to be JSON, and is none or no object.
        """
        item = self._datastore.get(key)
        if item is None:
            raise LookupError(f"the datastore has no {key!r}")
        if not item.content_type.startswith(_JSON_TYPES):
            return item.value.decode("utf-8", "replace")
        value = decode_json(item.value, whole=True)
        if value is not None and not isinstance(value, dict):
            raise ValueError(f"the datastore's {key!r} must be a JSON object, not {type_of(value)}")
        return value or {}


def _view(item: Item, here: Links) -> dict[str, Json]:
    view: dict[str, Json] = {"key": item.key, "contentType": item.content_type}
    if item.description:
        view["description"] = item.description
    view["links"] = [here.link(links.below(links.DATASTORE, item.key), "self")]
    return view


async def _read_item(request: web.Request) -> Item:
    if request.content_type != "multipart/form-data":
        raise Refused(400, f"a datastore item cannot be read from {request.content_type}: {_EXPECTED}")
    description, content_type, value = "", _DEFAULT_TYPE, b""
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader):
                continue
            if part.name == "value" and part.filename is not None and not value:
                content_type = part.headers.get("Content-Type") or _DEFAULT_TYPE
                value = bytes(await part.read(decode=True))
            elif part.name == "description" and part.filename is None:
                description = (await part.read()).decode("utf-8", "replace")
    except (HttpProcessingError, ValueError, RuntimeError, AssertionError, LookupError) as error:
        raise Refused(400, f"the multipart body is malformed ({error}): {_EXPECTED}") from error
    if not value:
        raise Refused(400, f"there is no value, or it is empty: {_EXPECTED}")
    return Item(request.match_info["key"], content_type, description, value)


def _unknown(key: str) -> Refused:
    return Refused(404, f"the datastore has no {key!r}")
