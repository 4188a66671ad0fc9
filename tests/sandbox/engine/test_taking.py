from __future__ import annotations

import asyncio

from pack.sandbox.engine import EmbeddedEngine
from tests.sandbox.engine.caller import Caller, step


async def test_fifty_takers_at_once_get_each_action_once_and_in_order(packs: Caller) -> None:
    await packs.store(step("s", input="{{ Event.Payload.n }}"), step("o", command="Slack.Other", input="o"))
    for number in range(400):
        await packs.happen(payload={"n": f"{number}"})

    async def take_until_nothing() -> list[int]:
        taken = []
        while (action := await packs.take(query="?actionName=SendMessage")) is not None:
            taken.append(int(action["input"]))
        return taken

    found = await asyncio.gather(*(take_until_nothing() for _ in range(50)))
    assert sorted(number for taken in found for number in taken) == list(range(400))
    assert all(taken == sorted(taken) for taken in found)
    assert sum(bool(taken) for taken in found) > 25
    assert await packs.take_all() == ["o"] * 400


async def test_the_oldest_action_is_handed_out_first_whatever_its_command_and_labels(packs: Caller) -> None:
    pack = await packs.register("Slack", env="prod")
    await packs.store(
        step("a", input="a"),
        step("b", command="Slack.JoinChannel", input="b"),
        step("c", input="c", labels={"env": "prod"}),
        step("d", input="d"),
    )
    await packs.happen()
    await packs.happen()
    assert await packs.take_all(pack) == ["a", "b", "c", "d", "a", "b", "c", "d"]


async def test_an_action_goes_only_to_a_pack_that_has_its_labels(packs: Caller) -> None:
    prod = await packs.register("Slack", env="prod", az="1")
    await packs.store(step("s", labels={"env": "{{ Event.Payload }}"}, input="{{ Event.Payload }}"))
    await packs.happen(payload="test")
    await packs.happen(payload="prod")
    assert await packs.take_all() == []
    assert await packs.take_all(prod) == ["prod"]


async def test_a_named_command_is_taken_past_older_ones(packs: Caller) -> None:
    await packs.store(step("a", input="a"), step("b", command="Slack.JoinChannel", input="b"))
    await packs.happen()
    assert (await packs.take(query="?actionName=JoinChannel"))["input"] == "b"
    assert await packs.take(query="?actionName=JoinChannel") is None
    assert await packs.take_all() == ["a"]


async def test_an_action_that_was_taken_is_never_offered_again(packs: Caller, engine: EmbeddedEngine) -> None:
    await packs.store(step("s"))
    await packs.happen()
    assert await packs.take() is not None
    await packs.register("Slack")
    await engine.stop()
    await engine.start()
    assert await packs.take() is None
    (execution,) = await packs.executions()
    assert execution["actions"]["s"]["state"]["value"] == "PENDING"


async def test_the_input_is_what_the_flow_wrote_or_rendered(packs: Caller) -> None:
    await packs.store(
        step("text", input="{{ Event.Payload.t }}"),
        step("list", input=["{{ Event.Payload.t }}", 2, 2.5, True]),
        step("none", input=None),
        step("large", input={"n": 9007199254740993, "whole": 3.0, "ts": 1669027200.123456}),
    )
    await packs.happen(payload={"t": "grüße 🎉"})
    bodies = [await packs.send("POST", "/v1/packs/Slack/actions/take") for _ in range(4)]
    assert [body.json["input"] for body in bodies[:3]] == ["grüße 🎉", ["grüße 🎉", 2, 2.5, True], None]
    assert b'"n":9007199254740992,"whole":3,"ts":1669027200.123456' in bodies[3].body


async def test_a_form_names_the_command_before_the_query(packs: Caller) -> None:
    await packs.store(step("a", input="a"), step("b", command="Slack.Other", input="b"))
    await packs.happen()
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    taken = []
    for body in ("actionName=None", "x=1&actionName=Other", "x=%FF;&y"):
        path = "/v1/packs/Slack/actions/take?actionName=SendMessage"
        answer = await packs.send("POST", path, text=body, headers=form)
        taken.append(answer.json["input"] if answer.status == 200 else answer.status)
    assert taken == [204, "b", "a"]
