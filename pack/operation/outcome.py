"""What a replay did with one action, as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pack.contracts.ports import Event
from pack.contracts.storing import Effect, EffectState
from pack.operation.documents import showable
from pack.operation.table import clean


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """What was done with one step."""

    step: str
    method: str
    done: str
    """``kept``: it had been carried out before. ``sent``: it was carried out now. ``found``: it turned out to
    have been carried out before. ``refused``: Slack did not carry it out. ``not called``: Slack was not asked
    to. ``unknown``: nobody can tell."""


@dataclass(slots=True)
class Outcome:
    """What was done with one action."""

    id: str
    command: str = ""
    refusal: str = ""
    """Why it was not run again; empty when it was."""
    result: Event | None = None
    failed: bool = False
    steps: Sequence[StepOutcome] = ()
    problem: str = ""
    """What kept it from being noted how it ended; empty when nothing did."""
    emitted: bool | None = None
    """Whether the engine was told; None: that was not asked for."""
    emit_problem: str = ""
    notes: list[str] = field(default_factory=list)

    @property
    def succeeded(self) -> bool:
        """Whether all that was asked for was done."""
        return not (self.refusal or self.failed or self.problem or self.emit_problem)


def compare_steps(
    before: Mapping[str, EffectState], after: Mapping[str, Effect], called: Collection[str]
) -> Sequence[StepOutcome]:
    """Say what was done with each step; ``called`` are those for which Slack was called."""
    return [
        StepOutcome(name, effect.method, _done(effect, before.get(name), name in called))
        for name, effect in sorted(after.items())
    ]


def _done(effect: Effect, before: EffectState | None, was_called: bool) -> str:
    if before is EffectState.SENT:
        return "kept"
    if effect.state is EffectState.SENT:
        return "sent" if was_called else "found"
    return {EffectState.REFUSED: "refused", EffectState.WAITING: "not called"}.get(effect.state, "unknown")


def outcome_document(outcome: Outcome) -> dict[str, Any]:
    """Return what was done, for programs; what has no meaning is null."""
    result = outcome.result
    payload = result.payload if result and isinstance(result.payload, dict) else {}
    return {
        "id": outcome.id,
        "command": outcome.command or None,
        "status": _status(outcome),
        "event": result.name if result else None,
        "payload": result.payload if result else None,
        "error": outcome.refusal or outcome.problem or (payload.get("error") if outcome.failed else None),
        "errorCode": payload.get("errorCode") if outcome.failed else None,
        "steps": [{"step": one.step, "method": one.method, "done": one.done} for one in outcome.steps],
        "emitted": outcome.emitted,
        "emitProblem": outcome.emit_problem or None,
        "notes": outcome.notes,
    }


def _status(outcome: Outcome) -> str:
    if outcome.refusal:
        return "refused"
    return "failed" if outcome.failed or outcome.problem else "succeeded"


def outcome_text(outcome: Outcome) -> str:
    """Return what was done, for people."""
    return "\n".join(_lines(outcome))


def _lines(outcome: Outcome) -> Iterator[str]:
    if outcome.refusal:
        yield f"not run: {clean(outcome.refusal)}"
        return
    name = f"{clean(outcome.id)}  {clean(outcome.command)}"
    if outcome.problem:
        yield f"{name}: not finished: {clean(outcome.problem)}"
    elif outcome.result:
        how = "failed again" if outcome.failed else "succeeded"
        yield f"{name}: {how}, it ended as {outcome.result.name}"
    for step in outcome.steps:
        yield f"  {step.done}: {clean(step.step)} ({clean(step.method)})"
    if outcome.result and not outcome.problem:
        yield f"  {_shown(outcome.result.payload)}"
    if outcome.emitted:
        yield "  the engine was told, as an event of the pack"
    if outcome.emit_problem:
        yield f"  the engine was not told: {clean(outcome.emit_problem)}"
    for note in outcome.notes:
        yield f"  {clean(note)}"


def _shown(payload: Any) -> str:
    return clean(json.dumps(showable(payload), ensure_ascii=False))
