"""The engine's index: the document that leads to everything else, looked for from the base URL."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from yarl import URL

from pack.contracts.ports import Json
from pack.engine.answers import read_json
from pack.engine.links import PACKS, VERSION, find_link
from pack.engine.transport import Answer, shown
from pack.errors import EngineRefused, EngineUnavailable

CHECK_ADDRESS = "check FLYTE_API: it has to be the address of a flow engine's API"

Get = Callable[[URL], Awaitable[Answer]]
"""Asks one address and returns its answer, which is 2xx; raises what any other means."""


async def read_index(get: Get, base: URL) -> tuple[Json, URL]:
    """Return the document that has the link to the packs, and the address that answered it.

    It is at the base URL or where that leads. A gateway may serve nothing but the API's version, and a path
    may lack its last slash, so these are tried where nothing useful is at the base URL.

    Raises:
        EngineUnavailable: nothing there answers like an engine.
        CredentialsRefused: it asks for other credentials.
    """
    first: EngineUnavailable | None = None
    for url in _addresses(base):
        try:
            return await _read_links(get, url)
        except EngineUnavailable as error:
            if error.status not in (HTTPStatus.OK, HTTPStatus.NOT_FOUND):
                raise
            first = first or error
    assert first is not None
    raise first


def _addresses(base: URL) -> list[URL]:
    path = base.raw_path.rstrip("/")
    paths = [base.raw_path, f"{path}/", f"{path}/v1"]
    return [base.with_path(path, encoded=True, keep_query=True) for path in dict.fromkeys(paths)]


async def _read_links(get: Get, url: URL) -> tuple[Json, URL]:
    """Return the document at an address, or the one of the API's version that it leads to."""
    index, answered = await _read_document(get, url)
    version = find_link(index, VERSION, answered)
    if version is not None and find_link(index, PACKS, answered) is None:
        index, answered = await _read_document(get, version)
    if find_link(index, PACKS, answered) is None:
        raise EngineUnavailable(
            f"GET {shown(answered)}: the answer has no link …/{PACKS}; {CHECK_ADDRESS}", status=HTTPStatus.OK
        )
    return index, answered


async def _read_document(get: Get, url: URL) -> tuple[Json, URL]:
    try:
        answer = await get(url)
    except EngineRefused as error:  # what is there may be anything but an engine, which may come later
        raise EngineUnavailable(f"{error}; {CHECK_ADDRESS}", status=error.status) from error
    return read_json(answer), answer.url
