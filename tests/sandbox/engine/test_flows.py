from __future__ import annotations

import json
from typing import Any

import pytest

from pack.flows.model import Flow
from pack.flows.reading import read_flow
from pack.sandbox.engine import EmbeddedEngine, FlowRefused
from tests.sandbox.engine.caller import YAML, Caller, step

GOOD: dict[str, Any] = {"name": "f", "steps": [step("a")]}


def flow_of(name: str, *events: str) -> Flow:
    data = json.dumps({"name": name, "steps": [step(event, event=event) for event in events]})
    return read_flow(data.encode(), yaml=False, uuid="uuid")


def changed(path: str, value: Any) -> dict[str, Any]:
    """The good flow with one field set."""
    flow: Any = json.loads(json.dumps(GOOD))
    at = flow
    *way, last = path.split(".")
    for key in way:
        at = at[int(key)] if key.isdigit() else at[key]
    at[last] = value
    return dict(flow)


@pytest.mark.parametrize(
    ("path", "value", "status", "reason"),
    [
        ("name", None, 500, "name must be a text, not null"),
        ("name", "two\nlines", 500, "name must be one line"),
        ("description", 3, 500, "description must be a text, not a number"),
        ("steps", {}, 500, "steps must be a list, not an object"),
        ("steps", [3], 500, "steps.0 must be an object, not a number"),
        ("steps.0.event", "E", 500, "steps.0.event must be an object, not a text"),
        ("steps.0.event", {"name": "E"}, 500, "steps.0.event has no packName"),
        ("steps.0.command.name", 1, 500, "steps.0.command.name must be a text, not a number"),
        ("steps.0.command.packName", "a\nb", 500, "steps.0.command.packName must be one line"),
        ("steps.0.criteria", "true\n", 500, "in YAML write |- instead of |"),
        ("steps.0.context", None, 500, "steps.0.context must be an object, not null"),
        ("steps.0.context", {"a": 3}, 400, "steps.0.context.a must be a text, not a number"),
        ("steps.0.id", 3, 400, "steps.0.id must be a text, not a number"),
        ("steps.0.dependsOn", "a", 400, "steps.0.dependsOn must be a list, not a text"),
        ("steps.0.dependsOn", [1], 400, "steps.0.dependsOn.0 must be a text, not a number"),
        ("steps.0.event.packLabels", {"e": True}, 400, "steps.0.event.packLabels.e must be a text"),
        ("steps.0.command.packLabels", ["e"], 400, "steps.0.command.packLabels must be an object of texts"),
    ],
)
async def test_a_flow_that_is_none_is_refused_with_the_place_and_the_reason(
    path: str, value: Any, status: int, reason: str, call: Caller, engine: EmbeddedEngine
) -> None:
    flow = changed(path, value)
    answer = await call.send("POST", "/v1/flows", flow)
    assert (answer.status, reason in answer.error) == (status, True), answer.text
    with pytest.raises(FlowRefused, match="flow") as refused:
        await engine.store_flow(json.dumps(flow), yaml=False)
    assert refused.value.status == status
    assert (await call.get("/v1/flows")).json["flows"] == []


@pytest.mark.parametrize(
    ("flow", "reason"),
    [
        ([], "a flow must be an object, not a list"),
        (True, "a flow must be an object, not a boolean"),
        ({}, "the flow has no name"),
        ({"name": "f", "steps": [{}]}, "steps.0 has no event"),
    ],
)
async def test_what_is_far_from_a_flow_is_refused(flow: Any, reason: str, call: Caller) -> None:
    answer = await call.send("POST", "/v1/flows", flow)
    assert (answer.status, reason in answer.error) == (500, True), answer.text


async def test_text_after_a_flow_is_refused(call: Caller) -> None:
    answer = await call.send("POST", "/v1/flows", text=json.dumps(GOOD) + " x")
    assert answer.status == 400
    assert "something after the JSON value" in answer.error


async def test_a_flow_is_stored_from_yaml_as_from_json(call: Caller, engine: EmbeddedEngine) -> None:
    text = "name: f\nsteps:\n- id: a\n  event: {packName: Src, name: Happened}\n" + (
        "  command: {packName: Slack, name: SendMessage, input: a}\n"
    )
    answer = await call.send("POST", "/v1/flows", text=text, headers={"Content-Type": YAML})
    assert answer.status == 201
    from_yaml = (await call.get("/v1/flows/f")).json
    await engine.store_flow(json.dumps(GOOD), yaml=False)
    assert (await call.get("/v1/flows/f")).json == from_yaml
    await engine.store_flow(text, yaml=True)
    assert (await call.get("/v1/flows/f")).json == from_yaml


async def test_an_unquoted_template_in_yaml_is_refused_with_its_place(call: Caller) -> None:
    text = "name: f\nsteps:\n- event: {packName: S, name: E}\n  command:\n    name: {{ Event.Name }}\n"
    answer = await call.send("POST", "/v1/flows", text=text, headers={"Content-Type": YAML})
    assert answer.status == 400
    assert "line 5, column 12: a key must be a text; a template has to stand in quotes" in answer.error


async def test_a_flow_reads_back_as_it_was_written(call: Caller) -> None:
    flow = {
        "name": "whole",
        "description": "d",
        "steps": [
            step(
                "a",
                dependsOn=["b"],
                context={"k": "v"},
                criteria="true",
                input={"null": None, "n": 1.5, "l": [1, "x"]},
                labels={"e": "1"},
                from_labels={"e": "2"},
            )
        ],
    }
    await call.send("POST", "/v1/flows", flow)
    read = (await call.get("/v1/flows/whole")).json
    del read["links"]
    assert read == flow
