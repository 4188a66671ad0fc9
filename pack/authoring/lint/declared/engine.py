"""Asking a live engine which packs are registered there, and what they declare."""

from __future__ import annotations

import asyncio
from urllib.parse import quote

from pydantic import SecretStr
from yarl import URL

from pack.authoring.lint.declared.declarations import PackDeclaration
from pack.authoring.lint.declared.files import read_pack
from pack.clock import Clock, SystemClock
from pack.contracts.ports import Json
from pack.engine.answers import is_good, read_json, refusal
from pack.engine.index import read_index
from pack.engine.links import PACKS, find_link
from pack.engine.transport import Answer, Transport, open_session, shown
from pack.errors import (
    AnswerLost,
    CredentialsRefused,
    EngineForgot,
    EngineUnavailable,
    PackError,
    SettingsError,
)
from pack.flows.go_json import FormatError

TIMEOUT_SECONDS = 10.0
"""How long one request may take."""
_AT_ONCE = 8


def read_engine(address: str, *, jwt: SecretStr | None = None) -> tuple[PackDeclaration, ...]:
    """Return the packs that are registered with the engine at an address.

    Raises:
        SettingsError: the address is none, or nothing there answers like an engine.
        CredentialsRefused: the engine asks for another JWT.
    """
    return asyncio.run(ask_engine(address, jwt=jwt))


async def ask_engine(
    address: str, *, jwt: SecretStr | None = None, clock: Clock | None = None
) -> tuple[PackDeclaration, ...]:
    """Do what :func:`read_engine` does, in a running loop."""
    base = _address(address)
    async with open_session(timeout_seconds=TIMEOUT_SECONDS) as session:
        transport = Transport(base_url=base, session=session, jwt=jwt, timeout_seconds=TIMEOUT_SECONDS)
        engine = _Engine(transport, shown(base), jwt is not None, clock or SystemClock())
        try:
            return await engine.packs(base.with_user(None))
        except CredentialsRefused as error:
            raise CredentialsRefused(f"--engine {shown(base)}: {error}", code=error.code) from error
        except PackError as error:
            said = str(error).replace("FLYTE_API", "--engine")
            raise SettingsError(f"--engine {shown(base)}: {said}") from error


def _address(address: str) -> URL:
    try:
        url = URL(address)
    except ValueError:
        url = URL()
    if url.scheme not in ("http", "https") or not url.host:
        raise SettingsError(
            f"--engine {address}: that is no address; write it as http://host:port or https://host/path"
        )
    return url


class _Engine:
    def __init__(self, transport: Transport, name: str, jwt_is_set: bool, clock: Clock) -> None:
        self._transport = transport
        self._name = name
        self._jwt_is_set = jwt_is_set
        self._clock = clock

    async def packs(self, base: URL) -> tuple[PackDeclaration, ...]:
        index, answered = await read_index(self._get, base)
        collection = find_link(index, PACKS, answered)
        assert collection is not None
        answer = await self._get(collection)
        listed = read_json(answer)
        packs = listed.get("packs") if isinstance(listed, dict) else None
        if not isinstance(packs, list):
            raise EngineUnavailable(f"GET {shown(answer.url)}: there is no list of packs in the answer")
        limit = asyncio.Semaphore(_AT_ONCE)
        found = await asyncio.gather(*(self._pack(one, answer.url, limit) for one in packs))
        return tuple(pack for pack in found if pack is not None)

    async def _pack(self, brief: Json, answered: URL, limit: asyncio.Semaphore) -> PackDeclaration | None:
        """Return a pack; None when it was deleted in the meantime."""
        url = find_link(brief, "self", answered) if isinstance(brief, dict) else None
        if url is None and isinstance(brief, dict) and isinstance(brief.get("id"), str):
            path = f"{answered.raw_path.rstrip('/')}/{quote(brief['id'], safe='')}"
            url = answered.with_path(path, encoded=True)
        if url is None:
            raise EngineUnavailable(f"GET {shown(answered)}: a pack in the list has neither a link nor an id")
        async with limit:
            try:
                answer = await self._get(url, forgotten="the pack is gone")
            except EngineForgot:
                return None
        try:
            return read_pack(read_json(answer), source=self._name)
        except FormatError as error:
            raise EngineUnavailable(f"GET {shown(answer.url)}: {error}") from error

    async def _get(self, url: URL, *, forgotten: str = "") -> Answer:
        try:
            answer = await self._transport.send("GET", url)
        except AnswerLost as error:
            raise EngineUnavailable(str(error)) from error
        if not is_good(answer):
            advice = "check FLYTE_JWT" if self._jwt_is_set else "set FLYTE_JWT"
            raise refusal(answer, forgotten=forgotten, now=self._clock.now(), credentials_advice=advice)
        return answer
