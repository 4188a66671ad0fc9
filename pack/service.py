"""A running pack: it introduces itself to Slack and the engine, works, and leaves in good order."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from pack import __version__
from pack.clock import Clock, wait_for
from pack.contracts.ports import Accept, Check, Identity, Receiver
from pack.delivery.backfill import Backfill
from pack.delivery.effects import Effects
from pack.delivery.engine_link import EngineLink
from pack.delivery.outbox import Outbox
from pack.delivery.recovery import Recovery
from pack.errors import EngineRefused, PackError, SettingsError, TransientError
from pack.intake import Intake
from pack.retry import Backoff, retry
from pack.slack.channels import ChannelDirectory
from pack.slack.deadline import heed
from pack.slack.membership import Membership
from pack.slack.tickets import Tickets
from pack.slack.users import UserDirectory
from pack.slack.web import SlackWeb
from pack.state.keeping import Keeping
from pack.worker import Worker

logger = logging.getLogger(__name__)
T = TypeVar("T")

SLACK_AWAY = Backoff(first_seconds=1, cap_seconds=30)
"""The waits at start while Slack cannot be reached."""

WATCH_SECONDS = 15.0
"""How often an outage of Slack is looked at again while nothing else calls."""

RECOVERING_SECONDS = 2.0
"""How long taking waits for the first look at what a lost process left unfinished."""

DELIVERING_SHARE = 0.3
"""The least part of the grace period that is kept for delivering results; the rest is for what runs."""

RESULTS_PER_SECOND = 500
"""How many results a second are counted on at shutdown."""

LAST_SECONDS = 0.5
"""What delivering gets when the grace period is over already."""


class Runs(Protocol):
    """Something that runs until it is cancelled."""

    def run(self) -> Coroutine[Any, Any, None]:
        """Run."""
        ...


OpenReceivers = Callable[[Accept, Tickets | None, Callable[[], None]], Awaitable[Sequence[Receiver]]]
"""Opens the ways by which Slack's payloads come in; the last is called when one may not have come in."""


@dataclass(slots=True)
class Pack:
    """The parts of a running pack."""

    default_channels: Sequence[str]
    grace_seconds: float
    clock: Clock
    stop: asyncio.Event
    slack: SlackWeb
    link: EngineLink
    outbox: Outbox
    keeping: Keeping
    worker: Worker
    recovery: Recovery
    effects: Effects
    backfill_hours: float
    membership: Membership
    users: UserDirectory
    channels: ChannelDirectory
    tickets: Tickets | None
    open_receivers: OpenReceivers
    checks: dict[str, Callable[[], Check]]

    async def run(self) -> None:
        """Introduce the pack to Slack and the engine, work until the stop event is set, and leave.

        Raises:
            CredentialsRefused: a token or the JWT was refused at start.
            SettingsError: the engine refuses what is registered.
        """
        try:
            if not await self._until_stopped(self.keeping.open()):
                return
            async with asyncio.TaskGroup() as group:
                registering = group.create_task(self._until_stopped(self._register()), name="register")
                identity = await self._introduce()
                if identity is not None:
                    await self._work(identity, registering, group)
        except* PackError as failures:
            raise _first(failures) from None
        finally:
            await self.outbox.close()
            await self.keeping.close()

    async def _work(
        self, identity: Identity, registering: asyncio.Task[bool | None], group: asyncio.TaskGroup
    ) -> None:
        """Go on with what was left, receive and take commands, and leave when told to."""
        receivers: list[Receiver] = []
        intake, backfill = self._inbound(identity, receivers)
        self.checks["Intake"] = intake.status
        background: list[asyncio.Task[None]] = []
        working: asyncio.Task[None] | None = None
        await self.keeping.bind(identity.team_id)
        if await self._until_stopped(self._restore(intake)):
            receivers += await self.open_receivers(intake.accept, self.tickets, backfill.gap)
            self.checks["Slack"] = lambda: _slack_check(self.slack)
            if receivers:
                self.checks["Backfill"] = backfill.status
            background = self._start((*receivers, backfill) if receivers else (), group)
            if await registering:
                working = await self._start_taking(identity, background, group)
            await self.stop.wait()
        await self._leave(working, background, intake)

    def _start(self, running: Sequence[Runs], group: asyncio.TaskGroup) -> list[asyncio.Task[None]]:
        """Start what goes on beside the commands: events come in from now on."""
        works = {type(one).__name__: one.run() for one in running}
        works["membership"] = self.membership.settle(self.default_channels)
        works["renew the channel list"] = self.channels.keep_fresh()
        works["watch"] = self._watch()
        return [group.create_task(work, name=name) for name, work in works.items()]

    async def _start_taking(
        self, identity: Identity, background: list[asyncio.Task[None]], group: asyncio.TaskGroup
    ) -> asyncio.Task[None]:
        extra = {"version": __version__, "team": identity.team, "user": identity.user_id}
        logger.info("the pack works", extra=extra)
        background.append(group.create_task(self.recovery.run(), name="recovery"))
        await wait_for(self.recovery.looked, RECOVERING_SECONDS, self.clock)
        return group.create_task(self.worker.run(), name="worker")

    async def _restore(self, intake: Intake) -> bool:
        """Take up what an earlier process left, before anything new; waits until the store can be read."""
        await intake.restore()
        await self.outbox.restore()
        await self.worker.resume()
        return True

    def _inbound(self, identity: Identity, receivers: Sequence[Receiver]) -> tuple[Intake, Backfill]:
        """Make the intake, and the backfill that fills its gaps."""
        intake = Intake(
            identity=identity,
            store=self.keeping.store,
            outbox=self.outbox,
            users=self.users,
            channels=self.channels,
            membership=self.membership,
            clock=self.clock,
            slack_date=self.slack.date,
            on_gap=lambda: backfill.gap(),
            on_heard=lambda channel: backfill.heard(channel),
        )
        backfill = Backfill(
            store=self.keeping.store,
            ask=self.effects.read,
            accept=intake.accept_recovered,
            receiving=lambda: bool(receivers) and all(one.status().ready for one in receivers),
            joined=lambda: self.membership.joined,
            slack_date=self.slack.date,
            clock=self.clock,
            hours=self.backfill_hours,
            user_id=identity.user_id,
            find_channels=self.membership.find_again,
        )
        self.membership.on_joined, self.membership.on_left = backfill.joined, backfill.left
        return intake, backfill

    # --- start ---

    async def _introduce(self) -> Identity | None:
        """Learn who the pack is and whether its tokens are accepted; None when it is stopped meanwhile."""
        async with asyncio.TaskGroup() as group:
            whoami = group.create_task(self._until_stopped(self._identify()), name="identify")
            if self.tickets:
                group.create_task(self._until_stopped(self.tickets.check()), name="check the app token")
        return whoami.result()

    async def _until_stopped(self, work: Awaitable[T]) -> T | None:
        working = asyncio.ensure_future(work)
        working.add_done_callback(heed)
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

    # --- while it works ---

    async def _watch(self) -> None:
        """Look again at an outage of Slack, and at a list of channels that could not be written."""
        while not await wait_for(self.stop, WATCH_SECONDS, self.clock):
            await self.membership.save_again()
            if self.slack.outage:
                with contextlib.suppress(PackError):
                    await self.slack.identify()

    # --- end ---

    async def _leave(
        self, working: asyncio.Task[None] | None, background: list[asyncio.Task[None]], intake: Intake
    ) -> None:
        until = self.clock.monotonic() + self.grace_seconds
        for task in background:
            task.cancel()
        if background:
            await asyncio.wait(background)
        finishing_until = until - self._seconds_for_delivering()
        if working:
            await asyncio.wait({working}, timeout=max(0.0, finishing_until - self.clock.monotonic()))
            working.cancel()
        left = max(0.0, finishing_until - self.clock.monotonic())
        await asyncio.gather(intake.finish(left), self.worker.finish(left))
        if not await self.outbox.flush(max(LAST_SECONDS, until - self.clock.monotonic())):
            await self._name_losses()
        logger.info("stopped", extra={"commands": self.worker.taken})

    def _seconds_for_delivering(self) -> float:
        """Return which part of the grace period is for delivering results: more, the more there will be."""
        needed = self.worker.unfinished / RESULTS_PER_SECOND
        return min(self.grace_seconds * 0.8, max(self.grace_seconds * DELIVERING_SHARE, needed))

    async def _name_losses(self) -> None:
        """Log what the engine has not taken; unless the next start goes on with it, a person has to look."""
        lost = [waiting.id for waiting in await self.keeping.store.unreported()]
        logger.log(
            logging.INFO if self.keeping.store.survives else logging.ERROR,
            "stopped with %d results and events that the engine has not taken",
            self.outbox.waiting,
            extra={"actions": ", ".join(lost[:50])},
        )


def not_identified() -> Check:
    """Return the check of Slack before it was asked who the pack is."""
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
