"""Calls of a running sandbox's own addresses, from another process: finding it, asking it, its refusals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import aiohttp

from pack.errors import PackError
from pack.sandbox.whereabouts import DEFAULT_URL, look_up, path

Json = Any

_CONNECT_SECONDS = 3.0
_ANSWER_SECONDS = 60.0
"""Long, because letting much time pass takes a while."""


class NotDone(PackError):
    """The sandbox was not found or refuses; the message says why and what to do.

    ``code``: the refusal's, such as ``channel_not_found``; empty when no sandbox answered.
    """

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


def slack_urls(given: str | None) -> list[str]:
    """Return where a sandbox's Slack may be, best guess first."""
    if given:
        return [_base(given.rstrip("/").removesuffix("/api"))]
    found = look_up(path())
    urls = [found.slack_url] if found and found.slack_url else []
    return list(dict.fromkeys([*urls, DEFAULT_URL]))


def engine_url(given: str | None) -> str:
    """Return where the sandbox's engine is: the address given, or the one of the running sandbox.

    Raises:
        NotDone: none was given, and the running sandbox has no engine.
    """
    if given:
        return _base(given.rstrip("/").removesuffix("/v1"))
    found = look_up(path())
    if found is None or not found.engine_url:
        raise NotDone(
            "no sandbox with an engine was found. Start one in another terminal (flyte-slack sandbox), "
            "or give its engine's address with --engine-url."
        )
    return found.engine_url


async def choose(
    session: aiohttp.ClientSession, urls: Sequence[str], on_note: Callable[[str], None] | None = None
) -> str | None:
    """Return the first address at which a sandbox answers; ``on_note`` hears when the last one does too."""
    for url in urls:
        if await read_state(session, url):
            if on_note and url != urls[-1] and await read_state(session, urls[-1]):
                on_note(
                    f"said at {url}, the sandbox that was started last; another one answers at "
                    f"{urls[-1]} (--slack-url chooses)"
                )
            return url
    return None


async def read_state(session: aiohttp.ClientSession, url: str) -> dict[str, Json]:
    """Return what the workspace is like; empty when no sandbox answers there."""
    timeout = aiohttp.ClientTimeout(total=_CONNECT_SECONDS)
    try:
        async with session.get(f"{url}/sandbox/state", timeout=timeout) as answer:
            state = await answer.json(content_type=None)
            return state if isinstance(state, dict) and "botUserId" in state else {}
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return {}


async def call_control(name: str, body: dict[str, Json] | None, slack_url: str | None) -> dict[str, Json]:
    """Post to ``/sandbox/NAME`` of the running sandbox's Slack, or get it when the body is None.

    ``slack_url`` None: the sandbox that was started last. Returns the answer without ``ok``.

    Raises:
        NotDone: no sandbox runs there, or it refuses.
    """
    urls = slack_urls(slack_url)
    async with aiohttp.ClientSession() as session:
        url = await choose(session, urls)
        if url is not None:
            return await call_address(session, f"{url}/sandbox/{name}", body)
    raise NotDone(
        f"no sandbox answers at {' and '.join(urls)}. Start one in another terminal (flyte-slack sandbox), "
        "or give its address with --slack-url."
    )


async def call_address(
    session: aiohttp.ClientSession,
    address: str,
    body: dict[str, Json] | None,
    headers: dict[str, str] | None = None,
) -> dict[str, Json]:
    """Post to one of the sandbox's own addresses, or get it when the body is None; return without ``ok``.

    Raises:
        NotDone: nobody answers there, what answers is no sandbox, or it refuses.
    """
    timeout = aiohttp.ClientTimeout(total=_ANSWER_SECONDS, sock_connect=_CONNECT_SECONDS)
    verb = "GET" if body is None else "POST"
    try:
        async with session.request(verb, address, json=body, headers=headers, timeout=timeout) as answer:
            found = await answer.json(content_type=None)
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise NotDone(f"the sandbox does not answer at {address}: {error or type(error).__name__}") from error
    if not isinstance(found, dict):
        raise NotDone(f"what answers at {address} is no sandbox of this version")
    if found.pop("ok", None) is not True:
        message = found.get("message") or found.get("error") or "it is no sandbox of this version"
        raise NotDone(str(message), str(found.get("error", "")))
    return found


def _base(address: str) -> str:
    return address if "://" in address else f"http://{address}"
