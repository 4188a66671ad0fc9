"""A replay put together from the settings: the journal, Slack, and the engine when it is to be told."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from pack.clock import Clock, SystemClock
from pack.commands import catalogue
from pack.delivery.pace import Pace
from pack.engine.flyte import FlyteEngine, open_session
from pack.errors import TransientError
from pack.operation.claims import open_claims
from pack.operation.emitting import Emitter
from pack.operation.outcome import Outcome
from pack.operation.place import journal_path
from pack.operation.replay import Tools, replay
from pack.retry import Backoff, retry
from pack.settings import Settings
from pack.slack import web
from pack.slack.channels import ChannelDirectory
from pack.slack.web import SlackWeb

SLACK_SECONDS = 30.0
"""How long Slack is waited for before anything is run."""


async def replay_all(
    settings: Settings, actions: Sequence[str], *, with_emitting: bool, show: Callable[[Outcome], None]
) -> Sequence[Outcome]:
    """Run actions again, one after the other as they were taken; ``show`` is called with each as it ends.

    Raises:
        JournalUnusable: there is no journal, or it cannot be written.
        CancelledError: SIGINT or SIGTERM came; the claim was given up.
        CredentialsRefused: Slack or the engine refuses a credential; nothing was run.
        PackError: Slack or the engine cannot be reached; nothing was run.
    """
    _give_up_on_signals()
    outcomes = []
    async with _open(settings, SystemClock(), with_emitting=with_emitting) as tools:
        for action_id in tools.claims.in_order(actions):
            outcome = await replay(action_id, tools)
            show(outcome)
            outcomes.append(outcome)
    return outcomes


def _give_up_on_signals() -> None:
    """Have the running task cancelled by SIGINT and SIGTERM; a second signal ends the process at once."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task

    def give_up(number: signal.Signals) -> None:
        loop.remove_signal_handler(number)
        task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, give_up, number)


@asynccontextmanager
async def _open(settings: Settings, clock: Clock, *, with_emitting: bool) -> AsyncIterator[Tools]:
    async with AsyncExitStack() as stack:
        claims = stack.enter_context(open_claims(journal_path(os.environ), clock))
        session = await stack.enter_async_context(web.open_session(settings.slack_timeout_seconds))
        slack = SlackWeb(token=settings.slack_token, api_url=settings.slack_api_url, session=session)
        await retry(
            slack.identify,
            backoff=Backoff(first_seconds=1, cap_seconds=10),
            clock=clock,
            give_up_after_seconds=SLACK_SECONDS,
            only=TransientError,
        )
        yield Tools(
            claims=claims,
            slack=slack,
            pace=Pace(clock),
            clock=clock,
            directory=ChannelDirectory(
                slack=slack, clock=clock, renew_seconds=settings.channel_list_hours * 3600
            ),
            settling_seconds=settings.settling_seconds,
            emitter=await _emitter(settings, clock, stack) if with_emitting else None,
        )


async def _emitter(settings: Settings, clock: Clock, stack: AsyncExitStack) -> Emitter:
    session = open_session(timeout_seconds=settings.engine_timeout_seconds)
    await stack.enter_async_context(session)
    engine = FlyteEngine(
        base_url=settings.engine_url,
        pack=catalogue.pack_spec(settings.pack_name, settings.labels),
        session=session,
        jwt=settings.engine_jwt,
        timeout_seconds=settings.engine_timeout_seconds,
    )
    emitter = Emitter(engine, clock)
    await emitter.prepare()
    return emitter
