"""Calls of a running sandbox's own addresses, from another process: finding it, asking it, its refusals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import aiohttp

from pack.errors import PackError
from pack.sandbox.slack.client.errors import SandboxRefused, SandboxUnreachable
from pack.sandbox.slack.client.transport import CONNECT_SECONDS, base_of, call
from pack.sandbox.whereabouts import DEFAULT_URL, look_up, path

Json = Any


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
        return [base_of(given)]
    found = look_up(path())
    urls = [one.slack_url for one in (found, *found.others)] if found else []
    return list(dict.fromkeys(url for url in [*urls, DEFAULT_URL] if url))


def engine_url(given: str | None) -> str:
    """Return where the sandbox's engine is: the address given, or the one of the running sandbox.

    Raises:
        NotDone: none was given, and the running sandbox has no engine.
    """
    if given:
        return base_of(given.rstrip("/").removesuffix("/v1"))
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
    """Return the first address at which a sandbox answers; ``on_note`` hears which when others answer too."""
    answering: list[str] = []
    for url in urls:
        if (on_note or not answering) and await read_state(session, url):
            answering.append(url)
    if on_note and len(answering) > 1:
        on_note(
            f"at {answering[0]}, the sandbox that was started last; another one answers at "
            f"{' and at '.join(answering[1:])} (--slack-url chooses)"
        )
    return answering[0] if answering else None


async def read_state(session: aiohttp.ClientSession, url: str) -> dict[str, Json]:
    """Return what the workspace is like; empty when no sandbox answers there."""
    timeout = aiohttp.ClientTimeout(total=CONNECT_SECONDS)
    try:
        async with session.get(f"{url}/sandbox/state", timeout=timeout) as answer:
            state = await answer.json(content_type=None)
            return state if isinstance(state, dict) and "botUserId" in state else {}
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return {}


async def call_control(
    name: str,
    body: dict[str, Json] | None,
    slack_url: str | None,
    on_note: Callable[[str], None] | None = None,
) -> dict[str, Json]:
    """Post to ``/sandbox/NAME`` of the running sandbox's Slack, or get it when the body is None.

    ``slack_url`` None: the sandbox that was started last; ``on_note`` is told which one it is when there is
    a choice. Returns the answer without ``ok``.

    Raises:
        NotDone: no sandbox runs there, or it refuses.
    """
    urls = slack_urls(slack_url)
    async with aiohttp.ClientSession() as session:
        url = await choose(session, urls, on_note)
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
    try:
        return await call(session, address, body, headers)
    except SandboxRefused as error:
        raise NotDone(error.message, error.code) from error
    except SandboxUnreachable as error:
        raise NotDone(str(error)) from error
