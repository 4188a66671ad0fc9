from __future__ import annotations

from tests.sandbox.engine.caller import Caller, step

RESULT = {"event": "MessageSent", "payload": {}}


async def test_a_second_result_for_one_action_is_refused(packs: Caller) -> None:
    await packs.store(step("s"))
    await packs.happen()
    action = await packs.take()
    assert (await packs.finish(action)).status == 202
    again = await packs.finish(action)
    assert again.status == 500
    assert "SUCCESS, not PENDING: it has its result already" in again.error


async def test_a_result_before_the_take_is_refused(packs: Caller) -> None:
    await packs.store(step("s"))
    await packs.happen()
    (execution,) = await packs.executions()
    action_id = execution["actions"]["s"]["id"]
    early = await packs.send("POST", f"/v1/packs/Slack/actions/{action_id}/result", RESULT)
    assert early.status == 500
    assert "NEW, not PENDING: it was not taken yet" in early.error
    assert await packs.take() is not None


async def test_a_pack_that_may_not_handle_an_action_cannot_complete_it(packs: Caller) -> None:
    prod = await packs.register("Slack", env="prod")
    await packs.store(step("s", labels={"env": "prod"}))
    await packs.happen()
    action = await packs.take(prod)
    action_id = action["links"][0]["href"].split("/")[-2]
    for other in ("Src", "Slack"):
        refused = await packs.send("POST", f"/v1/packs/{other}/actions/{action_id}/result", RESULT)
        assert refused.status == 404
        assert f"the pack '{other}' cannot complete it" in refused.error
    assert (await packs.finish(action)).status == 202


async def test_a_fatal_result_ends_the_action_as_fatal(packs: Caller) -> None:
    await packs.store(step("s"))
    await packs.happen()
    await packs.finish(await packs.take(), "FATAL", "no such command")
    (execution,) = await packs.executions()
    action = execution["actions"]["s"]
    assert [state["value"] for state in action["states"]] == ["NEW", "PENDING", "FATAL"]
    assert action["result"]["event"] == "FATAL"
    assert action["result"]["payload"] == "no such command"


async def test_an_event_of_any_json_type_is_accepted_and_its_keys_are_found_in_any_case(
    packs: Caller,
) -> None:
    await packs.store(step("s", input="{{ Event.Payload }}"))
    for payload in (None, True, "text", 3, [1], {"a": {}}):
        await packs.happen(payload=payload)
    await packs.send("POST", "/v1/packs/Src/events", {"EVENT": "Happened", "PayLoad": "folded"})
    assert len(await packs.take_all()) == 7


async def test_bad_events_are_refused_with_the_reason(packs: Caller) -> None:
    for text, reason in (
        ("", "empty"),
        ("{", "not JSON"),
        ("[]", "the body must be an object, not a list"),
        ('{"event": 3}', "event must be a text, not a number"),
        ('{"event": "E", "payload": NaN}', "NaN is no JSON"),
        ('{"event": "E", "payload": 1e999}', "too large"),
        ('{"event": "E", "payload": ' + "9" * 400 + "}", "too large"),
        ('{"event": "E", "payload": ' + "[" * 300 + "]" * 300 + "}", "nested deeper"),
        ('{"event": "E", "payload": ' + "[" * 100_000 + "]" * 100_000 + "}", "nested deeper"),
        ('{"event": "E", "createdAt": "2026-13-01T00:00:00Z"}', "no RFC 3339 time"),
        ('{"event": "E", "createdAt": "0001-01-01T00:00:00+23:00"}', "no RFC 3339 time"),
    ):
        answer = await packs.send("POST", "/v1/packs/Src/events", text=text)
        assert (answer.status, reason in answer.error) == (400, True), (text[:60], answer.text)


async def test_broken_texts_arrive_as_replacement_characters(packs: Caller) -> None:
    await packs.store(step("s", input="{{ Event.Payload }}"))
    for text in (b'"a\\ud800b"', b'"a\xffb"', b'[{"a\\ud800": "\\ud83c\\udf89"}]'):
        body = b'{"event":"Happened","payload":' + text + b"}"
        assert (await packs.send("POST", "/v1/packs/Src/events", text=body)).status == 202
    await packs.engine.settled()
    payloads = [run["actions"]["s"]["trigger"]["payload"] for run in await packs.executions()]
    assert payloads == [[{"a\ufffd": "🎉"}], "a\ufffdb", "a\ufffdb"]
