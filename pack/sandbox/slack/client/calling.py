"""What every family of calls stands on."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, Final

import aiohttp

from pack.sandbox.slack.client.transport import base_of, call

Json = Any


class Unchanged(Enum):
    """The type of :data:`UNCHANGED`."""

    UNCHANGED = "unchanged"


UNCHANGED: Final = Unchanged.UNCHANGED
"""Says that something stays as it is, where None is a value of its own."""


class Calling:
    """A connection to one simulated Slack. ``url``: its address, with or without ``/api/``."""

    def __init__(self, url: str) -> None:
        self._url = base_of(url)
        self._session: aiohttp.ClientSession | None = None

    @property
    def url(self) -> str:
        """``http://HOST:PORT``."""
        return self._url

    @property
    def api_url(self) -> str:
        """The Web API's base address, ending in ``/api/``: what Slack's clients are given."""
        return f"{self._url}/api/"

    async def open(self) -> None:
        """Get ready to call; nothing is sent yet."""
        if self._session is None:
            self._session = aiohttp.ClientSession()

    async def close(self) -> None:
        """Let go of all connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    @property
    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("the client is not open: use it in `async with SlackSandbox(url) as sandbox:`")
        return self._session

    async def _do(self, name: str, fields: Mapping[str, Json]) -> dict[str, Json]:
        """Post to ``/sandbox/NAME``; fields that are None or unchanged are left out."""
        return await self._post(
            name, {field: value for field, value in fields.items() if value not in (None, UNCHANGED)}
        )

    async def _change(self, name: str, fields: Mapping[str, Json]) -> dict[str, Json]:
        """Post to ``/sandbox/NAME``; fields that are unchanged are left out, None is sent."""
        return await self._post(
            name, {field: value for field, value in fields.items() if value is not UNCHANGED}
        )

    async def _post(self, name: str, body: Mapping[str, Json]) -> dict[str, Json]:
        return await call(self._open_session, f"{self._url}/sandbox/{name}", body)

    async def _look(self, name: str) -> dict[str, Json]:
        return await call(self._open_session, f"{self._url}/sandbox/{name}", None)
