"""The composition root: builds the pack from its settings, starts it, supervises it and shuts it down."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeVar

from pydantic import SecretStr

from pack import __version__, logs
from pack.clock import Clock, SystemClock, wait_for
from pack.commands import catalogue
from pack.contracts.ports import Check, Identity, Receiver
from pack.delivery.admission import Admission
from pack.delivery.effects import Effects
from pack.delivery.engine_link import EngineLink
from pack.delivery.outbox import Outbox
from pack.delivery.pace import Pace
from pack.delivery.polling import Polling
from pack.delivery.queue import Turns
from pack.engine.flyte import FlyteEngine, open_session
from pack.errors import (
    CredentialsRefused,
    EngineRefused,
    PackError,
    SettingsError,
    SlackRefused,
    TransientError,
)
from pack.health import HealthServer
from pack.intake import Intake
from pack.retry import Backoff, retry
from pack.settings import Settings
from pack.slack import web
from pack.slack.channels import ChannelDirectory
from pack.slack.http_receiver import HttpReceiver
from pack.slack.membership import Membership
from pack.slack.socket_mode import SocketModeReceiver
from pack.slack.users import UserDirectory
from pack.slack.web import SlackWeb
from pack.state.backup import BackupFile, MemoryBackup, open_backup
from pack.state.memory import MemoryStore
from pack.worker import Shop, Worker

logger = logging.getLogger(__name__)
T = TypeVar("T")

SLACK_AWAY = Backoff(first_seconds=1, cap_seconds=30)
"""The waits at start while Slack cannot be reached."""

WATCH_SECONDS = 15.0
"""How often an outage of Slack is looked at again while nothing else calls."""

FINISHING_SHARE = 0.7
"""The part of the grace period for what runs; the rest is for delivering the results."""


class ExitCode(IntEnum):
    """Why the process ended."""

    STOPPED = 0
    """It was told to stop, and did."""
    MISTAKE = 1
    """A mistake of the pack; the log has it."""
    CONFIGURATION = 2
    """A setting is missing or wrong, or something that it names cannot be used."""
    CREDENTIALS = 3
    """Slack or the engine refused a credential at start."""


def run(settings: Settings) -> ExitCode:
    """Run the pack until it is told to stop by SIGTERM or SIGINT; a second signal ends it at once."""
    logs.configure(settings.log_level, settings.log_format)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(_run(settings, SystemClock()))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


async def _run(settings: Settings, clock: Clock) -> ExitCode:
    stop = asyncio.Event()
    _obey_signals(stop)
    try:
        async with AsyncExitStack() as stack:
            pack = await _build(settings, clock, stack, stop)
            await pack.run()
    except SettingsError as error:
        logger.error("%s", error)
        return ExitCode.CONFIGURATION
    except CredentialsRefused as error:
        logger.error("%s", error)
        return ExitCode.CREDENTIALS
    except BaseExceptionGroup as failures:
        logger.critical("a part of the pack failed, so it ends", exc_info=failures)
        return ExitCode.MISTAKE
    except Exception:
        logger.critical("the pack failed, so it ends", exc_info=True)
        return ExitCode.MISTAKE
    return ExitCode.STOPPED


def _obey_signals(stop: asyncio.Event) -> None:
    def obey(number: signal.Signals) -> None:
        if stop.is_set():
            os._exit(128 + number)
        logger.info("stopping", extra={"signal": number.name})
        stop.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, obey, number)


@dataclass(slots=True)
class Pack:
    """The parts of a running pack."""

    settings: Settings
    clock: Clock
    stop: asyncio.Event
    slack: SlackWeb
    link: EngineLink
    outbox: Outbox
    store: MemoryStore
    worker: Worker
    membership: Membership
    users: UserDirectory
    channels: ChannelDirectory
    tickets: Tickets | None
    checks: dict[str, Callable[[], Check]]
    stack: AsyncExitStack

    async def run(self) -> None:
        """Introduce the pack to Slack and the engine, work until the stop event is set, and leave.

        Raises:
            CredentialsRefused: a token or the JWT was refused at start.
            SettingsError: the engine refuses what is registered.
        """
        identity = await self._introduce()
        if identity is None:
            return
        intake = Intake(
            identity=identity,
            store=self.store,
            outbox=self.outbox,
            users=self.users,
            channels=self.channels,
            membership=self.membership,
        )
        self.checks["Intake"] = intake.status
        receivers = await self._receivers(intake)
        await self.outbox.restore()
        async with asyncio.TaskGroup() as group:
            working = group.create_task(self.worker.run(), name="worker")
            background = [
                group.create_task(receiver.run(), name=type(receiver).__name__) for receiver in receivers
            ]
            defaults = self.settings.default_channels
            background.append(group.create_task(self.membership.settle(defaults), name="membership"))
            background.append(group.create_task(self._watch_slack(), name="watch Slack"))
            await self.stop.wait()
            await self._leave(working, background, intake)

    # --- start ---

    async def _introduce(self) -> Identity | None:
        """Learn who the pack is and register it, at the same time; None when it is stopped meanwhile."""
        try:
            async with asyncio.TaskGroup() as group:
                whoami = group.create_task(self._until_stopped(self._identify()), name="identify")
                joined = group.create_task(self._until_stopped(self._register()), name="register")
                if self.tickets:
                    group.create_task(self._until_stopped(self.tickets.check()), name="check the app token")
        except* PackError as failures:
            raise _first(failures) from None
        identity = whoami.result()
        if identity is None or joined.result() is None:
            return None
        logger.info(
            "the pack works",
            extra={"version": __version__, "team": identity.team, "user": identity.user_id},
        )
        return identity

    async def _until_stopped(self, work: Awaitable[T]) -> T | None:
        working = asyncio.ensure_future(work)
        stopped = asyncio.ensure_future(self.stop.wait())
        try:
            await asyncio.wait((working, stopped), return_when=asyncio.FIRST_COMPLETED)
            return working.result() if working.done() else None
        finally:
            working.cancel()
            stopped.cancel()

    async def _identify(self) -> Identity:
        async def identify() -> Identity:
            try:
                return await self.slack.identify()
            except TransientError as error:
                self._say_waiting(str(error))
                raise

        return await retry(identify, backoff=SLACK_AWAY, clock=self.clock)

    def _say_waiting(self, reason: str) -> None:
        if self.checks["Slack"] is not _waiting_for_slack:
            self.checks["Slack"] = _waiting_for_slack
            logger.warning("waiting for Slack: %s", reason)

    async def _register(self) -> bool:
        try:
            await self.link.register()
        except EngineRefused as error:
            raise SettingsError(f"the engine refuses this pack: {error}") from error
        return True

    async def _receivers(self, intake: Intake) -> list[Receiver]:
        self.checks["Slack"] = lambda: _slack_check(self.slack)
        found: list[Receiver] = []
        if self.tickets:
            session = await self.stack.enter_async_context(web.open_session())
            socket = SocketModeReceiver(
                open_ticket=self.tickets.open, session=session, accept=intake.accept, clock=self.clock
            )
            self.checks["SocketMode"] = socket.status
            found.append(socket)
        if self.settings.signing_secret:
            http = HttpReceiver(
                signing_secret=self.settings.signing_secret,
                port=self.settings.events_port,
                accept=intake.accept,
                clock=self.clock,
            )
            await http.start()
            self.stack.push_async_callback(http.stop)
            self.checks["EventsApi"] = http.status
            found.append(http)
        if not found:
            logger.warning(
                "no events will be received: set FLYTE_SLACK_APP_TOKEN (Socket Mode) or "
                "FLYTE_SLACK_SIGNING_SECRET (signed HTTP requests); commands work"
            )
        return found

    # --- while it works ---

    async def _watch_slack(self) -> None:
        """Look again at an outage of Slack, so that the health page tells when it is over."""
        while not await wait_for(self.stop, WATCH_SECONDS, self.clock):
            if self.slack.outage:
                with contextlib.suppress(PackError):
                    await self.slack.identify()

    # --- end ---

    async def _leave(
        self, working: asyncio.Task[None], background: list[asyncio.Task[None]], intake: Intake
    ) -> None:
        grace = self.settings.grace_seconds
        until = self.clock.monotonic() + grace
        for task in background:
            task.cancel()
        await asyncio.wait(background)
        await asyncio.wait({working}, timeout=grace * FINISHING_SHARE)
        working.cancel()
        await intake.finish(max(0.0, until - grace * (1 - FINISHING_SHARE) - self.clock.monotonic()))
        await self.worker.finish(max(0.0, until - grace * (1 - FINISHING_SHARE) - self.clock.monotonic()))
        if not await self.outbox.flush(max(0.5, until - self.clock.monotonic())):
            logger.error(
                "stopped with %d results and events that the engine has not taken", self.outbox.waiting
            )
        await self.outbox.close()
        logger.info("stopped", extra={"commands": self.worker.taken})


class Tickets:
    """Socket Mode tickets: the one by which the app token was checked at start is used first."""

    def __init__(self, slack: SlackWeb) -> None:
        self._slack = slack
        self._first: str | None = None

    async def check(self) -> bool:
        """Ask for a ticket, to see whether the app token is accepted.

        Raises:
            CredentialsRefused: it is not.
        """
        try:
            self._first = await self._slack.open_ticket()
        except (TransientError, SlackRefused) as error:
            logger.warning("Socket Mode is not available yet: %s", error)
        return True

    async def open(self) -> str:
        """Return a ticket that was not used; see :meth:`pack.slack.web.SlackWeb.open_ticket`."""
        first, self._first = self._first, None
        return first or await self._slack.open_ticket()


async def _build(settings: Settings, clock: Clock, stack: AsyncExitStack, stop: asyncio.Event) -> Pack:
    """Put the parts together; opens the health page, calls nobody."""
    for warning in settings.warnings:
        logger.warning("%s", warning)
    backup = open_backup(settings.backup_dir, was_set=settings.backup_dir_was_set)
    slack_session = await stack.enter_async_context(web.open_session())
    slack = _slack(settings, settings.slack_token, slack_session)
    engine_session = open_session(timeout_seconds=settings.engine_timeout_seconds)
    await stack.enter_async_context(engine_session)
    engine = FlyteEngine(
        base_url=settings.engine_url,
        pack=catalogue.pack_spec(settings.pack_name, settings.labels),
        session=engine_session,
        jwt=settings.engine_jwt,
        timeout_seconds=settings.engine_timeout_seconds,
    )
    link, store, polling = EngineLink(engine, clock), MemoryStore(clock), Polling(clock)
    outbox = Outbox(link=link, store=store, clock=clock, on_told=polling.happened)
    channels = ChannelDirectory(slack=slack, clock=clock, renew_seconds=settings.channel_list_hours * 3600)
    membership = _membership(slack, channels, backup, clock)
    shop = Shop(
        link=link,
        outbox=outbox,
        store=store,
        effects=Effects(slack=slack, store=store, pace=Pace(clock), clock=clock),
        admission=Admission(turns=Turns(), directory=channels, spawn=asyncio.get_running_loop().create_task),
        polling=polling,
        channels=channels,
        membership=membership,
        clock=clock,
        commands=catalogue.by_name(),
    )
    checks: dict[str, Callable[[], Check]] = {
        "Engine": engine.status,
        "Slack": _not_identified,
        "Channels": membership.status,
    }
    health = HealthServer(port=settings.health_port, checks=checks)
    await health.start()
    stack.push_async_callback(health.stop)
    logger.debug("the health page listens", extra={"port": health.port})
    return Pack(
        settings=settings,
        clock=clock,
        stop=stop,
        slack=slack,
        link=link,
        outbox=outbox,
        store=store,
        worker=Worker(shop, stop),
        membership=membership,
        users=UserDirectory(slack=slack, clock=clock),
        channels=channels,
        tickets=Tickets(_slack(settings, settings.app_token, slack_session)) if settings.app_token else None,
        checks=checks,
        stack=stack,
    )


def _slack(settings: Settings, token: SecretStr, session: web.aiohttp.ClientSession) -> SlackWeb:
    return SlackWeb(token=token, api_url=settings.slack_api_url, session=session)


def _membership(
    slack: SlackWeb, channels: ChannelDirectory, backup: BackupFile | MemoryBackup, clock: Clock
) -> Membership:
    membership = Membership(slack=slack, directory=channels, wanted=backup, clock=clock)
    membership.load()
    return membership


def _not_identified() -> Check:
    return Check(healthy=True, ready=False, status="not known yet whether Slack accepts the token")


def _waiting_for_slack() -> Check:
    return Check(healthy=True, ready=False, status="Slack cannot be reached; waiting for it")


def _slack_check(slack: SlackWeb) -> Check:
    if slack.outage:
        return Check(healthy=True, ready=False, status=slack.outage)
    return Check(healthy=True, ready=True, status="ok")


def _first(failures: BaseExceptionGroup[PackError]) -> PackError:
    found = failures.exceptions[0]
    return _first(found) if isinstance(found, BaseExceptionGroup) else found
