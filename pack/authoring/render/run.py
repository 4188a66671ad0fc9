"""A run of ``render``, from options to what is printed and an exit code."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from pack.authoring.render.inputs import (
    Files,
    FlowFile,
    Unreadable,
    read_context,
    read_datastore,
    read_event,
    read_flow_file,
)
from pack.authoring.render.machine import write_json
from pack.authoring.render.people import write_text
from pack.authoring.render.preview import StepPreview, preview
from pack.clock import SystemClock


@dataclass(frozen=True, slots=True)
class Request:
    """What to render; files are paths, or ``-`` for standard input."""

    flow: str
    event: str
    context: str | None
    step: str | None
    datastore: tuple[str, ...]
    as_json: bool


def run(request: Request) -> int:
    """Print what each step would do with the event, and return the exit code."""
    try:
        file, steps = _previews(request)
    except Unreadable as error:
        sys.stderr.write(f"flyte-slack render: {error}\n")
        return 2
    sys.stdout.write(write_json(file, steps) if request.as_json else write_text(file, steps))
    return 1 if any(step.failed for step in steps) else 0


def _previews(request: Request) -> tuple[FlowFile, list[StepPreview]]:
    files = Files(sys.stdin.buffer.read)
    file = read_flow_file(files, request.flow)
    event = read_event(files, request.event)
    context = read_context(files, request.context)
    functions = {"datastore": read_datastore(files, request.datastore)}
    steps = list(preview(file, event, context, functions, SystemClock()))
    return file, steps if request.step is None else _chosen(steps, request.step)


def _chosen(steps: list[StepPreview], wanted: str) -> list[StepPreview]:
    found = [step for step in steps if step.step.id == wanted]
    if not found:
        found = [step for step in steps if str(step.number) == wanted]
    if not found:
        names = ", ".join(step.step.id or str(step.number) for step in steps) or "none"
        raise Unreadable(f"--step {wanted}: there is no such step; there are: {names}")
    return found
