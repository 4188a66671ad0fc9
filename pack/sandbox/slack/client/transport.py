"""Requests to the sandbox's own addresses, and what they answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import aiohttp

from pack.sandbox.slack.client.errors import SandboxRefused, SandboxUnreachable

Json = Any

CONNECT_SECONDS = 3.0
ANSWER_SECONDS = 60.0
"""Long, because letting much time pass takes a while."""

START = "Start one (flyte-slack sandbox), or give the address of one that runs."


def base_of(address: str) -> str:
    """Return ``http://HOST:PORT`` of an address of the simulated Slack, which may end in ``/api/``."""
    whole = address if "://" in address else f"http://{address}"
    return whole.rstrip("/").removesuffix("/api")


async def call(
    session: aiohttp.ClientSession,
    address: str,
    body: Mapping[str, Json] | None,
    headers: Mapping[str, str] | None = None,
) -> dict[str, Json]:
    """Post to one of the sandbox's own addresses, or get it when the body is None; return without ``ok``.

    Raises:
        SandboxRefused: it does not do that.
        SandboxUnreachable: nobody answers there, or what answers is no sandbox.
    """
    timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS, sock_connect=CONNECT_SECONDS)
    verb = "GET" if body is None else "POST"
    try:
        async with session.request(verb, address, json=body, headers=headers, timeout=timeout) as answer:
            return read(address, answer.status, await answer.read())
    except (aiohttp.ClientError, TimeoutError) as error:
        raise unreachable(address, error) from error


def read(address: str, status: int, content: bytes) -> dict[str, Json]:
    """Return what an answer says, without ``ok``.

    Raises:
        SandboxRefused: it says no.
        SandboxUnreachable: it is not a sandbox's.
    """
    try:
        found = json.loads(content)
    except ValueError:
        found = None
    if not isinstance(found, dict) or not ("ok" in found or "error" in found):
        raise SandboxUnreachable(f"what answers at {address} (status {status}) is no sandbox. {START}")
    if found.pop("ok", None) is True:
        return found
    code = str(found.get("error", ""))
    raise SandboxRefused(code, str(found.get("message") or code or "the sandbox refuses"), status=status)


def unreachable(address: str, error: Exception) -> SandboxUnreachable:
    """Return the error that says that nobody answers at an address, and what to do."""
    return SandboxUnreachable(
        f"the sandbox does not answer at {address}: {error or type(error).__name__}. {START}"
    )
