"""What the sandbox asks of its engine, over HTTP like everybody else."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import aiohttp

from pack.errors import EngineRefused, EngineUnavailable, SettingsError
from pack.sandbox.flow_files import FlowFile

Json = Any

_SECONDS = 10


class EngineCalls:
    """Stores flows, registers packs and posts events."""

    def __init__(self, url: str, jwt: str | None, session: aiohttp.ClientSession) -> None:
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {jwt}"} if jwt else {}
        self._session = session

    async def store(self, flows: Iterable[FlowFile]) -> None:
        """Store flows in the engine.

        Raises:
            SettingsError: the engine refuses one.
        """
        for flow in flows:
            try:
                await self._call("POST", "/v1/flows", flow.text, flow.content_type)
            except EngineRefused as error:
                raise SettingsError(f"--flows {flow.path}: the engine refuses it: {error}") from error

    async def register(self, pack: str, events: Iterable[str]) -> None:
        """Make a pack known that only sends events, so that its events can be posted."""
        body = {"name": pack, "commands": [], "events": [{"name": name} for name in sorted(events)]}
        await self._call("POST", "/v1/packs", body)

    async def post_event(self, pack: str, event: str, payload: Json) -> None:
        """Post an event as a pack would.

        Raises:
            EngineRefused: the pack is not known, or the payload cannot be used.
        """
        await self._call("POST", f"/v1/packs/{pack}/events", {"event": event, "payload": payload})

    async def knows(self, pack: str) -> bool:
        """Tell whether a pack is registered."""
        try:
            await self._call("GET", f"/v1/packs/{pack}")
        except EngineRefused:
            return False
        return True

    async def _call(
        self, verb: str, path: str, body: Json = None, content_type: str = "application/json"
    ) -> None:
        payload = aiohttp.JsonPayload(body) if body is not None and not isinstance(body, bytes) else body
        headers = {**self._headers, **({"Content-Type": content_type} if body is not None else {})}
        try:
            async with asyncio.timeout(_SECONDS):
                async with self._session.request(
                    verb, self._url + path, data=payload, headers=headers
                ) as answer:
                    text = await answer.text(errors="replace")
        except (aiohttp.ClientError, TimeoutError) as error:
            raise EngineUnavailable(f"{verb} {path}: the engine does not answer: {error}") from error
        if answer.status >= 400:
            raise EngineRefused(f"{verb} {path}: {answer.status} {text}".strip(), status=answer.status)
