"""The client and the embedded engine, over loopback: the line that everything else relies on."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from yarl import URL

from pack.contracts.ports import Action, ActionState, CommandSpec, Event, EventSpec, PackSpec
from pack.engine.flyte import FlyteEngine
from pack.errors import AnswerLost, CredentialsRefused, EngineForgot, EngineRefused, EngineUnavailable
from pack.sandbox.engine import EmbeddedEngine
from tests.engine.conftest import Connect

JWT = "head.claims.signature"

PACK = PackSpec(
    name="Slack",
    labels={"env": "a", "az": "1"},
    commands=(CommandSpec("SendMessage", ("MessageSent",), "http://help/send"),),
    events=(EventSpec("ReceivedMessage", "http://help/received"),),
    help_url="http://help",
)

FLOW = """
name: echo
steps:
  - id: answer
    event: {packName: Slack, name: ReceivedMessage}
    command:
      packName: Slack
      packLabels: {env: a}
      name: SendMessage
      input: {message: "{{ Event.Payload.message }}", count: 3}
"""


@pytest.fixture
async def embedded() -> AsyncIterator[EmbeddedEngine]:
    async with EmbeddedEngine(jwt=JWT) as engine:
        await engine.store_flow(FLOW, yaml=True)
        yield engine


@pytest.fixture
async def client(embedded: EmbeddedEngine, connect: Connect) -> FlyteEngine:
    client = connect(embedded.url, pack=PACK, jwt=JWT)
    await client.register()
    return client


async def make_action(embedded: EmbeddedEngine, client: FlyteEngine, message: str) -> Action:
    await client.emit(Event("ReceivedMessage", {"message": message}))
    await embedded.settled()
    action = await client.take()
    assert action is not None
    return action


async def unfinished(client: FlyteEngine) -> list[Action]:
    return [pending.action for pending in await client.pending()]


async def test_an_event_becomes_an_action_that_is_taken_and_completed(
    embedded: EmbeddedEngine, client: FlyteEngine
) -> None:
    assert await client.take() is None
    action = await make_action(embedded, client, "hello")
    assert (action.command, action.input) == ("SendMessage", {"message": "hello", "count": 3})
    assert action.id and action.reply.endswith(f"/actions/{action.id}/result")
    assert await client.take() is None
    assert await client.state_of(action) is ActionState.PENDING
    await client.complete(action, Event("MessageSent", {"ok": True}))
    assert await client.state_of(action) is ActionState.FINISHED


async def test_an_action_that_the_engine_never_had_is_unknown(client: FlyteEngine) -> None:
    stranger = Action("0" * 24, "SendMessage", None, "http://127.0.0.1/result")
    assert await client.state_of(stranger) is ActionState.UNKNOWN


async def test_actions_without_a_result_are_listed_oldest_first_with_the_link_to_complete_them(
    embedded: EmbeddedEngine, client: FlyteEngine
) -> None:
    taken = [await make_action(embedded, client, text) for text in ("one", "two", "three")]
    await client.complete(taken[1], Event("MessageSent", None))
    assert await unfinished(client) == [taken[0], taken[2]]
    await client.complete((await unfinished(client))[0], Event("MessageSent", None))
    assert await unfinished(client) == [taken[2]]


async def test_only_actions_of_one_command_are_taken_when_it_is_named(
    embedded: EmbeddedEngine, client: FlyteEngine
) -> None:
    await client.emit(Event("ReceivedMessage", {"message": "hello"}))
    await embedded.settled()
    assert await client.take("OpenView") is None
    action = await client.take("SendMessage")
    assert action is not None and action.input["message"] == "hello"


async def test_the_age_of_an_action_is_how_long_ago_it_was_taken(
    embedded: EmbeddedEngine, client: FlyteEngine
) -> None:
    await make_action(embedded, client, "hello")
    (pending,) = await client.pending()
    assert 0 <= pending.age_seconds < 60


async def test_actions_of_other_labels_are_not_listed(
    embedded: EmbeddedEngine, client: FlyteEngine, connect: Connect
) -> None:
    await make_action(embedded, client, "hello")
    other = connect(embedded.url, pack=replace(PACK, labels={"az": "1"}), jwt=JWT)
    await other.register()
    assert await other.pending() == []
    assert len(await client.pending()) == 1


async def test_a_second_result_is_a_500_that_the_audit_explains(
    embedded: EmbeddedEngine, client: FlyteEngine
) -> None:
    action = await make_action(embedded, client, "hello")
    await client.complete(action, Event("MessageSent", 1))
    with pytest.raises(EngineUnavailable) as caught:
        await client.complete(action, Event("MessageSent", 2))
    assert caught.value.status == 500
    assert await client.state_of(action) is ActionState.FINISHED


async def test_a_result_for_an_address_that_the_engine_had_once_goes_to_the_one_that_it_has_now(
    embedded: EmbeddedEngine, client: FlyteEngine
) -> None:
    action = await make_action(embedded, client, "hello")
    moved = URL(action.reply).with_host("flyte.invalid").with_port(1)
    await client.complete(dataclasses.replace(action, reply=str(moved)), Event("MessageSent", 1))
    assert await client.state_of(action) is ActionState.FINISHED


async def test_a_result_whose_answer_is_lost_may_have_arrived(
    embedded: EmbeddedEngine, client: FlyteEngine
) -> None:
    action = await make_action(embedded, client, "hello")
    embedded.faults.drop("result", after=True)
    with pytest.raises(AnswerLost, match="no answer came"):
        await client.complete(action, Event("MessageSent", None))
    assert await client.state_of(action) is ActionState.FINISHED


async def test_a_result_that_is_lost_on_its_way_can_be_sent_again(
    embedded: EmbeddedEngine, client: FlyteEngine
) -> None:
    action = await make_action(embedded, client, "hello")
    embedded.faults.drop("result")
    with pytest.raises(AnswerLost):
        await client.complete(action, Event("MessageSent", None))
    assert await client.state_of(action) is ActionState.PENDING
    await client.complete(action, Event("MessageSent", None))
    assert await client.state_of(action) is ActionState.FINISHED


async def test_an_action_whose_take_was_not_answered_is_found_in_the_audit(
    embedded: EmbeddedEngine, client: FlyteEngine
) -> None:
    await client.emit(Event("ReceivedMessage", {"message": "hello"}))
    await embedded.settled()
    embedded.faults.drop("take", after=True)
    with pytest.raises(EngineUnavailable) as caught:
        await client.take()
    assert caught.value.status is None
    assert caught.value.may_have_acted
    (lost,) = await unfinished(client)
    assert (lost.command, lost.input["message"]) == ("SendMessage", "hello")
    await client.complete(lost, Event("MessageSent", None))
    assert await client.pending() == []


async def test_a_forgotten_pack_is_noticed_and_can_be_registered_again(
    embedded: EmbeddedEngine, client: FlyteEngine
) -> None:
    action = await make_action(embedded, client, "hello")
    assert embedded.forget_pack("Slack.az.1.env.a")
    with pytest.raises(EngineForgot, match="registered again"):
        await client.take()
    assert not client.status().ready
    assert "does not know this pack" in client.status().status
    with pytest.raises(EngineForgot):
        await client.emit(Event("ReceivedMessage", {}))
    with pytest.raises(EngineForgot):
        await client.complete(action, Event("MessageSent", None))
    await client.register()
    assert client.status().ready
    await client.complete(action, Event("MessageSent", None))


async def test_the_jwt_is_asked_for_by_name(embedded: EmbeddedEngine, connect: Connect) -> None:
    with pytest.raises(CredentialsRefused, match="set FLYTE_JWT"):
        await connect(embedded.url).register()
    with pytest.raises(CredentialsRefused, match="check FLYTE_JWT"):
        await connect(embedded.url, jwt="another.json.token").register()


async def test_an_engine_that_is_not_well_says_so(embedded: EmbeddedEngine, client: FlyteEngine) -> None:
    await client.check_health()
    embedded.faults.answer("health", status=500)
    with pytest.raises(EngineUnavailable) as caught:
        await client.check_health()
    assert caught.value.status == 500


@pytest.mark.parametrize("taken", [True, False])
async def test_after_a_lost_race_an_action_may_have_been_handed_out(
    embedded: EmbeddedEngine, client: FlyteEngine, taken: bool
) -> None:
    await client.emit(Event("ReceivedMessage", {"message": "hello"}))
    await embedded.settled()
    embedded.faults.lost_race(taken=taken)
    with pytest.raises(EngineUnavailable) as caught:
        await client.take()
    assert caught.value.may_have_acted
    assert len(await client.pending()) == taken


@pytest.mark.parametrize(
    "payload",
    ["\ud83d alone", "NUL \x00 inside", float("nan"), [float("inf"), -0.0], "x" * 2_000_000, None, {"": {}}],
    ids=["lone surrogate", "NUL", "NaN", "infinity", "2 MB", "null", "empty key"],
)
async def test_any_payload_reaches_the_engine(
    embedded: EmbeddedEngine, client: FlyteEngine, payload: object
) -> None:
    action = await make_action(embedded, client, "hello")
    await client.complete(action, Event("MessageSent", {"echo": payload}))
    assert await client.state_of(action) is ActionState.FINISHED


async def test_a_result_that_is_too_large_for_the_engine_is_refused_with_the_reason(
    embedded: EmbeddedEngine, client: FlyteEngine
) -> None:
    action = await make_action(embedded, client, "hello")
    with pytest.raises((EngineRefused, AnswerLost)) as caught:
        await client.complete(action, Event("MessageSent", "x" * (17 * 2**20)))
    if isinstance(caught.value, EngineRefused):
        assert caught.value.status == 413
