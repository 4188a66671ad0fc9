"""Effects: how a handler changes something in Slack, so that each step of an action happens once.

A handler asks for an effect and gets Slack's answer. A handler that runs again gets the stored answers of the
steps that are done; the guarantee lives here and in the store, in no handler.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from pack.clock import Clock
from pack.contracts.ports import Json, Slack
from pack.contracts.storing import Effect, EffectState, Store
from pack.delivery.calling import Calling
from pack.delivery.outcomes import (
    AlreadyDone,
    Doubt,
    FindChannel,
    Happened,
    NotHappened,
    Outcomes,
    Unknowable,
)
from pack.delivery.pace import Pace, Priority
from pack.delivery.sending import EffectTuning, Run, Sending, mark
from pack.delivery.undertaking import Undertaking
from pack.errors import (
    AnswerLost,
    CommandFailed,
    PackError,
    SlackRateLimited,
    SlackRefused,
    SlackUnavailable,
    from_record,
    to_record,
)

__all__ = ["EffectTuning", "Effects", "Undertaking"]

LOSSES = 3
"""How many calls without an answer are made for a step at least, however long each of them takes."""


class Effects:
    """Runs the effects of all actions; what may have been carried out is looked up before it is repeated."""

    def __init__(
        self,
        *,
        slack: Slack,
        store: Store,
        pace: Pace,
        clock: Clock,
        tuning: EffectTuning | None = None,
        find_channel: FindChannel | None = None,
    ) -> None:
        self._slack = slack
        self._store = store
        self._clock = clock
        self._tuning = tuning = tuning or EffectTuning()
        self._calling = Calling(
            slack=slack, pace=pace, clock=clock, slots=tuning.slots, limited_seconds=tuning.limited_seconds
        )
        check = partial(
            self._calling.ask,
            priority=Priority.CHECK,
            away_seconds=tuning.checking_seconds,
            limited_seconds=tuning.checking_seconds,
        )
        self._sending = Sending(slack=slack, store=store, clock=clock, calling=self._calling, tuning=tuning)
        self._outcomes = Outcomes(
            ask=check,
            clock=clock,
            settling_seconds=tuning.settling_seconds,
            checking_seconds=tuning.checking_seconds,
            find_channel=find_channel,
        )

    async def run(
        self, undertaking: Undertaking, step: str, method: str, arguments: Mapping[str, Json]
    ) -> dict[str, Json]:
        """Carry one step of an action out, once, and return Slack's answer.

        ``step`` names it within the action. The steps of one action may run at the same time.

        Raises:
            SlackRefused, CredentialsRefused: Slack will not; a rerun gets the same error without a call.
            SlackRateLimited, SlackUnavailable: Slack asked to wait, or was away, for too long.
            CommandFailed: ``outcome_unknown``: it may have been carried out or not.
        """
        known = undertaking.effects.get(step)
        if known and known.state is EffectState.SENT:
            self._note_earlier_call(undertaking, known)
            return known.answer
        if known and known.state is EffectState.REFUSED and known.refusal:
            raise from_record(known.refusal)
        effect = known or Effect(undertaking.action_id, step, method, state=EffectState.WAITING)
        undertaking.effects[step] = effect
        run = Run(undertaking, effect, arguments, self._clock.monotonic())
        try:
            effect.answer = await self._finish(run, new=known is None)
        except PackError as error:
            effect.state, effect.refusal = EffectState.REFUSED, to_record(error)
            self._store.note_effect(effect)
            raise
        effect.state = EffectState.SENT
        self._outcomes.claim(undertaking.check, effect.answer)
        self._store.note_effect(effect)
        return effect.answer

    async def ask(self, method: str, arguments: Mapping[str, Json]) -> dict[str, Json]:
        """Call a method that changes nothing; repeated and paced like an effect, but not remembered."""
        return await self._calling.ask(
            method,
            arguments,
            away_seconds=self._tuning.outage_seconds,
            limited_seconds=self._tuning.limited_seconds,
        )

    async def read(self, method: str, arguments: Mapping[str, Json]) -> dict[str, Json]:
        """Ask Slack like :meth:`ask`, but after everything that is more urgent."""
        return await self._calling.ask(
            method,
            arguments,
            priority=Priority.BACKFILL,
            away_seconds=self._tuning.outage_seconds,
            limited_seconds=self._tuning.limited_seconds,
        )

    # --- until it is known to be done ---

    async def _finish(self, run: Run, *, new: bool) -> dict[str, Json]:
        """Send until it is known to be carried out; what an earlier process may have done is looked up."""
        suspect = run.undertaking.suspect_since if new else None
        if suspect is not None or run.effect.state is EffectState.SENDING:
            run.unresolved = True
            answer = await self._look_up(run, run.effect.sent_at or suspect or 0.0, None, "")
            if answer is not None:
                return answer
        while True:
            try:
                return await self._sending.send(run)
            except AnswerLost as error:
                ended = self._clock.monotonic()
                run.losses += 1
                run.unresolved = True
                await self._heed(error)
                answer = await self._look_up(run, run.effect.sent_at, ended, str(error))
                if answer is not None:
                    return answer
                self._give_up_in_time(run, error)
            except (SlackUnavailable, SlackRateLimited, SlackRefused) as error:
                if run.unresolved and not isinstance(run.undertaking.check, AlreadyDone):
                    raise _unknown(run.effect, str(error)) from error
                raise

    async def _look_up(
        self, run: Run, since: float, ended: float | None, lost: str
    ) -> dict[str, Json] | None:
        """Return the answer when it was carried out, None when it is to be sent (again)."""
        check, effect = run.undertaking.check, run.effect
        if isinstance(check, AlreadyDone):
            return None
        effect.readable = mark(run).readable
        match await self._outcomes.look(check, Doubt(effect, run.given, since, ended)):
            case Happened(answer):
                if ended is None:
                    self._note_found(run, answer)
                return answer
            case NotHappened():
                run.unresolved = False
            case Unknowable(reason) if self._tuning.unknown_outcome == "report":
                raise _unknown(effect, f"{lost}; {reason}" if lost else reason)
        return None

    async def _heed(self, error: AnswerLost) -> None:
        """Keep to a wait that came with a 5xx."""
        asked = error.retry_after_seconds or 0.0
        await self._clock.sleep(min(asked, self._tuning.limited_seconds))

    def _give_up_in_time(self, run: Run, error: AnswerLost) -> None:
        late = self._clock.monotonic() - run.began > self._tuning.outage_seconds
        repeated = isinstance(run.undertaking.check, AlreadyDone)
        if not repeated and (not late or run.losses < LOSSES):
            return
        if run.unresolved:
            raise _unknown(run.effect, str(error)) from error
        raise SlackUnavailable(
            f"{run.effect.method} was tried {run.losses} times, each time without an answer, and was not "
            f"carried out ({error})"
        ) from error

    # --- when it was called ---

    def _note_found(self, run: Run, answer: Mapping[str, Json]) -> None:
        """Note what is known of a call that an earlier process made."""
        effect = run.effect
        effect.attempts = effect.attempts or 1
        if not effect.sent_at:
            ts = str(answer.get("ts") or "")
            effect.sent_at = float(ts) if ts.replace(".", "", 1).isdigit() else self._slack.date()
        self._note_earlier_call(run.undertaking, effect)

    def _note_earlier_call(self, undertaking: Undertaking, effect: Effect) -> None:
        ahead = self._slack.date() - self._clock.now().timestamp()
        undertaking.called_at = max(undertaking.called_at or 0.0, effect.sent_at - ahead)


def _unknown(effect: Effect, reason: str) -> CommandFailed:
    return CommandFailed(
        f"nobody can tell whether {effect.method} was carried out ({reason}); look in Slack, and send the "
        "command again if it was not",
        code="outcome_unknown",
    )
