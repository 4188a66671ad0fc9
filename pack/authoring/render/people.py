"""A preview for people to read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from pack.authoring.render.failures import failure_lines
from pack.authoring.render.inputs import FlowFile
from pack.authoring.render.parts import is_plain, safe, template_lines
from pack.authoring.render.preview import StepPreview, path_of
from pack.flows.explaining import Outcome
from pack.flows.times import write_time

Json = Any

_SIGNS = {
    Outcome.TAKEN: "✓",
    Outcome.FAILED: "✗",
    Outcome.NOT_MET: "-",
    Outcome.LABELS_DIFFER: "-",
    Outcome.NOT_WAITED_FOR: "·",
}


def write_text(file: FlowFile, steps: Sequence[StepPreview]) -> str:
    """Return the preview, step by step, with a line break at the end."""
    lines = [f"flow {safe(file.flow.name)}: nothing is run, this is what each step would do", ""]
    for step in steps:
        lines += [*_step(file, step), ""]
    lines.append(_summary(steps))
    return "\n".join(lines) + "\n"


def _step(file: FlowFile, preview: StepPreview) -> Iterator[str]:
    step, explanation = preview.step, preview.explanation
    sign = _SIGNS[explanation.outcome]
    yield f"{sign} step {safe(preview.name)}: {safe(_outcome(preview))}"
    if not preview.is_for_it:
        return
    yield f"    event     {safe(_event(preview))}"
    if step.depends_on:
        names = " or ".join(step.depends_on)
        yield f"    after     {safe(names)}: shown as if that had ended with this event"
    for stage, explanations in explanation.stages.items():
        for one in explanations:
            if is_plain(one):
                continue
            yield from template_lines(path_of(stage, one), one)
            if one.failure is not None:
                yield from failure_lines(file, preview.where(file, stage, one), one)
    if explanation.error is not None and not any(
        one.failure for explanations in explanation.stages.values() for one in explanations
    ):
        yield f"    {safe(explanation.error.message)}"
    if explanation.made is not None:
        yield from _made(preview)


def _outcome(preview: StepPreview) -> str:
    step, explanation = preview.step, preview.explanation
    command = f"{step.command.pack_name}.{step.command.name}"
    if explanation.outcome is Outcome.TAKEN:
        return f"{command} is called" + (", and the flow starts" if preview.starts_the_flow else "")
    if explanation.outcome is Outcome.FAILED:
        return f"fails, so Flyte skips it without a word and {command} is not called"
    if explanation.outcome is Outcome.NOT_WAITED_FOR:
        return f"not concerned, {explanation.why}"
    return f"not taken, {explanation.why}"


def _event(preview: StepPreview) -> str:
    event = preview.event
    labels = ", ".join(f"{name}={value}" for name, value in event.sender.labels.items())
    line = f"{event.name} of {event.sender.name}{f' ({labels})' if labels else ''}"
    assumed = f"  (assumed: {', '.join(preview.assumed)})" if preview.assumed else ""
    return f"{line}, {write_time(event.created_at)}{assumed}"


def _made(preview: StepPreview) -> Iterator[str]:
    made = preview.explanation.made
    if made is None:
        return
    command = preview.step.command
    yield f"    command   {safe(command.pack_name)}.{safe(command.name)}"
    if made.pack_labels:
        yield f"    labels    {_json(dict(made.pack_labels), '    ')}"
    if made.context:
        yield f"    context   {_json(dict(made.context), '    ')}"
    yield f"    input     {_json(made.input, '    ')}"


def _json(value: Json, indent: str) -> str:
    lines = json.dumps(value, indent=2, ensure_ascii=False).split("\n")
    return ("\n" + indent).join(safe(line) for line in lines)


def _summary(steps: Sequence[StepPreview]) -> str:
    concerned = [step for step in steps if step.is_for_it]
    if not concerned:
        return "The event is for no step: compare its name and its pack with what the steps wait for."
    taken = sum(step.explanation.outcome is Outcome.TAKEN for step in concerned)
    failed = sum(step.failed for step in concerned)
    failing = f", {failed} fail{'s' if failed == 1 else ''}" if failed else ""
    return f"The event is for {len(concerned)} of {len(steps)} steps: {taken} would act{failing}."
