"""The composition root: builds the pack from its settings, runs it, and says why it ended."""

from __future__ import annotations

import asyncio
import functools
import logging
import os
import signal
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from enum import IntEnum

import aiohttp
from pydantic import SecretStr

from pack import logs
from pack.clock import Clock, SystemClock
from pack.commands import catalogue
from pack.contracts.ports import Accept, Check, Receiver, Slack
from pack.contracts.storing import Store
from pack.delivery.admission import Admission
from pack.delivery.effects import Effects, EffectTuning
from pack.delivery.engine_link import EngineLink
from pack.delivery.outbox import Outbox
from pack.delivery.pace import Pace
from pack.delivery.polling import Polling
from pack.delivery.queue import Turns
from pack.delivery.recovery import Bounds, Recovery
from pack.delivery.taking import Taking
from pack.delivery.urgent_takes import UrgentTakes
from pack.engine.flyte import FlyteEngine, open_session
from pack.errors import (
    CredentialsRefused,
    SettingsError,
)
from pack.health import HealthServer
from pack.service import Pack, not_identified
from pack.settings import Settings
from pack.slack import web
from pack.slack.channels import ChannelDirectory
from pack.slack.http_receiver import HttpReceiver
from pack.slack.membership import Membership
from pack.slack.socket_mode import SocketModeReceiver
from pack.slack.tickets import Tickets
from pack.slack.users import UserDirectory
from pack.slack.web import SlackWeb
from pack.state.backup import BackupFile, MemoryBackup, open_backup
from pack.state.journal import Journal
from pack.state.keeping import Keeping, owner_of_this_process
from pack.state.memory import MemoryStore
from pack.worker import Parts, Worker

logger = logging.getLogger(__name__)


KEYS_LONGER_HOURS = 1.0
"""How much longer than messages are read from history arrivals are remembered, so that none is told twice."""


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


def _same(slack: Slack) -> Slack:
    return slack


@dataclass(frozen=True, slots=True)
class Substitutes:
    """Parts to use instead of the usual ones, for trials that show what each of them is for."""

    store: Callable[[Clock], Store] | None = None
    """Makes the store; None: the journal in the backup directory."""
    slack: Callable[[Slack], Slack] = _same
    """Makes the Slack that effects call out of the usual one."""
    clock: Clock = field(default_factory=SystemClock)
    """The time by which the pack lives."""


def run(settings: Settings, substitutes: Substitutes = Substitutes()) -> ExitCode:
    """Run the pack until it is told to stop by SIGTERM or SIGINT; a second signal ends it at once."""
    logs.configure(settings.log_level, settings.log_format)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(_run(settings, substitutes.clock, substitutes))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


async def _run(settings: Settings, clock: Clock, substitutes: Substitutes) -> ExitCode:
    stop = asyncio.Event()
    _obey_signals(stop)
    try:
        async with AsyncExitStack() as stack:
            pack = await build(settings, clock, stack, stop, substitutes)
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


async def build(
    settings: Settings,
    clock: Clock,
    stack: AsyncExitStack,
    stop: asyncio.Event,
    substitutes: Substitutes = Substitutes(),
) -> Pack:
    """Put the parts together; opens the health page, calls nobody."""
    for warning in settings.warnings:
        logger.warning("%s", warning)
    backup = open_backup(settings.backup_dir, was_set=settings.backup_dir_was_set)
    slack_session = await stack.enter_async_context(web.open_session(settings.slack_timeout_seconds))
    slack = _slack(settings, settings.slack_token, slack_session, clock)
    engine = await _engine(settings, stack)
    keeping = _keeping(settings, substitutes, backup, clock)
    link, store, polling = EngineLink(engine, clock), keeping.store, Polling(clock)
    commands = catalogue.by_name()
    urgent = UrgentTakes([command.name for command in commands.values() if command.triggered], clock)
    outbox = Outbox(
        link=link, store=store, clock=clock, on_told=polling.happened, on_trigger_told=urgent.told
    )
    channels = ChannelDirectory(slack=slack, clock=clock, renew_seconds=settings.channel_list_hours * 3600)
    membership = _membership(slack, channels, backup, clock)
    effects = _effects(settings, substitutes.slack(slack), store, channels, clock)
    taking = Taking(link=link, polling=polling, urgent=urgent, clock=clock, stop=stop)
    parts = Parts(
        taking=taking,
        outbox=outbox,
        store=store,
        effects=effects,
        admission=Admission(turns=Turns(), directory=channels, spawn=asyncio.get_running_loop().create_task),
        channels=channels,
        membership=membership,
        clock=clock,
        commands=commands,
        max_pending=settings.max_pending,
    )
    worker = Worker(parts, stop)
    recovery = Recovery(
        link=link,
        store=store,
        clock=clock,
        slack_date=slack.date,
        admit=worker.recover,
        bounds=Bounds(hours=settings.recovery_hours, take_timeout_seconds=settings.engine_timeout_seconds),
        stop=stop,
    )
    taking.on_lost = recovery.look_after_lost_take
    checks: dict[str, Callable[[], Check]] = {
        "Engine": engine.status,
        "Slack": not_identified,
        "Channels": membership.status,
        "Journal": keeping.status,
    }
    health = HealthServer(port=settings.health_port, checks=checks)
    await health.start()
    stack.push_async_callback(health.stop)
    logger.debug("the health page listens", extra={"port": health.port})
    return Pack(
        default_channels=settings.default_channels,
        grace_seconds=settings.grace_seconds,
        clock=clock,
        stop=stop,
        slack=slack,
        link=link,
        outbox=outbox,
        keeping=keeping,
        worker=worker,
        recovery=recovery,
        effects=effects,
        backfill_hours=settings.backfill_hours,
        membership=membership,
        users=UserDirectory(slack=slack, clock=clock),
        channels=channels,
        tickets=_tickets(settings, slack_session, clock),
        open_receivers=functools.partial(_open_receivers, settings, clock, stack, checks),
        checks=checks,
    )


async def _open_receivers(
    settings: Settings,
    clock: Clock,
    stack: AsyncExitStack,
    checks: dict[str, Callable[[], Check]],
    accept: Accept,
    tickets: Tickets | None,
    on_gap: Callable[[], None],
) -> list[Receiver]:
    """Open Socket Mode, the port for signed requests, or both, as the settings say."""
    found: list[Receiver] = []
    if tickets:
        session = await stack.enter_async_context(web.open_socket_session())
        socket = SocketModeReceiver(
            open_ticket=tickets.open,
            session=session,
            accept=accept,
            clock=clock,
            connections=settings.sockets,
            on_gap=on_gap,
        )
        checks["SocketMode"] = socket.status
        found.append(socket)
    if settings.signing_secret:
        http = HttpReceiver(
            signing_secret=settings.signing_secret,
            port=settings.events_port,
            accept=accept,
            clock=clock,
            on_gap=on_gap,
        )
        await http.start()
        stack.push_async_callback(http.stop)
        checks["EventsApi"] = http.status
        found.append(http)
    if not found:
        logger.warning(
            "no events will be received: set FLYTE_SLACK_APP_TOKEN (Socket Mode) or "
            "FLYTE_SLACK_SIGNING_SECRET (signed HTTP requests); commands work"
        )
    return found


def _slack(settings: Settings, token: SecretStr, session: aiohttp.ClientSession, clock: Clock) -> SlackWeb:
    return SlackWeb(token=token, api_url=settings.slack_api_url, session=session, clock=clock)


def _tickets(settings: Settings, session: aiohttp.ClientSession, clock: Clock) -> Tickets | None:
    if not settings.app_token:
        return None
    return Tickets(_slack(settings, settings.app_token, session, clock), clock)


async def _engine(settings: Settings, stack: AsyncExitStack) -> FlyteEngine:
    session = open_session(timeout_seconds=settings.engine_timeout_seconds)
    await stack.enter_async_context(session)
    return FlyteEngine(
        base_url=settings.engine_url,
        pack=catalogue.pack_spec(settings.pack_name, settings.labels),
        session=session,
        jwt=settings.engine_jwt,
        timeout_seconds=settings.engine_timeout_seconds,
    )


def _keeping(
    settings: Settings, substitutes: Substitutes, backup: BackupFile | MemoryBackup, clock: Clock
) -> Keeping:
    """Choose the store: the journal in the backup directory, or memory where nothing can be written."""
    if substitutes.store:
        return Keeping(substitutes.store(clock), clock)
    if isinstance(backup, MemoryBackup):
        note = f"{backup.problem}; what is unfinished when the pack ends is lost"
        return Keeping(MemoryStore(clock), clock, note=note)
    return Keeping(make_journal(settings, clock), clock)


def make_journal(
    settings: Settings, clock: Clock, on_commit: Callable[[str, Sequence[str]], None] | None = None
) -> Journal:
    """Return the journal that the settings ask for, not opened; see :class:`pack.state.journal.Journal`."""
    return Journal(
        settings.backup_dir,
        clock=clock,
        owner=owner_of_this_process(),
        keep_days=max(settings.journal_days, settings.recovery_hours / 24),
        key_hours=settings.backfill_hours + KEYS_LONGER_HOURS,
        on_commit=on_commit,
    )


def _effects(
    settings: Settings, slack: Slack, store: Store, channels: ChannelDirectory, clock: Clock
) -> Effects:
    return Effects(
        slack=slack,
        store=store,
        pace=Pace(clock),
        clock=clock,
        tuning=EffectTuning(
            settling_seconds=settings.settling_seconds, unknown_outcome=settings.unknown_outcome
        ),
        find_channel=channels.find,
    )


def _membership(
    slack: SlackWeb, channels: ChannelDirectory, backup: BackupFile | MemoryBackup, clock: Clock
) -> Membership:
    membership = Membership(slack=slack, directory=channels, wanted=backup, clock=clock)
    membership.load()
    return membership
