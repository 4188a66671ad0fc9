from __future__ import annotations

import pytest

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
