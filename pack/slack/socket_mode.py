"""The Socket Mode receiver: one connection to Slack at all times, two while one replaces the other."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

import aiohttp

from pack.clock import Clock
from pack.contracts.ports import Accept, Check
from pack.errors import CredentialsRefused, PackError, PermanentError, SlackUnavailable, TransientError
from pack.slack.deadline import within
from pack.slack.socket_acceptance import ACK_WINDOW_SECONDS, Acceptance
from pack.slack.socket_link import Cause, SocketLink, open_link
from pack.slack.socket_tuning import SocketTuning

__all__ = ["SocketModeReceiver", "SocketTuning"]

logger = logging.getLogger(__name__)

_ROW_AT_THE_CAP = 31


class SocketModeReceiver:
    """Receives payloads over Socket Mode and acknowledges what ``accept`` keeps; fills ``Receiver``.

    ``open_ticket`` calls apps.connections.open and returns the WebSocket URL; it is called anew for every
    attempt, since a URL works once. ``session`` decides about proxies (``trust_env``) and certificates.

    Delivery is at least once: what is not acknowledged comes again, so ``accept`` drops duplicates.
    """

    def __init__(
        self,
        *,
        open_ticket: Callable[[], Awaitable[str]],
        session: aiohttp.ClientSession,
        accept: Accept,
        clock: Clock,
        tuning: SocketTuning = SocketTuning(),  # noqa: B008 - frozen
    ) -> None:
        self._open_ticket = open_ticket
        self._session = session
        self._clock = clock
        self._tuning = tuning
        self._acceptance = Acceptance(accept, clock=clock, limit=tuning.pending_limit)
        self._links: list[SocketLink] = []
        self._retiring: set[asyncio.Task[None]] = set()
        self._failures = 0
        self._slow = False
        self._trouble: PackError | None = None
        self._said = ""
        self._next_attempt_at = 0.0

    async def run(self) -> None:
        """Receive until cancelled; outages are waited for. A receiver runs once.

        When cancelled, the payload in hand is still accepted and acknowledged (``flush_seconds``), and the
        connections are closed.

        Raises:
            Exception: what ``open_ticket`` raises apart from ``PackError``: a defect, not an outage.
        """
        tasks = (
            asyncio.create_task(self._acceptance.run(), name="socket-mode acceptance"),
            asyncio.create_task(self._keep_connected(), name="socket-mode connections"),
        )
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            await self._leave(*tasks)

    def status(self) -> Check:
        """Say whether payloads come in; when not, why and what to do."""
        live = [link for link in self._links if link.live]
        delay = self._acceptance.delay_seconds()
        if not live:
            return Check(healthy=True, ready=False, status=self._outage())
        sentence = "Connected to Slack."
        if self._trouble is not None:
            sentence += f" The connection is to be replaced, which failed: {self._trouble}"
        if delay > ACK_WINDOW_SECONDS:
            sentence += f" Payloads have been waiting for the intake for {delay:.0f} s."
        elif self._acceptance.problem:
            sentence += f" The last payload was not acknowledged: {self._acceptance.problem}."
        return Check(healthy=True, ready=delay <= ACK_WINDOW_SECONDS, status=sentence)

    def _outage(self) -> str:
        if self._trouble is None:
            return "Connecting to Slack."
        wait = max(0.0, self._next_attempt_at - self._clock.monotonic())
        return f"Not connected to Slack. {self._trouble} Next attempt in {wait:.0f} s."

    async def _keep_connected(self) -> None:
        while True:
            link = await self._connect()
            self._adopt(link)
            await link.unfit.wait()
            self._judge(link)

    async def _connect(self) -> SocketLink:
        while True:
            pause = self._pause_seconds()
            self._next_attempt_at = self._clock.monotonic() + pause
            if pause > 0:
                await self._clock.sleep(pause)
            try:
                return await self._attempt()
            except PackError as error:
                self._failed(error)

    async def _attempt(self) -> SocketLink:
        seconds = self._tuning.ticket_seconds
        try:
            url = await within(self._open_ticket(), seconds, self._clock)
        except TimeoutError:
            raise SlackUnavailable(f"apps.connections.open gave no answer within {seconds:g} s.") from None
        link = await open_link(
            url,
            session=self._session,
            deliver=self._acceptance.offer,
            clock=self._clock,
            tuning=self._tuning,
        )
        try:
            await link.greeting()
        except BaseException:
            await link.close()
            raise
        return link

    def _adopt(self, link: SocketLink) -> None:
        replaced, self._links = self._links, [*self._links, link]
        for old in replaced:
            self._retire(old)
        self._trouble = None
        connections = link.hello.connections if link.hello else None
        self._say("connected", logging.INFO, "Socket Mode is connected", connections=connections)

    def _retire(self, link: SocketLink) -> None:
        async def retire() -> None:
            await link.retire()
            self._links.remove(link)

        task = asyncio.create_task(retire(), name="socket-mode retirement")
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)

    def _judge(self, link: SocketLink) -> None:
        """Decide from a connection's end how soon the next one is opened."""
        assert link.parting is not None
        cause = link.parting.cause
        held_seconds = self._clock.monotonic() - link.greeted_at
        if held_seconds >= self._tuning.steady_seconds:
            self._failures = 0
        if cause in (Cause.CLOSED, Cause.TOO_MANY) or held_seconds < self._tuning.steady_seconds:
            self._failures += 1
        if cause is Cause.ASKED:
            logger.debug("The connection is being replaced: %s", link.parting.error)
            return
        self._note_trouble(link.parting.error)

    def _failed(self, error: PackError) -> None:
        self._failures += 1
        self._note_trouble(error)

    def _note_trouble(self, error: PackError) -> None:
        self._trouble = error
        self._slow = isinstance(error, PermanentError | CredentialsRefused)
        level = logging.ERROR if self._slow else logging.WARNING
        live = any(link.live for link in self._links)
        state = "Socket Mode needs another connection" if live else "Socket Mode is not connected"
        kind = "away" if isinstance(error, TransientError) else type(error).__name__
        key = f"{state} {kind} {getattr(error, 'code', '')}"
        self._say(key, level, f"{state}: {error}", failures=self._failures)

    def _pause_seconds(self) -> float:
        slow = self._slow and self._trouble is not None
        pause = self._tuning.backoff.seconds(_ROW_AT_THE_CAP if slow else self._failures, self._clock)
        asked = self._trouble.retry_after_seconds if isinstance(self._trouble, TransientError) else None
        return pause if asked is None else max(pause, asked + pause * 0.1)

    def _say(self, key: str, level: int, message: str, **context: object) -> None:
        """Log a change of state; the same state again is of interest to a developer only."""
        logger.log(logging.DEBUG if key == self._said else level, message, extra=context)
        self._said = key

    async def _leave(self, accepting: asyncio.Task[None], connecting: asyncio.Task[None]) -> None:
        stopping = [connecting, *self._retiring]
        for task in stopping:
            task.cancel()
        self._acceptance.close()
        try:
            with contextlib.suppress(TimeoutError):
                await within(accepting, self._tuning.flush_seconds, self._clock)
            await asyncio.wait(stopping)
        finally:
            await asyncio.gather(*(link.close() for link in self._links))
            self._links.clear()
