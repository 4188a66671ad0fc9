"""Sending: a step's call, until it has an answer or nobody knows whether it was carried out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pack.clock import Clock
from pack.contracts.ports import Json, Slack
from pack.contracts.storing import Effect, EffectState, Store
from pack.delivery import metadata
from pack.delivery.calling import AWAY, LIMITED, Calling
from pack.delivery.outcomes import AlreadyDone
from pack.delivery.undertaking import Undertaking
from pack.errors import AnswerLost, SlackRateLimited, SlackRefused, SlackUnavailable, TransientError
from pack.retry import retry


@dataclass(frozen=True, slots=True)
class EffectTuning:
    """How long an effect is tried, in seconds, and what is done when its outcome stays unknown."""

    outage_seconds: float = 30.0
    """While Slack cannot be reached; then the command fails with the explanation."""
    limited_seconds: float = 300.0
    """While Slack asks to wait."""
    checking_seconds: float = 600.0
    """While what became of a call cannot be looked up, since Slack is away or asks to wait."""
    slots: int = 64
    """How many calls are under way at once."""
    settling_seconds: float = 10.0
    """How long after a call without an answer it is looked up; so late may it take effect."""
    unknown_outcome: Literal["resend", "report"] = "resend"
    """What is done when it cannot be looked up: it is called again, or the command fails."""


@dataclass(slots=True)
class Run:
    """One step while it is carried out."""

    undertaking: Undertaking
    effect: Effect
    given: Mapping[str, Json]
    began: float
    """By the monotonic clock."""
    losses: int = 0
    """How many calls had no answer."""
    unresolved: bool = False
    """Whether an earlier call may have been carried out."""


class Sending:
    """Makes the calls of steps; what is noted of them is on disk before the call."""

    def __init__(
        self, *, slack: Slack, store: Store, clock: Clock, calling: Calling, tuning: EffectTuning
    ) -> None:
        self._slack = slack
        self._store = store
        self._clock = clock
        self._calling = calling
        self._tuning = tuning

    async def send(self, run: Run) -> dict[str, Json]:
        """Call until there is an answer; a message whose metadata is refused goes without ours."""
        try:
            return await self._repeat(run)
        except SlackRefused as error:
            if run.unresolved and _means_done(run, error):
                return {"ok": True}
            if error.code not in metadata.REFUSALS or not run.effect.readable:
                raise
            run.effect.readable = False
            return await self._repeat(run)

    async def _repeat(self, run: Run) -> dict[str, Json]:
        """Repeat what was not carried out, and what may be carried out twice."""
        safe: tuple[type[TransientError], ...] = (SlackUnavailable,)
        if isinstance(run.undertaking.check, AlreadyDone):
            safe = (SlackUnavailable, AnswerLost)

        async def while_away() -> dict[str, Json]:
            return await retry(
                lambda: self._once(run),
                backoff=AWAY,
                clock=self._clock,
                give_up_after_seconds=self._tuning.outage_seconds,
                only=safe,
            )

        return await retry(
            while_away,
            backoff=LIMITED,
            clock=self._clock,
            give_up_after_seconds=self._tuning.limited_seconds,
            only=SlackRateLimited,
        )

    async def _once(self, run: Run) -> dict[str, Json]:
        """Call once; on disk the effect is under way before the call, and again not when nothing happened."""
        effect = run.effect
        marked = mark(run)

        async def before() -> None:
            effect.readable = marked.readable
            effect.attempts += 1
            effect.sent_at = effect.sent_at or self._slack.date()
            effect.state = EffectState.SENDING
            run.undertaking.called_at = self._clock.now().timestamp()
            await self._store.save_effect(effect)

        try:
            return await self._calling.once(
                effect.method, marked.arguments, priority=run.undertaking.priority, before=before
            )
        except AnswerLost:
            run.unresolved = True
            raise
        except (SlackUnavailable, SlackRateLimited):
            if not run.unresolved and effect.state is EffectState.SENDING:
                effect.state = EffectState.WAITING
                self._store.note_effect(effect)
            raise


def mark(run: Run) -> metadata.Marked:
    """Return the step's arguments with what its message is found by, unless Slack refused that before."""
    effect = run.effect
    if not effect.readable:
        return metadata.Marked(run.given, readable=False)
    name = metadata.name_effect(effect.action_id, effect.step)
    return metadata.mark(effect.method, run.given, name)


def _means_done(run: Run, error: SlackRefused) -> bool:
    check = run.undertaking.check
    return isinstance(check, AlreadyDone) and error.code in check.codes
