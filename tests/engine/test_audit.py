"""Reading the engine's records page by page, whatever is in them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from aiohttp import web

from pack.contracts.ports import Action, ActionState
from pack.engine.flyte import FlyteEngine
from pack.errors import CredentialsRefused, EngineRefused, EngineUnavailable
from tests.engine.conftest import Connect
from tests.engine.peer import PACK, Peer, empty, links, raw, reply


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
        if len(page) > self.longest:
            return web.Response(body=b" " * (17 * 2**20))
        return web.Response(body=json.dumps({"flows": page, "links": []}).encode())


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
    assert [one["start"] for one in audit.asked[1:]] == ["0", "50", "100"]
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
    audit.executions = [{"actions": {"a": an_action(number)}} for number in range(70)]
    audit.shift_once = {"actions": {"a": an_action(900, "PENDING")}}
    assert [action.id for action in await client.pending()] == ["id900"]


async def test_an_action_that_was_completed_while_pages_are_read_is_not_pending(
    audit: Audit, client: FlyteEngine
) -> None:
    audit.executions = [{"actions": {"a": an_action(number, "PENDING")}} for number in range(70)]
    audit.shift_once = {"actions": {"a": an_action(60, "SUCCESS")}}
    assert [action.id for action in await client.pending()] == [f"id{n}" for n in range(70) if n != 60]


async def test_records_without_an_end_are_not_read_for_ever(
    audit: Audit, client: FlyteEngine, caplog: pytest.LogCaptureFixture
) -> None:
    audit.executions = [{"actions": {"a": an_action(1, "PENDING")}}] * 5000
    with pytest.raises(EngineUnavailable, match="id2 is not among the 2000 newest executions") as caught:
        await client.state_of(wanted(2))
    assert caught.value.status == 200
    assert len(await client.pending()) == 1
    assert "only the 2000 newest" in caplog.text


async def test_pages_that_are_too_long_are_asked_for_in_smaller_parts(
    audit: Audit, client: FlyteEngine
) -> None:
    audit.executions = [{"actions": {"a": an_action(number, "PENDING")}} for number in range(40)]
    audit.longest = 12
    assert len(await client.pending()) == 40
    assert [(one["start"], one["limit"]) for one in audit.asked][:4] == [
        ("0", "50"),
        ("0", "25"),
        ("0", "12"),
        ("12", "12"),
    ]
    audit.longest = 0
    with pytest.raises(EngineUnavailable, match="longer than 16 MiB"):
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
    assert await client.pending() == [
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
    assert [action.id for action in await client.pending()] == ["id4"]
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
    assert [action.id for action in await client.pending()] == ["id1", "id2", "id3"]
