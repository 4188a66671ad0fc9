"""Calls of Slack: the pace, then a slot, then one attempt; readings are repeated while that can help."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress

from pack.clock import Clock
from pack.contracts.ports import Json, Slack
from pack.delivery.pace import Pace, Priority
from pack.errors import AnswerLost, CommandFailed, PermanentError, SlackRateLimited, SlackUnavailable
from pack.retry import Backoff, retry

AWAY = Backoff(first_seconds=0.5, cap_seconds=8)
"""The pauses while Slack does not answer."""
LIMITED = Backoff(first_seconds=0.1, cap_seconds=1)
"""What is added to the waits that Slack asks for."""


class _HeldMeanwhile(Exception):
    """Slack asked to wait after the call was admitted and before it had a slot."""


class Calling:
    """Calls Slack for effects, for what handlers ask and for what is looked up."""

    def __init__(self, *, slack: Slack, pace: Pace, clock: Clock, slots: int, limited_seconds: float) -> None:
        self._slack = slack
        self._pace = pace
        self._clock = clock
        self._slots = asyncio.Semaphore(slots)
        self._limited_seconds = limited_seconds

    async def once(
        self,
        method: str,
        arguments: Mapping[str, Json],
        *,
        priority: Priority = Priority.ORDINARY,
        before: Callable[[], Awaitable[None]] | None = None,
    ) -> dict[str, Json]:
        """Make one attempt when its time has come; ``before`` is awaited just before the call.

        Raises:
            SlackRateLimited: Slack asked to wait, now or before and for longer than anybody waits here.
            PackError: as the call itself.
        """
        channel = str(arguments.get("channel") or "")
        while True:
            self._refuse_long_holds(method, channel)
            await self._pace.admit(method, channel, priority)
            with suppress(_HeldMeanwhile), self._accounting(method, channel):
                async with self._slots:
                    if self._pace.remaining(method, channel) > 0:
                        raise _HeldMeanwhile
                    if before:
                        await before()
                    return await self._slack.call(method, arguments)

    @contextmanager
    def _accounting(self, method: str, channel: str) -> Iterator[None]:
        """Tell the pace how the call ended."""
        try:
            yield
        except SlackRateLimited as error:
            self._pace.limited(method, channel, error.retry_after_seconds or 0.0)
            raise
        except PermanentError:
            self._pace.succeeded(method, channel)
            raise
        except BaseException:
            self._pace.unanswered(method, channel)
            raise
        self._pace.succeeded(method, channel)

    def _refuse_long_holds(self, method: str, channel: str) -> None:
        held = self._pace.remaining(method, channel)
        if held > self._limited_seconds:
            raise SlackRateLimited(
                f"Slack asked to wait {held:.0f} s before the next {method}", retry_after_seconds=held
            )

    async def ask(
        self,
        method: str,
        arguments: Mapping[str, Json],
        *,
        priority: Priority = Priority.ORDINARY,
        away_seconds: float,
        limited_seconds: float,
    ) -> dict[str, Json]:
        """Call a method that changes nothing, again and again while Slack is away or asks to wait."""

        async def while_away() -> dict[str, Json]:
            return await retry(
                lambda: self.once(method, arguments, priority=priority),
                backoff=AWAY,
                clock=self._clock,
                give_up_after_seconds=away_seconds,
                only=(SlackUnavailable, AnswerLost),
            )

        return await retry(
            while_away,
            backoff=LIMITED,
            clock=self._clock,
            give_up_after_seconds=limited_seconds,
            only=SlackRateLimited,
        )


Reading = Callable[[str, Mapping[str, Json]], Awaitable[dict[str, Json]]]
"""Ask Slack something that changes nothing: the method and its arguments."""


async def read_pages(
    ask: Reading, method: str, arguments: Mapping[str, Json]
) -> AsyncIterator[dict[str, Json]]:
    """Yield the answers page by page (https://docs.slack.dev/apis/web-api/pagination).

    Raises:
        CommandFailed: the pages have no end, or not all of them are to be had.
        PackError: as the call itself.
    """
    cursor, seen = "", set[str]()
    while True:
        answer = await ask(method, {**arguments, "cursor": cursor} if cursor else arguments)
        yield answer
        metadata = answer.get("response_metadata")
        cursor = str(metadata.get("next_cursor") or "") if isinstance(metadata, dict) else ""
        if not cursor and not answer.get("has_more"):
            return
        if not cursor or cursor in seen:
            raise CommandFailed(f"{method} says that there is more, and does not give it", code="failed")
        seen.add(cursor)
