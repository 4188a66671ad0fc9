"""What a real Flyte does in corners that no scenario shows in full."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.engine.caller import YAML, Caller, step

Json = Any


async def test_packs_and_flows_are_listed_by_name_and_items_as_they_came(call: Caller) -> None:
    for name in ("b", "a", "B"):
        await call.register(name)
        await call.store(step("s"), name=name)
    await call.register("a", env="x")
    assert [pack["id"] for pack in (await call.get("/v1/packs")).json["packs"]] == ["B", "a", "a.env.x", "b"]
    assert [flow["name"] for flow in (await call.get("/v1/flows")).json["flows"]] == ["B", "a", "b"]


async def test_an_event_may_say_whose_it_is(packs: Caller) -> None:
    await packs.store(
        step("s", input="{{ Event.Pack.Id }} {{ Event.Pack.Name }} {{ Event.Pack.Labels.env }}")
    )
    for own in ({"NAME": "Src"}, {"name": "Src", "id": "x", "labels": {"env": "prod"}}, {"name": None}, None):
        event = {"event": "Happened", "pack": own}
        assert (await packs.send("POST", "/v1/packs/Slack/events", event)).status == 202
    await packs.engine.settled()
    assert await packs.take_all() == ["Slack Src ", "x Src prod"]
    for own in ("Src", {"name": 3}, {"labels": {"env": 1}}, []):
        refused = await packs.send("POST", "/v1/packs/Slack/events", {"event": "E", "pack": own})
        assert (refused.status, "pack" in refused.error) == (400, True)


async def test_go_s_zero_time_is_as_if_none_was_given(packs: Caller) -> None:
    await packs.store(step("s"))
    event = {"event": "Happened", "createdAt": "0001-01-01T00:00:00Z"}
    assert (await packs.send("POST", "/v1/packs/Src/events", event)).status == 202
    await packs.engine.settled()
    ((action,),) = [run["actions"].values() for run in await packs.executions()]
    assert action["trigger"]["createdAt"] == action["trigger"]["receivedAt"]


async def test_keys_of_a_pack_and_of_a_flow_are_found_in_any_case(call: Caller) -> None:
    pack = {"NAME": "P", "Commands": [{"Name": "Do", "EVENTS": ["Done"]}], "labels": None, "events": None}
    answer = await call.send("POST", "/v1/packs", pack)
    assert (answer.status, answer.json["id"], answer.json["commands"][0]["events"]) == (201, "P", ["Done"])
    lines = step("a", DEPENDSON=["b"], Criteria="true")
    lines["event"]["PACKLABELS"] = {"env": "x"}
    await call.store(lines)
    ((stored,),) = [(await call.get("/v1/flows/flow")).json["steps"]]
    assert (stored["dependsOn"], stored["criteria"]) == (["b"], "true")
    assert stored["event"]["packLabels"] == {"env": "x"}


@pytest.mark.parametrize("missing", ["name", "steps", "event", "command"])
async def test_the_schema_of_a_flow_knows_its_keys_in_one_case_only(missing: str, call: Caller) -> None:
    flow: Json = {"name": "f", "steps": [step("a")]}
    place = flow if missing in flow else flow["steps"][0]
    place[missing.upper()] = place.pop(missing)
    assert (await call.send("POST", "/v1/flows", flow)).status == 500


async def test_a_name_that_only_go_sees_survives_a_reading_from_the_state(call: Caller) -> None:
    """The schema looks at ``name``; Go takes the last key that fits, whatever its case."""
    flow = {"name": "one line", "NAME": "two\nlines", "steps": [step("a")]}
    status = (await call.send("POST", "/v1/flows", flow)).status
    listed = [flow["name"] for flow in (await call.get("/v1/flows")).json["flows"]]
    assert (status, len(listed)) == (201, 1)


async def test_nulls_vanish_from_maps_of_an_input_and_stay_nothing_elsewhere(packs: Caller) -> None:
    await packs.store(
        step("map", input={"gone": None, "kept": {"gone": None, "n": 1}}),
        step("nothing", input=None),
        step("payload", input={"p": "{{ Event.Payload.missing }}"}, criteria="", context={}),
    )
    await packs.happen(payload=None)
    assert await packs.take_all() == [{"kept": {"n": 1}}, None, {"p": ""}]


@pytest.mark.parametrize(
    ("text", "value"),
    [("yes", True), ("off", False), ("010", 8), ("0x1F", 31), ("1_000", 1000), ("~", None), ("1e3", "1e3")],
)
async def test_an_input_in_yaml_is_read_as_yaml_1_1(text: str, value: Json, packs: Caller) -> None:
    flow = (
        "name: f\nsteps:\n- id: s\n  event: {packName: Src, name: Happened}\n"
        f"  command: {{packName: Slack, name: Do, input: [{text}, x]}}\n"
    )
    assert (await packs.send("POST", "/v1/flows", text=flow, headers={"Content-Type": YAML})).status == 201
    stored = (await packs.get("/v1/flows/f")).json["steps"][0]["command"]["input"]
    assert stored == [value, "x"]
    assert isinstance(stored[0], bool) == isinstance(value, bool)


async def test_any_finished_step_of_several_is_enough_and_its_context_goes_on(packs: Caller) -> None:
    await packs.store(
        step("a", context={"by": "a"}),
        step("b", command="Slack.Other", context={"by": "b"}),
        step("after", event="Slack.Done", dependsOn=["a", "b", "never"], input="after {{ Context.by }}"),
        step("never", event="Slack.Never"),
    )
    await packs.happen()
    first, second = await packs.take(), await packs.take()
    await packs.finish(second, "Done")
    assert await packs.take_all() == ["after b"]
    await packs.finish(first, "Done")
    assert await packs.take_all() == []


async def test_a_failed_action_counts_as_finished_for_whatever_waits_for_its_event(packs: Caller) -> None:
    await packs.store(step("a"), step("sorry", event="Slack.FATAL", dependsOn=["a"], input="sorry"))
    await packs.happen()
    await packs.finish(await packs.take(), "FATAL", "no")
    assert await packs.take_all() == ["sorry"]


async def test_a_step_without_an_id_runs_only_before_another_without_one_did(packs: Caller) -> None:
    await packs.store(
        step(input="A"),
        step("b", command="Slack.Other", input="B"),
        step(event="Slack.Done", dependsOn=["b"], input="C"),
        step("d", event="Slack.Done", dependsOn=["b"], input="D"),
    )
    await packs.happen()
    await packs.take()
    await packs.finish(await packs.take(), "Done")
    assert await packs.take_all() == ["D"]


async def test_a_result_goes_by_the_version_that_its_execution_began_with(packs: Caller) -> None:
    for number in (1, 2, 3):
        await packs.store(
            step("a", input=f"a{number}"),
            step("b", event="Slack.Done", dependsOn=["a"], input=f"b{number}"),
        )
        await packs.happen()
    await packs.send("DELETE", "/v1/flows/flow")
    await packs.happen()
    actions = [await packs.take() for _ in range(3)]
    assert await packs.take() is None
    for action in reversed(actions):
        await packs.finish(action, "Done")
    assert await packs.take_all() == ["b3", "b2", "b1"]
    versions = {run["uuid"] for run in await packs.executions("?flowName=flow")}
    assert len(versions) == 3


async def test_labels_of_a_pack_may_be_more_than_an_action_asks_for_and_not_fewer(packs: Caller) -> None:
    both = await packs.register("Slack", env="prod", az="1")
    one = await packs.register("Slack", env="prod")
    await packs.store(
        step("none", input="none", labels={}),
        step("env", input="env", labels={"env": "prod"}),
        step("both", input="both", labels={"az": "1", "env": "prod"}),
        step("other", input="other", labels={"az": ""}),
    )
    await packs.happen()
    assert await packs.take_all(one) == ["none", "env"]
    await packs.happen()
    assert await packs.take_all(both) == ["both", "none", "env", "both"]
    assert await packs.take_all() == []


async def test_an_event_of_one_name_from_another_pack_starts_and_continues_nothing(
    packs: Caller,
) -> None:
    await packs.register("Other")
    await packs.store(step("a"), step("b", event="Slack.Done", dependsOn=["a"], input="b"))
    await packs.happen(pack="Other")
    assert await packs.take() is None
    await packs.happen()
    action = await packs.take()
    await packs.happen("Done", pack="Slack")
    assert await packs.take() is None
    await packs.finish(action, "Done")
    assert await packs.take_all() == ["b"]
