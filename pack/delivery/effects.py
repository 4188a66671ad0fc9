"""Effects: how a handler changes something in Slack, so that each step of an action happens once.

A handler asks for an effect and gets Slack's answer. A handler that runs again gets the stored answers of the
steps that are done; the guarantee lives here and in the store, in no handler.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from pack.clock import Clock
from pack.contracts.ports import Json, Slack
from pack.contracts.storing import Effect, EffectState, Store
from pack.delivery.pace import Pace
from pack.errors import (
    AnswerLost,
    PackError,
    SlackRateLimited,
    SlackUnavailable,
    TransientError,
    from_record,
    to_record,
)
from pack.retry import Backoff, retry

IDEMPOTENT = frozenset({"conversations.join", "conversations.leave"})
"""The methods that may be repeated when nobody knows whether the first call was carried out."""


@dataclass(frozen=True, slots=True)
class EffectTuning:
    """How long an effect is tried, in seconds."""

    outage_seconds: float = 30.0
    """While Slack cannot be reached; then the command fails with the explanation."""
    limited_seconds: float = 300.0
    """While Slack asks to wait."""
    slots: int = 64
    """How many calls are under way at once."""


@dataclass(slots=True)
class Undertaking:
    """One action that is being carried out."""

    action_id: str
    effects: dict[str, Effect] = field(default_factory=dict)
    """What is known of its steps."""
    suspect_since: float | None = None
    """Not None: each of its steps may have been carried out since then, by Slack's date."""


class Effects:
    """Runs the effects of all actions: pace, then a slot, then the call; repeated while that is safe."""

    def __init__(
        self, *, slack: Slack, store: Store, pace: Pace, clock: Clock, tuning: EffectTuning | None = None
    ) -> None:
        self._slack = slack
        self._store = store
        self._pace = pace
        self._clock = clock
        self._tuning = tuning or EffectTuning()
        self._slots = asyncio.Semaphore(self._tuning.slots)

    async def run(
        self, undertaking: Undertaking, step: str, method: str, arguments: Mapping[str, Json]
    ) -> dict[str, Json]:
        """Carry one step of an action out, once, and return Slack's answer.

        ``step`` names it within the action. The steps of one action may run at the same time.

        Raises:
            SlackRefused, CredentialsRefused: Slack will not; a rerun gets the same error without a call.
            SlackRateLimited, SlackUnavailable: Slack asked to wait, or was away, for too long.
            AnswerLost: it may have been carried out or not, and repeating it could do it twice.
        """
        known = undertaking.effects.get(step)
        if known and known.state is EffectState.SENT:
            return known.answer
        if known and known.state is EffectState.REFUSED and known.refusal:
            raise from_record(known.refusal)
        effect = known or Effect(undertaking.action_id, step, method)
        undertaking.effects[step] = effect
        try:
            effect.answer = await self._repeat(effect, arguments)
        except PackError as error:
            effect.state, effect.refusal = EffectState.REFUSED, to_record(error)
            self._store.note_effect(effect)
            raise
        effect.state = EffectState.SENT
        self._store.note_effect(effect)
        return effect.answer

    async def ask(self, method: str, arguments: Mapping[str, Json]) -> dict[str, Json]:
        """Call a method that changes nothing; repeated and paced like an effect, but not remembered."""
        return await self._repeat(Effect("", "", method), arguments, reads=True)

    async def _repeat(
        self, effect: Effect, arguments: Mapping[str, Json], *, reads: bool = False
    ) -> dict[str, Json]:
        safe: tuple[type[TransientError], ...] = (SlackUnavailable,)
        if reads or effect.method in IDEMPOTENT:
            safe = (SlackUnavailable, AnswerLost)

        async def while_away() -> dict[str, Json]:
            return await retry(
                lambda: self._once(effect, arguments, remember=not reads),
                backoff=Backoff(first_seconds=0.5, cap_seconds=8),
                clock=self._clock,
                give_up_after_seconds=self._tuning.outage_seconds,
                only=safe,
            )

        return await retry(
            while_away,
            backoff=Backoff(first_seconds=0.1, cap_seconds=1),
            clock=self._clock,
            give_up_after_seconds=self._tuning.limited_seconds,
            only=SlackRateLimited,
        )

    async def _once(
        self, effect: Effect, arguments: Mapping[str, Json], *, remember: bool
    ) -> dict[str, Json]:
        channel = str(arguments.get("channel") or "")
        while True:
            held = self._pace.remaining(effect.method, channel)
            if held > self._tuning.limited_seconds:
                raise SlackRateLimited(
                    f"Slack asked to wait {held:.0f} s before the next {effect.method}",
                    retry_after_seconds=held,
                )
            await self._pace.wait(effect.method, channel)
            async with self._slots:
                if self._pace.remaining(effect.method, channel) > 0:
                    continue
                if remember:
                    effect.attempts += 1
                    effect.sent_at = effect.sent_at or self._slack.date()
                    await self._store.save_effect(effect)
                try:
                    return await self._slack.call(effect.method, arguments)
                except SlackRateLimited as error:
                    self._pace.hold(effect.method, channel, error.retry_after_seconds or 0.0)
                    raise
