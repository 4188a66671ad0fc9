from __future__ import annotations

import asyncio
import json
import logging

import pytest

from pack.sandbox.engine.audit import ExecutionFilter
from pack.sandbox.engine.yaml_out import encode_yaml
from tests.sandbox.engine.caller import Caller, step


async def test_the_execution_that_changed_last_stands_first(packs: Caller) -> None:
    await packs.store(step("s", input="{{ Event.Payload }}"))
    for payload in ("a", "b", "c"):
        await packs.happen(payload=payload)
    assert [await order(packs), (await packs.take())["input"], await order(packs)] == ["cba", "a", "acb"]
    await packs.finish(await packs.take())
    assert await order(packs) == "bac"


async def order(call: Caller) -> str:
    return "".join(execution["actions"]["s"]["input"] for execution in await call.executions())


async def test_filters_have_to_be_met_by_one_action_together(packs: Caller) -> None:
    await packs.store(step("one", labels={"env": "a", "az": "1"}), step("two", command="Src.Do"), name="both")
    await packs.happen()
    for query, found in (
        ("", 1),
        ("?stepId=one&actionName=SendMessage", 1),
        ("?stepId=one&actionName=Do", 0),
        ("?actionPackName=Src&stepId=two&flowName=both", 1),
        ("?actionPackName=Slack&stepId=two", 0),
        ("?actionPackLabels=env:a,az:1", 1),
        ("?actionPackLabels=env:a,az:2", 0),
        ("?actionPackLabels=%20env%20:%20a%20,malformed", 1),
        ("?flowName=BOTH", 0),
    ):
        assert len(await packs.executions(query)) == found, query


async def test_pages_follow_each_other_without_gap_or_overlap(packs: Caller) -> None:
    await packs.store(step("s", input="{{ Event.Payload }}"))
    for number in range(60):
        await packs.happen(payload=str(number))
    assert len(await packs.executions()) == 50
    pages = [await packs.executions(f"?start={start}&limit=25") for start in (0, 25, 50, 75)]
    assert [len(page) for page in pages] == [25, 25, 10, 0]
    inputs = [int(execution["actions"]["s"]["input"]) for page in pages for execution in page]
    assert inputs == list(range(59, -1, -1))


@pytest.mark.parametrize("query", ["?limit=0", "?limit=-1", "?start=-1"])
async def test_pages_that_cannot_be_are_refused(query: str, call: Caller) -> None:
    answer = await call.get(f"/v1/audit/flows{query}")
    assert answer.status == 500
    assert "at least 1" in answer.error


@pytest.mark.parametrize(
    "query",
    [
        "?limit=x&start=y",
        "?limit=1_0",
        "?limit=1.0",
        "?limit=",
        "?start=%D9%A3",
        f"?start={2**63}",
        "?start=" + "9" * 5000,
    ],
)
async def test_malformed_numbers_are_as_if_not_given(query: str, packs: Caller) -> None:
    await packs.store(step("s"))
    await packs.happen()
    await packs.happen()
    assert len(await packs.executions(query)) == 2


@pytest.mark.parametrize(
    ("query", "found"),
    [(f"?start={2**63 - 1}", 0), ("?start=" + "0" * 5000 + "1", 1), (f"?limit={2**63 - 1}", 2)],
)
async def test_numbers_are_read_as_go_reads_them(query: str, found: int, packs: Caller) -> None:
    await packs.store(step("s"))
    await packs.happen()
    await packs.happen()
    assert len(await packs.executions(query)) == found


async def test_an_action_without_a_result_shows_an_empty_one(packs: Caller) -> None:
    await packs.store(step("s"))
    await packs.happen()
    (execution,) = await packs.executions()
    action = execution["actions"]["s"]
    assert action["state"]["value"] == "NEW"
    assert action["result"] == {
        "event": "",
        "pack": {"id": "", "name": ""},
        "createdAt": "0001-01-01T00:00:00Z",
        "receivedAt": "0001-01-01T00:00:00Z",
    }


async def test_a_page_in_yaml_is_written_as_if_in_one_go(packs: Caller) -> None:
    empty = await packs.get("/v1/audit/flows", Accept="application/x-yaml")
    await packs.store(step("s", input={"text": "{{ Event.Payload }}", "list": [1, ["two"]]}))
    for payload in ("short", "long " * 50, "two\nlines"):
        await packs.happen(payload=payload)
    for query in ("", "?limit=1", "?start=3"):
        page = await packs.get(f"/v1/audit/flows{query}")
        as_yaml = await packs.get(f"/v1/audit/flows{query}", Accept="application/x-yaml")
        assert as_yaml.body == encode_yaml(page.json)
        assert as_yaml.headers["Content-Type"] == "application/x-yaml; charset=utf-8"
        assert page.headers["Content-Type"] == "application/json; charset=utf-8"
        assert list(page.json) == ["flows", "links"]
        assert json.dumps(page.json, separators=(",", ":")).encode() == page.body
    assert as_yaml.body == empty.body


async def test_others_are_served_while_a_long_page_is_written(packs: Caller) -> None:
    await packs.store(step("s"))
    for _ in range(300):
        await packs.happen()
    page = asyncio.create_task(packs.executions("?limit=1000"))
    before = packs.engine.requests("audit")
    others = 0
    while not page.done():
        assert (await packs.get("/v1")).status == 200
        others += packs.engine.requests("audit") > before
    assert len(await page) == 300
    assert others > 3


async def test_a_page_that_nobody_waits_for_any_more_is_not_written(
    packs: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await packs.store(step("s"))
    for _ in range(300):
        await packs.happen()
    host, port = packs.engine.url.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"GET /v1/audit/flows?limit=1000 HTTP/1.1\r\nHost: x\r\n\r\n")
    await writer.drain()
    writer.transport.abort()
    await packs.executions("?limit=1000")
    assert "the caller of GET /v1/audit/flows has gone: nobody waits for the page" in caplog.text


async def test_an_execution_that_is_forgotten_while_a_page_is_written_is_left_out(packs: Caller) -> None:
    await packs.store(step("s"))
    for _ in range(3):
        await packs.happen()
    state = packs.engine._state
    found = state.audit.find(ExecutionFilter(), 0, 10)
    first = next(found)
    state._database.change("DELETE FROM executions WHERE number = (SELECT min(number) FROM executions)")
    assert len([first, *found]) == 2
