"""The composition root: builds the pack from its settings, runs it, and says why it ended."""

from __future__ import annotations

import asyncio
import functools
import logging
import os
import signal
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from enum import IntEnum

from pack import logs
from pack.clock import Clock, SystemClock
from pack.commands import catalogue
from pack.contracts.ports import Check, Slack
from pack.contracts.storing import Store
from pack.delivery.admission import Admission
from pack.delivery.engine_link import EngineLink
from pack.delivery.outbox import Outbox
from pack.delivery.polling import Polling
from pack.delivery.queue import Turns
from pack.delivery.recovery import Bounds, Recovery
from pack.delivery.taking import Taking
from pack.delivery.urgent_takes import UrgentTakes
from pack.errors import (
    CredentialsRefused,
    SettingsError,
)
from pack.health import HealthServer
from pack.parts import (
    make_effects,
    make_engine,
    make_keeping,
    make_membership,
    make_slack,
    make_tickets,
    open_receivers,
)
from pack.service import Pack, not_identified
from pack.settings import Settings
from pack.slack import web
from pack.slack.channels import ChannelDirectory
from pack.slack.users import UserDirectory
from pack.state.backup import open_backup
from pack.worker import Parts, Worker

logger = logging.getLogger(__name__)


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
    slack = make_slack(settings, settings.slack_token, slack_session, clock)
    engine = await make_engine(settings, stack)
    keeping = make_keeping(settings, backup, clock, substitutes.store)
    link, store, polling = EngineLink(engine, clock), keeping.store, Polling(clock)
    commands = catalogue.by_name()
    urgent = UrgentTakes([command.name for command in commands.values() if command.triggered], clock)
    outbox = Outbox(
        link=link, store=store, clock=clock, on_told=polling.happened, on_trigger_told=urgent.told
    )
    channels = ChannelDirectory(slack=slack, clock=clock, renew_seconds=settings.channel_list_hours * 3600)
    membership = make_membership(slack, channels, backup, clock)
    effects = make_effects(settings, substitutes.slack(slack), store, channels, clock)
    taking = Taking(link=link, polling=polling, urgent=urgent, clock=clock, stop=stop)
    parts = Parts(
        taking=taking,
        outbox=outbox,
        store=store,
        effects=effects,
        admission=Admission(turns=Turns(), directory=channels, spawn=asyncio.get_running_loop().create_task),
        channels=channels,
        membership=membership,
        slack_date=slack.date,
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
    health = HealthServer(port=settings.health_port, checks=checks, clock=clock, waits=keeping.is_elsewhere)
    await health.start()
    stack.push_async_callback(health.stop)
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
        tickets=make_tickets(settings, slack_session, clock),
        open_receivers=functools.partial(open_receivers, settings, clock, stack, checks),
        checks=checks,
    )
