from __future__ import annotations

import logging

import pytest

from pack.sandbox.engine import EmbeddedEngine, StepSkipped
from tests.sandbox.engine.caller import Caller, step


async def test_events_are_handled_in_the_order_of_their_arrival(packs: Caller) -> None:
    await packs.store(step("s", input="{{ Event.Payload }}"))
    for number in range(300):
        answer = await packs.send(
            "POST", "/v1/packs/Src/events", {"event": "Happened", "payload": str(number)}
        )
        assert answer.status == 202
    await packs.engine.settled()
    assert await packs.take_all() == [str(number) for number in range(300)]


async def test_every_flow_with_a_fitting_step_starts_once_for_an_event(packs: Caller) -> None:
    await packs.store(step("a", input="1a"), step("b", input="1b"), name="one")
    await packs.store(step("a", input="2a"), name="two")
    await packs.store(step("a", event="Src.Other", input="other"), name="three")
    await packs.happen()
    assert await packs.take_all() == ["1a", "1b", "2a"]
    ids = [execution["correlationId"] for execution in await packs.executions()]
    assert len(set(ids)) == 2


async def test_a_flow_deleted_after_an_event_arrived_still_runs(packs: Caller) -> None:
    await packs.store(step("s", input="ran"))
    await packs.send("POST", "/v1/packs/Src/events", {"event": "Happened"})
    await packs.send("DELETE", "/v1/flows/flow")
    await packs.engine.settled()
    assert await packs.take_all() == ["ran"]


async def test_the_context_grows_along_the_chain_of_steps_and_not_beside_it(packs: Caller) -> None:
    await packs.store(
        step("left", context={"who": "left", "own": "l"}),
        step("right", command="Slack.JoinChannel", context={"who": "right"}),
        step(
            "next",
            event="Slack.MessageSent",
            dependsOn=["left", "right"],
            context={"more": "{{ Context.who }}+{{ Context.more }}"},
            input="{{ Context.who }} {{ Context.own }} {{ Context.more }}",
        ),
    )
    await packs.happen()
    await packs.take()
    await packs.finish(await packs.take(query="?actionName=JoinChannel"))
    assert await packs.take_all() == ["right  right+"]


async def test_steps_of_one_id_both_run_on_one_event_and_the_last_is_depended_on(packs: Caller) -> None:
    await packs.store(
        step("a", input="first"),
        step("a", input="second"),
        step("next", event="Slack.MessageSent", dependsOn=["a"], input="next"),
    )
    await packs.happen()
    first, second = await packs.take(), await packs.take()
    await packs.finish(first)
    assert await packs.take_all() == []
    await packs.finish(second)
    assert await packs.take_all() == ["next"]


async def test_two_results_that_come_together_both_continue_their_execution(packs: Caller) -> None:
    await packs.store(
        step("a"),
        step("b"),
        step("after-a", event="Slack.A", dependsOn=["a"]),
        step("after-b", event="Slack.B", dependsOn=["b"]),
    )
    await packs.happen()
    first, second = await packs.take(), await packs.take()
    for action, event in ((first, "A"), (second, "B")):
        path = action["links"][0]["href"].removeprefix(packs.engine.url)
        assert (await packs.send("POST", path, {"event": event})).status == 202
    await packs.engine.settled()
    assert await packs.take_all() == ["after-a", "after-b"]


async def test_a_step_that_cannot_be_rendered_is_skipped_alone_and_told(
    packs: Caller, engine: EmbeddedEngine, caplog: pytest.LogCaptureFixture
) -> None:
    feed = engine.subscribe()
    await packs.store(
        step("context", context={"c": "{{ Event.Payload.text.field }}"}),
        step("criteria", criteria="maybe"),
        step("labels", labels={"env": "{{ nothing | }}"}),
        step("input", input={"deep": [{"m": "{{ Event.Payload.text.field }}"}]}),
        step("good", input="good"),
    )
    with caplog.at_level(logging.INFO, logger="pack.sandbox.engine"):
        await packs.happen(payload={"text": "t"})
    assert await packs.take_all() == ["good"]
    skipped = [record for record in caplog.records if hasattr(record, "reason")]
    assert [getattr(record, "step", "") for record in skipped] == ["context", "criteria", "labels", "input"]
    assert all(getattr(record, "flow", "") == "flow" and record.levelname == "INFO" for record in skipped)
    assert "neither true nor false" in getattr(skipped[1], "reason", "")
    await engine.stop()
    told = [record async for record in feed if isinstance(record, StepSkipped)]
    assert [(record.flow, record.step) for record in told] == [
        ("flow", "context"),
        ("flow", "criteria"),
        ("flow", "labels"),
        ("flow", "input"),
    ]
    assert told[0].reason.endswith('; Event.Payload.text is "t" (a text)')


async def test_a_template_reads_the_event_its_pack_and_the_datastore(packs: Caller) -> None:
    prod = await packs.register("Src", env="prod")
    form = (
        b'--x\r\nContent-Disposition: form-data; name="value"; filename="v"\r\n'
        b'Content-Type: application/json\r\n\r\n{"team": {"size": 4}}\r\n--x--\r\n'
    )
    stored = await packs.send(
        "PUT", "/v1/datastore/teams", text=form, headers={"Content-Type": "multipart/form-data; boundary=x"}
    )
    assert stored.status == 201
    await packs.store(
        step(
            "s",
            from_labels={"env": "prod"},
            input="{{ Event.Name }} {{ Event.Pack.Name }} {{ Event.Pack.Id }} {{ Event.Pack.Labels.env }} "
            '{{ Event.CreatedAt|date:"2006" }} {{ datastore("teams").team.size }}',
        ),
        step("missing", input='{{ datastore("nothing") }}'),
    )
    event = {"event": "Happened", "createdAt": "2022-11-21T10:40:00.123456Z"}
    await packs.send("POST", f"/v1/packs/{prod}/events", event)
    await packs.engine.settled()
    assert await packs.take_all() == ["Happened Src Src.env.prod prod 2022 4.000000"]


async def test_finished_executions_do_not_keep_a_running_one_from_being_found(packs: Caller) -> None:
    await packs.store(step("s", input="{{ Event.Payload }}"))
    await packs.happen(payload="waits")
    waiting = await packs.take()
    for number in range(20):
        await packs.happen(payload=str(number))
        await packs.finish(await packs.take())
    assert len(await packs.executions("?limit=100")) == 21
    assert (await packs.finish(waiting)).status == 202
