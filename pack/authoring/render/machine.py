"""A preview for programs to read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from pack.authoring.render.inputs import FlowFile
from pack.authoring.render.preview import StepPreview, path_of
from pack.flowlang import Explanation, Failure, Gap, Operation, Place, Shown
from pack.flows.stepping import Stage
from pack.flows.times import write_time

Json = Any


def write_json(file: FlowFile, steps: Sequence[StepPreview]) -> str:
    """Return the preview as one JSON object, with a line break at the end."""
    whole = {"flow": file.flow.name, "file": file.name, "steps": [_step(file, step) for step in steps]}
    return json.dumps(whole, indent=2, ensure_ascii=True) + "\n"


def _step(file: FlowFile, preview: StepPreview) -> Json:
    step, explanation, event = preview.step, preview.explanation, preview.event
    made, criteria = explanation.made, explanation.criteria
    view: dict[str, Json] = {
        "number": preview.number,
        "id": step.id,
        "dependsOn": list(step.depends_on),
        "startsTheFlow": preview.starts_the_flow,
        "outcome": explanation.outcome.value,
        "why": explanation.why,
        "event": {
            "event": event.name,
            "pack": {"name": event.sender.name, "labels": dict(event.sender.labels)},
            "createdAt": write_time(event.created_at),
            "assumed": list(preview.assumed),
        },
        "context": explanation.results(Stage.CONTEXT),
        "criteria": None if criteria is None else criteria.met,
        "command": {"name": step.command.name, "packName": step.command.pack_name},
    }
    if made is not None:
        view["command"] |= {"packLabels": dict(made.pack_labels), "input": made.input}
        view["context"] = dict(made.context)
    if explanation.stopped_at is not None:
        view["stoppedAt"] = explanation.stopped_at.value
    if explanation.error is not None:
        view["error"] = explanation.error.message
    view["templates"] = [
        _template(file, preview, stage, one) for stage, all_ in explanation.stages.items() for one in all_
    ]
    return view


def _template(file: FlowFile, preview: StepPreview, stage: Stage, explanation: Explanation) -> Json:
    return {
        "stage": stage.value,
        "path": path_of(stage, explanation),
        "template": explanation.template,
        "result": explanation.result,
        "error": _failure(explanation.failure, preview.where(file, stage, explanation)),
        "parts": [
            {
                "source": part.source,
                **_place(part.place),
                "outputs": list(part.outputs),
                "times": part.times,
                "depth": part.depth,
                "failed": part.failed,
            }
            for part in explanation.parts
        ],
        "lookups": [
            {
                "name": lookup.name,
                **_place(lookup.place),
                "values": [_shown(value) for value in lookup.values],
                "times": lookup.times,
                "missing": lookup.is_missing,
                "failed": lookup.failed,
                "gap": _gap(lookup.gap),
            }
            for lookup in explanation.lookups
        ],
        "operations": [_operation(operation) for operation in explanation.operations],
        "omitted": explanation.omitted,
    }


def _operation(operation: Operation) -> dict[str, Json]:
    return {
        "written": operation.written,
        **_place(operation.place),
        "values": [_shown(value) for value in operation.values],
        "times": operation.times,
        "failed": operation.failed,
    }


def _place(place: Place) -> dict[str, Json]:
    return {"line": place.line, "column": place.column, "within": place.within}


def _shown(value: Shown) -> Json:
    return {"kind": value.kind, "text": value.text}


def _gap(gap: Gap | None) -> Json:
    if gap is None:
        return None
    keys = list(gap.value.keys) if gap.value is not None else []
    owner = None if gap.value is None else _shown(gap.value)
    return {"owner": gap.owner, "value": owner, "keys": keys, "part": gap.part, "similar": list(gap.similar)}


def _failure(failure: Failure | None, where: tuple[int, int] | None) -> Json:
    if failure is None:
        return None
    line, column = where or (1, 1)
    return {
        "message": failure.error.message,
        "line": failure.error.line,
        "column": failure.error.column,
        "file": {"line": line, "column": column},
        "written": failure.written,
        "given": [_shown(value) for value in failure.given],
        "similar": list(failure.similar),
    }
