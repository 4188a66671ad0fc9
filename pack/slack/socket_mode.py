"""The Socket Mode receiver: as many connections to Slack as wanted, one more while one replaces another."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

import aiohttp

from pack.clock import Clock, wait_for
from pack.contracts.ports import Accept, Check
from pack.errors import CredentialsRefused, PackError, PermanentError, SlackUnavailable, TransientError
from pack.slack.deadline import within
from pack.slack.socket_acceptance import ACK_WINDOW_SECONDS, Acceptance
from pack.slack.socket_link import Cause, SocketLink, open_link
from pack.slack.socket_tuning import SocketTuning
from pack.slack.ticket_pace import TicketPace

__all__ = ["SocketModeReceiver", "SocketTuning"]

logger = logging.getLogger(__name__)

_ROW_AT_THE_CAP = 31
_UNCLEAN = (Cause.CLOSED, Cause.SILENT, Cause.DISABLED)
"""Ends of a connection that may have swallowed what was sent to it."""


def _unnoticed() -> None:
    """Tell nobody of a gap."""


class SocketModeReceiver:
    """Receives payloads over Socket Mode and acknowledges what ``accept`` keeps; fills ``Receiver``.

    ``open_ticket`` calls apps.connections.open and returns the WebSocket URL; it is called anew for every
    attempt, since a URL works once. ``session`` decides about proxies (``trust_env``) and certificates.

    ``connections``: how many are held; Slack gives each payload to one of them. ``on_gap`` is called when a
    payload may not have come in: a connection ended without having been asked to or without another one to
    take over, or went silent (and once more a while later: Slack may not have noticed); there is a
    connection again after there was none; or a payload was not acknowledged.

    Delivery is at least once: what is not acknowledged comes again, so ``accept`` drops duplicates.
    """

    def __init__(
        self,
        *,
        open_ticket: Callable[[], Awaitable[str]],
        session: aiohttp.ClientSession,
        accept: Accept,
        clock: Clock,
        connections: int = 1,
        on_gap: Callable[[], None] = _unnoticed,
        tuning: SocketTuning = SocketTuning(),  # noqa: B008 - frozen
    ) -> None:
        self._open_ticket = open_ticket
        self._session = session
        self._clock = clock
        self._tuning = tuning
        self._wanted = connections
        self._on_gap = on_gap
        self._acceptance = Acceptance(accept, clock=clock, limit=tuning.pending_limit, on_refused=on_gap)
        self._tickets = TicketPace(clock, burst=tuning.ticket_burst, seconds=tuning.ticket_pace_seconds)
        self._links: list[SocketLink] = []
        self._fit: list[SocketLink] = []
        """Those that need not be replaced."""
        self._minding: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Event()
        self._was_connected = False
        self._not_before = 0.0
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
        delay = self._acceptance.delay_seconds()
        if not self._live():
            return Check(healthy=True, ready=False, status=self._outage())
        sentence = self._connected()
        if delay > ACK_WINDOW_SECONDS:
            sentence += f" Payloads have been waiting for the intake for {delay:.0f} s."
        elif self._acceptance.problem:
            sentence += f" The last payload was not acknowledged: {self._acceptance.problem}."
        return Check(healthy=True, ready=delay <= ACK_WINDOW_SECONDS, status=sentence)

    def _connected(self) -> str:
        sentence = "Connected to Slack."
        if self._wanted > 1:
            sentence = f"Connected to Slack: {len(self._fit)} of {self._wanted} connections."
        if self._trouble is not None:
            what = "The connection" if self._wanted == 1 else "A connection"
            sentence += f" {what} is to be replaced, which failed: {self._trouble}"
        return sentence

    def _outage(self) -> str:
        if self._trouble is None:
            return "Connecting to Slack."
        wait = max(0.0, self._next_attempt_at - self._clock.monotonic())
        return f"Not connected to Slack. {self._trouble} Next attempt in {wait:.0f} s."

    def _live(self) -> list[SocketLink]:
        """Return the connections by which payloads can come."""
        return [link for link in self._links if link.live]

    async def _keep_connected(self) -> None:
        while True:
            self._changed.clear()
            if len(self._fit) >= self._wanted:
                await self._changed.wait()
                continue
            self._adopt(await self._connect())

    async def _connect(self) -> SocketLink:
        while True:
            await self._wait_for_turn()
            try:
                return await self._attempt()
            except PackError as error:
                self._failed(error)

    async def _wait_for_turn(self) -> None:
        """Wait as long as Slack or the last failures demand; while nothing is connected, no longer."""
        while True:
            now = self._clock.monotonic()
            spread = self._tickets.wait_seconds() if self._fit else 0.0
            self._next_attempt_at = max(self._not_before, now + spread)
            pause = self._next_attempt_at - now
            if pause <= 0:
                return
            self._changed.clear()
            await wait_for(self._changed, pause, self._clock)

    async def _attempt(self) -> SocketLink:
        seconds = self._tuning.ticket_seconds
        self._tickets.spend()
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
        """Use a connection, and let it take the place of one that has to be replaced."""
        if self._was_connected and not self._live():
            self._on_gap()
        self._was_connected = True
        unfit = [old for old in self._links if old not in self._fit and not old.replaced.is_set()]
        for old in unfit[:1]:
            old.replaced.set()
        self._links.append(link)
        self._fit.append(link)
        self._trouble = None
        task = asyncio.create_task(self._mind(link), name="socket-mode connection")
        self._minding.add(task)
        task.add_done_callback(self._minding.discard)
        connections = link.hello.connections if link.hello else None
        self._say("connected", logging.INFO, "Socket Mode is connected", connections=connections)

    async def _mind(self, link: SocketLink) -> None:
        """Notice that a connection has to be replaced, and keep it until it is or ends."""
        await link.unfit.wait()
        self._fit.remove(link)
        self._judge(link)
        self._changed.set()
        noticed = link.parting is not None and link.parting.cause in _UNCLEAN
        if noticed:
            self._on_gap()
        await link.superseded()
        if link.replaced.is_set():
            await link.retire()
        elif not noticed and not self._live():
            self._on_gap()
        await link.close()
        self._links.remove(link)
        if link.parting is not None and link.parting.cause is Cause.SILENT:
            await self._clock.sleep(self._tuning.forgotten_seconds)
            self._on_gap()

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
        else:
            self._note_trouble(link.parting.error)
        self._hold_off()

    def _failed(self, error: PackError) -> None:
        self._failures += 1
        self._note_trouble(error)
        self._hold_off(error.retry_after_seconds if isinstance(error, TransientError) else None)

    def _hold_off(self, asked: float | None = None) -> None:
        """Wait before the next attempt, by the row of failures and as long as Slack asked for."""
        pause = self._pause_seconds()
        seconds = pause if asked is None else max(pause, asked + pause * 0.1)
        self._not_before = max(self._not_before, self._clock.monotonic() + seconds)

    def _note_trouble(self, error: PackError) -> None:
        self._trouble = error
        self._slow = isinstance(error, PermanentError | CredentialsRefused)
        level = logging.ERROR if self._slow else logging.WARNING
        state = "Socket Mode needs another connection" if self._live() else "Socket Mode is not connected"
        kind = "away" if isinstance(error, TransientError) else type(error).__name__
        key = f"{state} {kind} {getattr(error, 'code', '')}"
        self._say(key, level, f"{state}: {error}", failures=self._failures)

    def _pause_seconds(self) -> float:
        slow = self._slow and self._trouble is not None
        return self._tuning.backoff.seconds(_ROW_AT_THE_CAP if slow else self._failures, self._clock)

    def _say(self, key: str, level: int, message: str, **context: object) -> None:
        """Log a change of state; the same state again is of interest to a developer only."""
        logger.log(logging.DEBUG if key == self._said else level, message, extra=context)
        self._said = key

    async def _leave(self, accepting: asyncio.Task[None], connecting: asyncio.Task[None]) -> None:
        stopping = [connecting, *self._minding]
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
            self._fit.clear()
