"""The parts of a pack, made as the settings say; the composition root puts them together."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack

import aiohttp
from pydantic import SecretStr

from pack.clock import Clock
from pack.commands import catalogue
from pack.contracts.ports import Accept, Check, Receiver, Slack
from pack.contracts.storing import Store
from pack.delivery.effects import Effects, EffectTuning
from pack.delivery.pace import Pace
from pack.engine.flyte import FlyteEngine, open_session
from pack.settings import Settings
from pack.slack import web
from pack.slack.channels import ChannelDirectory
from pack.slack.http_receiver import HttpReceiver
from pack.slack.membership import Membership
from pack.slack.socket_mode import SocketModeReceiver
from pack.slack.tickets import Tickets
from pack.slack.web import SlackWeb
from pack.state.backup import BackupFile, MemoryBackup
from pack.state.journal import Journal
from pack.state.keeping import Keeping, owner_of_this_process
from pack.state.memory import MemoryStore

logger = logging.getLogger(__name__)

LEAST_KEY_HOURS = 24.0
"""For so long arrivals are remembered at least, since the backfill may be switched on by the next start."""

KEYS_LONGER_HOURS = 1.0
"""How much longer than messages are read from history arrivals are remembered, so that none is told twice."""


async def open_receivers(
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


def make_slack(
    settings: Settings, token: SecretStr, session: aiohttp.ClientSession, clock: Clock
) -> SlackWeb:
    """Return the Web API with one of the tokens."""
    return SlackWeb(token=token, api_url=settings.slack_api_url, session=session, clock=clock)


def make_tickets(settings: Settings, session: aiohttp.ClientSession, clock: Clock) -> Tickets | None:
    """Return what opens Socket Mode, None without an app token."""
    if not settings.app_token:
        return None
    return Tickets(make_slack(settings, settings.app_token, session, clock), clock)


async def make_engine(settings: Settings, stack: AsyncExitStack) -> FlyteEngine:
    """Return the engine, with a session that the stack closes."""
    session = open_session(timeout_seconds=settings.engine_timeout_seconds)
    await stack.enter_async_context(session)
    return FlyteEngine(
        base_url=settings.engine_url,
        pack=catalogue.pack_spec(settings.pack_name, settings.labels),
        session=session,
        jwt=settings.engine_jwt,
        timeout_seconds=settings.engine_timeout_seconds,
    )


def make_keeping(
    settings: Settings,
    backup: BackupFile | MemoryBackup,
    clock: Clock,
    make_store: Callable[[Clock], Store] | None = None,
) -> Keeping:
    """Return the journal in the backup directory, or a store in memory where nothing can be written.

    ``make_store``: makes the store instead.
    """
    if make_store:
        return Keeping(make_store(clock), clock)
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
        key_hours=max(settings.backfill_hours, LEAST_KEY_HOURS) + KEYS_LONGER_HOURS,
        on_commit=on_commit,
    )


def make_effects(
    settings: Settings, slack: Slack, store: Store, channels: ChannelDirectory, clock: Clock
) -> Effects:
    """Return what carries out the steps of all actions."""
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


def make_membership(
    slack: SlackWeb, channels: ChannelDirectory, backup: BackupFile | MemoryBackup, clock: Clock
) -> Membership:
    """Return the channels that are wanted, as the backup has them."""
    membership = Membership(slack=slack, directory=channels, wanted=backup, clock=clock)
    membership.load()
    return membership
