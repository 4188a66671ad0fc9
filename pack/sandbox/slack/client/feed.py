"""What happens in the workspace, as it happens."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Self

import aiohttp

from pack.sandbox.slack.client.errors import SandboxUnreachable

Json = Any
Line = dict[str, Any]
"""One happening: ``kind`` (``message``, ``message_changed``, ``message_deleted``, ``reaction_added``…),
``channel``, ``channelName``, ``channelType``, ``user``, ``userName``, ``bot`` (whether the app's bot did it),
``ts``; messages add ``text``, ``subtype``, ``threadTs``, ``blocks``, ``attachments``, ``files``, reactions
``reaction``. What one person sees: ``ephemeral`` with ``seenBy`` and ``seenByName``; ``view``, ``home``,
``errors`` and ``error``, whose ``user`` is that person."""

LONGEST_LINE = 8 * 1024 * 1024


class Feed:
    """The happenings since it was opened, oldest first; iterating ends when the sandbox does."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Line:
        try:
            raw = await self._answer.content.readline()
        except aiohttp.ClientError:
            raw = b""
        if not raw:
            raise StopAsyncIteration
        line: Line = json.loads(raw)
        return line

    async def until(self, *, within: float = 5.0, **wanted: Json) -> Line:
        """Return the first happening from here on that has these values, such as ``bot=True``.

        Raises:
            TimeoutError: none came within so many seconds; names what came instead.
            SandboxUnreachable: the sandbox ended.
        """
        passed: list[str] = []
        try:
            async with asyncio.timeout(within):
                async for line in self:
                    if all(name in line and line[name] == value for name, value in wanted.items()):
                        return line
                    passed.append(f"{line['kind']} of {line['userName'] or 'nobody'}")
        except TimeoutError as error:
            came = ", ".join(passed) or "nothing"
            raise TimeoutError(f"nothing with {wanted} came within {within:g} seconds, but {came}") from error
        raise SandboxUnreachable("the sandbox ended before that happened. Start it again.")
