"""Running failed commands again: each is carried out as the pack would, under a claim in its journal.

What is known of an action's steps decides what is done: a step that was carried out keeps Slack's answer, one
that was refused is tried again, and one of which nobody knew is looked up first, by what its message carries.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from pack.clock import Clock
from pack.commands import catalogue
from pack.commands.declaration import Command, Deps
from pack.commands.jobs import Job, Result, carry_out, read_job
from pack.contracts.commands import BroadcastFailure, CommandInput
from pack.contracts.ports import Slack
from pack.contracts.storing import ActionStage, Effect, EffectState
from pack.delivery.admission import Admission, Place
from pack.delivery.effects import Effects, EffectTuning, Undertaking
from pack.delivery.pace import Pace
from pack.delivery.queue import Turns
from pack.operation.claims import LEASE_SECONDS, ClaimLost, Claims, NotReplayable
from pack.operation.emitting import Emitter
from pack.operation.entries import Entry
from pack.operation.memberships import Whereabouts, forget_left
from pack.operation.opening import JournalUnusable
from pack.operation.outcome import Outcome, compare_steps
from pack.operation.replay_store import ReplayStore
from pack.slack.channels import ChannelDirectory

UNCERTAIN = frozenset({"AnswerLost"})
"""The kinds of refusal that leave open whether a step was carried out."""

UNCERTAIN_CODES = frozenset({"outcome_unknown", "answer_lost"})
PROLONG_SECONDS = LEASE_SECONDS / 4


@dataclass(frozen=True, slots=True)
class Tools:
    """What a replay works with."""

    claims: Claims
    slack: Slack
    pace: Pace
    clock: Clock
    directory: ChannelDirectory
    settling_seconds: float
    emitter: Emitter | None
    """None: the engine is not told."""


async def replay(action_id: str, tools: Tools) -> Outcome:
    """Run one action again and say what was done; raises nothing but ``CancelledError``."""
    outcome = Outcome(action_id)
    try:
        entry = tools.claims.claim(action_id)
    except (NotReplayable, JournalUnusable) as error:
        outcome.refusal = str(error)
        return outcome
    outcome.command = entry.command
    try:
        async with _prolonged(entry.id, tools):
            await _run(entry, outcome, tools)
    except (ClaimLost, JournalUnusable) as error:
        outcome.problem = str(error)
        _release(entry, tools)
    except BaseException:
        _release(entry, tools)
        raise
    return outcome


def _release(entry: Entry, tools: Tools) -> None:
    """Give the claim up; when the journal cannot be written, it ends by itself."""
    with contextlib.suppress(JournalUnusable):
        tools.claims.release(entry.id)


@contextlib.asynccontextmanager
async def _prolonged(action_id: str, tools: Tools) -> AsyncIterator[None]:
    """Keep the claim while what is within runs; a journal that cannot be written is noticed by the steps."""

    async def prolong() -> None:
        while True:
            await tools.clock.sleep(PROLONG_SECONDS)
            with contextlib.suppress(JournalUnusable):
                tools.claims.prolong(action_id)

    prolonging = asyncio.ensure_future(prolong())
    try:
        yield
    finally:
        prolonging.cancel()


async def _run(entry: Entry, outcome: Outcome, tools: Tools) -> None:
    """Carry the action out, tell the engine if that is wanted, and note how it ended."""
    store = ReplayStore(tools.claims, tools.clock)
    undertaking = _undertaking(entry)
    states = {name: effect.state for name, effect in undertaking.effects.items()}
    whereabouts = Whereabouts(slack=tools.slack, directory=tools.directory, clock=tools.clock)
    try:
        result = await _carry_out(entry, undertaking, whereabouts, store, tools)
    finally:
        await whereabouts.close()
    outcome.steps = compare_steps(states, undertaking.effects, store.called)
    if store.failure:
        raise store.failure
    outcome.result, outcome.failed = result.event, result.failed
    if tools.emitter:
        outcome.emit_problem = await tools.emitter.tell(result.event)
        outcome.emitted = not outcome.emit_problem
    stage, reason = _ending(entry, outcome)
    tools.claims.end(entry.id, result.event, failed=result.failed, stage=stage, reason=reason)
    if whereabouts.left:
        outcome.notes.append(forget_left(tools.claims.path.parent, whereabouts.left, tools.clock))


def _ending(entry: Entry, outcome: Outcome) -> tuple[ActionStage, str]:
    """Return how the journal is to remember it: what the engine was to be told and was not stays failed."""
    if outcome.emit_problem:
        return ActionStage.ASIDE, outcome.emit_problem
    if outcome.failed:
        return entry.record.stage, entry.record.reason
    return ActionStage.REPORTED, ""


def _undertaking(entry: Entry) -> Undertaking:
    record = entry.record
    effects = {name: _begun_again(effect) for name, effect in record.effects.items()}
    return Undertaking(record.action.id, effects, record.suspect_since, taken_at=record.taken_at)


def _begun_again(effect: Effect) -> Effect:
    """Return a step as it is to be run again; one that may have been carried out is looked up first."""
    if effect.state is not EffectState.REFUSED:
        return effect
    refusal = effect.refusal or {}
    uncertain = refusal.get("error") in UNCERTAIN or refusal.get("code") in UNCERTAIN_CODES
    state = EffectState.SENDING if uncertain else EffectState.WAITING
    return replace(effect, state=state, refusal=None, sent_at=effect.sent_at if uncertain else 0.0)


async def _carry_out(
    entry: Entry, undertaking: Undertaking, whereabouts: Whereabouts, store: ReplayStore, tools: Tools
) -> Result:
    commands = catalogue.by_name()
    job = read_job(commands, entry.record.action, undertaking)
    effects = Effects(
        slack=tools.slack,
        store=store,
        pace=tools.pace,
        clock=tools.clock,
        # An operator who runs it again wants it done, also when nobody can tell whether it was.
        tuning=EffectTuning(settling_seconds=tools.settling_seconds, unknown_outcome="resend"),
        find_channel=tools.directory.find,
    )
    admission = Admission(
        turns=Turns(), directory=tools.directory, spawn=asyncio.get_running_loop().create_task
    )
    places = _places(job, entry, admission, whereabouts)
    deps = Deps(
        effect=partial(effects.run, undertaking),
        ask=effects.ask,
        channels=tools.directory,
        membership=whereabouts,
        places=places,
        begun=tuple(undertaking.effects),
        place=admission.place,
    )
    try:
        async with places[0] if len(places) == 1 else nullcontext():
            return await carry_out(job, deps, commands)
    finally:
        for place in places:
            place.leave()


def _places(job: Job, entry: Entry, admission: Admission, whereabouts: Whereabouts) -> Sequence[Place]:
    """Draw the places; a command for many channels goes to those that it went to before."""
    if job.command is None or not isinstance(job.given, CommandInput):
        return []
    named = job.command.channels(job.given, whereabouts)
    return [admission.place(reference) for reference in named or _earlier_channels(job.command, entry)]


def _earlier_channels(command: Command[Any], entry: Entry) -> Sequence[str]:
    """Return the channels that a broadcast was for: those of its steps, and those that its result names."""
    if not issubclass(command.failure.model, BroadcastFailure):
        return ()
    found = [name.partition(":")[2] for name in entry.record.effects]
    said = entry.payload if entry.event == command.failure.name and isinstance(entry.payload, dict) else {}
    for key in ("sent", "failed"):
        listed = said.get(key)
        found += [_channel(one) for one in (listed if isinstance(listed, list) else ())]
    return sorted({channel for channel in found if channel})


def _channel(named: Any) -> str:
    channel = named.get("channelId") if isinstance(named, Mapping) else None
    return channel if isinstance(channel, str) else ""
