"""Reading the engine's records page by page, whatever is in them."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from aiohttp import web

from pack.contracts.ports import Action, ActionState
from pack.engine.audit import MOST_SEARCHED, PENDING_PAGE
from pack.engine.flyte import FlyteEngine
from pack.errors import CredentialsRefused, EngineRefused, EngineUnavailable, RecordsUnclear
from tests.clock import FakeClock
from tests.engine.conftest import Connect
from tests.engine.peer import PACK, Peer, empty, links, raw, reply

DATED = {"Date": "Sat, 21 Nov 2026 09:00:00 GMT"}


def an_action(number: int, value: str = "SUCCESS", **other: Any) -> dict[str, Any]:
    time = f"2026-11-21T09:{number // 60:02}:{number % 60:02}.123Z"
    action = {
        "id": f"id{number}",
        "name": "SendMessage",
        "packName": "Slack",
        "input": {"number": number},
        "state": {"value": value, "time": time},
    }
    return action | other


@dataclass
class Audit:
    """Answers ``start`` and ``limit`` from a list of executions; newest first."""

    executions: list[Any] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    longest: int = 10**9
    """More executions than that are a too long answer."""
    shift_once: dict[str, Any] | None = None
    """An execution that comes to the front after the first page was read."""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(dict(request.query))
        start, limit = int(request.query["start"]), int(request.query["limit"])
        page = self.executions[start : start + limit]
        if self.shift_once is not None:
            self.executions.insert(0, self.shift_once)
            self.shift_once = None
        if len(page) > self.longest or any(isinstance(one, dict) and one.get("huge") for one in page):
            return web.Response(body=b" " * (17 * 2**20))
        return web.Response(body=json.dumps({"flows": page, "links": []}).encode(), headers=self.headers)


@pytest.fixture
def audit(peer: Peer) -> Audit:
    audit = Audit()
    peer.on("GET /v1/audit/flows", audit.answer)
    return audit


@pytest.fixture
async def client(peer: Peer, connect: Connect, audit: Audit) -> FlyteEngine:
    client = connect(peer.url)
    await client.register()
    return client


async def pending_ids(client: FlyteEngine) -> list[str]:
    return [pending.action.id for pending in await client.pending()]


def wanted(number: int) -> Action:
    return Action(f"id{number}", "SendMessage", None, f"http://127.0.0.1/actions/id{number}/result")


async def test_an_action_is_looked_for_on_every_page_newest_first(audit: Audit, client: FlyteEngine) -> None:
    audit.executions = [{"actions": {"a": an_action(number)}} for number in range(130, 0, -1)]
    audit.executions[-1]["actions"]["b"] = an_action(999, "PENDING")
    assert await client.state_of(wanted(130)) is ActionState.FINISHED
    assert len(audit.asked) == 1
    assert audit.asked[0] == {
        "actionPackName": "Slack",
        "actionName": "SendMessage",
        "start": "0",
        "limit": "50",
    }
    assert await client.state_of(wanted(999)) is ActionState.PENDING
    assert [(one["start"], one["limit"]) for one in audit.asked[1:]] == [("0", "50"), ("50", "200")]
    assert await client.state_of(wanted(1000)) is ActionState.UNKNOWN


@pytest.mark.parametrize(
    ("value", "state"),
    [
        ("NEW", ActionState.PENDING),
        ("PENDING", ActionState.PENDING),
        ("SUCCESS", ActionState.FINISHED),
        ("FATAL", ActionState.FINISHED),
    ],
)
async def test_each_state_of_an_action_is_understood(
    audit: Audit, client: FlyteEngine, value: str, state: ActionState
) -> None:
    audit.executions = [{"actions": {"a": an_action(1, value)}}]
    assert await client.state_of(wanted(1)) is state


async def test_what_moves_to_the_front_while_pages_are_read_is_seen(
    audit: Audit, client: FlyteEngine
) -> None:
    audit.executions = [{"actions": {"a": an_action(number)}} for number in range(270)]
    audit.shift_once = {"actions": {"a": an_action(900, "PENDING")}}
    assert await pending_ids(client) == ["id900"]


async def test_an_action_that_was_completed_while_pages_are_read_is_not_pending(
    audit: Audit, client: FlyteEngine
) -> None:
    audit.executions = [{"actions": {"a": an_action(number, "PENDING")}} for number in range(270)]
    audit.shift_once = {"actions": {"a": an_action(260, "SUCCESS")}}
    assert await pending_ids(client) == [f"id{n}" for n in range(270) if n != 260]


async def test_records_without_an_end_are_not_read_for_ever(audit: Audit, client: FlyteEngine) -> None:
    audit.executions = [{"actions": {"a": an_action(1, "PENDING")}}] * 5000
    with pytest.raises(RecordsUnclear, match="id2 is not among the 2000 newest executions") as caught:
        await client.state_of(wanted(2))
    assert caught.value.status == 200
    assert len(audit.asked) <= 12


async def test_recent_records_without_an_end_are_not_searched_for_ever(
    peer: Peer, client: FlyteEngine, caplog: pytest.LogCaptureFixture
) -> None:
    page = reply({"flows": [{"actions": {"a": an_action(1, "PENDING")}}] * PENDING_PAGE}, headers=DATED)
    peer.on("GET /v1/audit/flows", page)
    assert await pending_ids(client) == ["id1"]
    assert len(peer.lines) - 3 == MOST_SEARCHED / PENDING_PAGE + 1
    assert "only the 100000 newest" in caplog.text


async def test_pages_that_are_too_long_are_asked_for_in_smaller_parts(
    audit: Audit, client: FlyteEngine
) -> None:
    audit.executions = [{"actions": {"a": an_action(number, "PENDING")}} for number in range(40)]
    audit.longest = 12
    assert len(await client.pending()) == 40
    assert [(one["start"], one["limit"]) for one in audit.asked][:6] == [
        ("0", "200"),
        ("0", "100"),
        ("0", "50"),
        ("0", "25"),
        ("0", "12"),
        ("12", "12"),
    ]


async def test_an_execution_that_is_too_long_is_left_out(
    audit: Audit, client: FlyteEngine, caplog: pytest.LogCaptureFixture
) -> None:
    audit.executions = [{"actions": {"a": an_action(number, "PENDING")}} for number in range(3)]
    audit.executions[1]["huge"] = True
    assert await pending_ids(client) == ["id0", "id2"]
    assert "1 executions were not searched: it is longer than 16 MiB" in caplog.text
    with pytest.raises(RecordsUnclear, match="id1 may be in an execution that cannot be read"):
        await client.state_of(wanted(1))


async def test_the_age_of_an_action_is_by_the_engines_date(audit: Audit, client: FlyteEngine) -> None:
    audit.executions = [{"actions": {"a": an_action(number, "PENDING")}} for number in (70, 8)]
    audit.headers = {"Date": "Sat, 21 Nov 2026 09:01:12 GMT"}
    assert [pending.age_seconds for pending in await client.pending()] == pytest.approx([63.877, 1.877])


@pytest.mark.parametrize("date", ["", "yesterday", "Sat, 21 Nov 2026 09:00:00 +99999999999999999999"])
async def test_without_a_date_of_the_engine_an_action_is_as_old_as_by_ours(
    peer: Peer, audit: Audit, connect: Connect, date: str
) -> None:
    clock = FakeClock()
    client = connect(peer.url, clock=clock)
    await client.register()
    audit.executions = [{"actions": {"a": an_action(8, "PENDING")}}]
    audit.headers = {"Date": date}
    await clock.advance(30)
    (pending,) = await client.pending()
    assert pending.age_seconds == pytest.approx(21.877)


@pytest.mark.parametrize(
    ("time", "age"),
    [
        ("2026-11-21T08:59:59.5Z", 0.5),
        ("2026-11-21T08:59:58.123456789Z", 1.876544),
        ("2026-11-21T09:59:59+01:00", 1),
        ("2026-11-21T08:59:59", 1),
        ("2026-11-21T09:00:30Z", 0),
        ("2026-11-21T09:02:00Z", math.inf),
        ("0001-01-01T00:00:00Z", 63930848400),
        ("0001-01-01T00:00:00+14:00", 63930898800),
        ("9999-12-31T23:59:59-14:00", math.inf),
        ("soon", math.inf),
        (None, math.inf),
        (7, math.inf),
    ],
)
async def test_an_action_whose_time_makes_no_sense_has_no_end_of_age(
    audit: Audit, client: FlyteEngine, time: Any, age: float
) -> None:
    audit.executions = [{"actions": {"a": an_action(1, "PENDING", state={"value": "PENDING", "time": time})}}]
    audit.headers = DATED
    (pending,) = await client.pending()
    assert pending.age_seconds == pytest.approx(age)


async def test_executions_that_are_too_old_are_not_read(audit: Audit, client: FlyteEngine) -> None:
    audit.executions = [{"actions": {"a": an_action(number, "PENDING")}} for number in range(3000, 0, -1)]
    audit.headers = {"Date": "Sat, 21 Nov 2026 14:00:00 GMT"}
    found = await client.pending(4 * 3600 + 30 * 60)
    assert [one["start"] for one in audit.asked] == [str(200 * page) for page in range(16)] + ["0"]
    assert len(found) == 3000
    audit.asked.clear()
    audit.headers = {"Date": "Sat, 21 Nov 2026 11:00:00 GMT"}
    found = await client.pending(600)
    assert [one["start"] for one in audit.asked] == ["0", "200", "0"]
    assert found[-1].action.id == "id3000"


async def test_a_page_after_the_first_is_asked_for_again_when_it_fails(
    peer: Peer, audit: Audit, connect: Connect
) -> None:
    client = connect(peer.url, clock=FakeClock(jump=True))
    await client.register()
    audit.executions = [{"actions": {"a": an_action(number, "PENDING")}} for number in range(500)]
    peer.on("GET /v1/audit/flows", audit.answer, empty(500), empty(503), audit.answer)
    assert len(await client.pending()) == 500
    peer.on("GET /v1/audit/flows", audit.answer, empty(500))
    with pytest.raises(EngineUnavailable):
        await client.pending()


async def test_only_unfinished_actions_of_this_pack_and_its_labels_are_listed_oldest_first(
    peer: Peer, audit: Audit, connect: Connect
) -> None:
    client = connect(peer.url, pack=replace(PACK, labels={"env": "a", "az": "1"}))
    await client.register()
    audit.executions = [
        {"actions": {"a": an_action(3, "PENDING"), "b": an_action(9, "PENDING", packName="Other")}},
        {"actions": {"a": an_action(1, "PENDING", packLabels={"env": "a"}), "b": an_action(4, "NEW")}},
        {"actions": {"a": an_action(2, "PENDING", packLabels={"az": "1", "env": "a"}), "b": an_action(5)}},
        {"actions": {"a": an_action(6, "PENDING", packLabels={"env": "b"})}},
        {"actions": {"a": an_action(7, "PENDING", packLabels={"env": "a", "team": "x"})}},
        {"actions": {"a": an_action(8, "PENDING", packLabels=["env"])}},
        {
            "actions": {
                "a": an_action(0, "PENDING", state={"value": "PENDING", "time": "no time"}, input=None)
            }
        },
    ]
    del audit.executions[-1]["actions"]["a"]["input"]
    assert [pending.action for pending in await client.pending()] == [
        Action(
            f"id{number}",
            "SendMessage",
            {"number": number} if number else None,
            f"{peer.url}/id{number}/result",
        )
        for number in (0, 1, 2, 3)
    ]


async def test_records_that_make_no_sense_are_passed_over(audit: Audit, client: FlyteEngine) -> None:
    audit.executions = [
        None,
        "text",
        {},
        {"actions": None},
        {"actions": [1]},
        {"actions": {"a": None, "b": {}, "c": {"id": 3, "state": {"value": "PENDING"}}}},
        {"actions": {"a": an_action(1, "PENDING", id="")}},
        {"actions": {"a": an_action(2, "PENDING", name=None)}},
        {"actions": {"a": an_action(3, "PENDING", state="PENDING")}},
        {"actions": {"a": an_action(4, "PENDING")}},
    ]
    assert await pending_ids(client) == ["id4"]
    assert await client.state_of(wanted(4)) is ActionState.PENDING


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        (empty(500), EngineUnavailable),
        (empty(404), EngineRefused),
        (empty(401), CredentialsRefused),
        (raw(b"<html>"), EngineUnavailable),
        (reply([]), EngineUnavailable),
        (reply({}), EngineUnavailable),
        (reply({"flows": {}}), EngineUnavailable),
    ],
)
async def test_records_that_cannot_be_read_are_an_error(
    peer: Peer, client: FlyteEngine, script: Any, kind: type[Exception]
) -> None:
    peer.on("GET /v1/audit/flows", script)
    with pytest.raises(kind):
        await client.state_of(wanted(1))
    with pytest.raises(kind):
        await client.pending()


async def test_a_list_of_null_is_empty(peer: Peer, client: FlyteEngine) -> None:
    peer.on("GET /v1/audit/flows", reply({"flows": None}))
    assert await client.pending() == []
    assert await client.state_of(wanted(1)) is ActionState.UNKNOWN


async def test_an_engine_without_an_audit_is_named(peer: Peer, connect: Connect) -> None:
    peer.on("GET /", links({"x/listPacks": f"{peer.url}/v1/packs"}))
    client = connect(peer.url)
    await client.register()
    with pytest.raises(EngineUnavailable, match="no link …/findFlows"):
        await client.pending()
    with pytest.raises(EngineUnavailable, match="no link …/health"):
        await client.check_health()


async def test_actions_taken_at_the_same_moment_keep_the_order_of_the_records(
    audit: Audit, client: FlyteEngine
) -> None:
    same = an_action(0, "PENDING")["state"]
    audit.executions = [{"actions": {"a": an_action(number, state=same)}} for number in (3, 2, 1)]
    assert await pending_ids(client) == ["id1", "id2", "id3"]
