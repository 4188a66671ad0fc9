"""What becomes of results and events, whatever the engine answers."""

from __future__ import annotations

import asyncio
import gc
import itertools
import weakref
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from pack.commands.catalogue import pack_spec
from pack.contracts.ports import Action, Event
from pack.contracts.storing import ActionStage, Arrival, Record, Store
from pack.delivery.engine_link import EngineLink
from pack.delivery.outbox import Outbox, Outgoing
from pack.delivery.reports import HELD_BODIES
from pack.engine.flyte import FlyteEngine, open_session
from pack.errors import CredentialsRefused, EngineRefused
from pack.state.memory import MemoryStore
from tests.clock import FakeClock
from tests.intake_desk import Delegate, open_journal
from tests.peers import ScriptedEngine


@dataclass
class Desk:
    peer: ScriptedEngine
    link: EngineLink
    outbox: Outbox
    store: Store
    clock: FakeClock
    told: list[None]
    numbers: Iterator[int] = field(default_factory=itertools.count)

    async def action(self, given: Any = None) -> Action:
        self.peer.put("SendMessage", given or {})
        taken = await self.link.engine.take()
        assert taken
        await self.store.begin(taken, "C1")
        return taken

    async def tell(self, lane: str, event: Event) -> None:
        """Have something happen in a channel, and tell the engine the event that it means."""
        arrival = Arrival((f"key{next(self.numbers)}",), lane, {"type": "message"})
        _, number = await self.store.receive(arrival)
        self.outbox.tell(lane, Outgoing(number, event))

    async def record_of(self, action: Action) -> Record:
        record = await self.store.load(action.id)
        assert record
        return record


@asynccontextmanager
async def open_desk(clock: FakeClock, store: Store | None = None) -> AsyncIterator[Desk]:
    peer = await ScriptedEngine().start()
    async with open_session(timeout_seconds=5) as session:
        engine = FlyteEngine(
            base_url=peer.url, pack=pack_spec("Slack", {}), session=session, jwt=None, timeout_seconds=5
        )
        link, store = EngineLink(engine, clock), store or MemoryStore(clock)
        told: list[None] = []
        outbox = Outbox(link=link, store=store, clock=clock, on_told=lambda: told.append(None))
        await link.register()
        try:
            yield Desk(peer, link, outbox, store, clock, told)
        finally:
            await outbox.close()
            await peer.stop()


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with open_desk(FakeClock(jump=True)) as opened:
        yield opened


SENT = Event("MessageSent", {"ok": True})


def audit_of(action: Action, state: str) -> dict[str, Any]:
    entry = {"id": action.id, "name": action.command, "packName": "Slack", "state": {"value": state}}
    return {"name": "f", "correlationId": "c", "actions": {"s": entry}}


async def settled(condition: Any) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - the condition is in another task or server
            await asyncio.sleep(0.005)


async def test_a_result_is_reported_once_and_forgotten(desk: Desk) -> None:
    action = await desk.action()
    await desk.outbox.report(action, SENT)
    await settled(lambda: desk.outbox.waiting == 0)
    assert [(one.action, one.name) for one in desk.peer.results] == [(action.id, "MessageSent")]
    assert await desk.store.unreported() == []
    assert len(desk.told) == 1


async def test_a_404_registers_again_and_the_result_is_taken(desk: Desk) -> None:
    desk.peer.answer("result", 404)
    await desk.outbox.report(await desk.action(), SENT)
    await settled(lambda: desk.outbox.waiting == 0)
    assert len(desk.peer.registrations) == 2
    assert len(desk.peer.results) == 1


async def test_a_second_404_sets_the_result_aside(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    desk.peer.answer("result", 404, 404)
    action = await desk.action()
    await desk.outbox.report(action, SENT)
    await settled(lambda: desk.outbox.waiting == 0)
    assert desk.peer.results == []
    record = await desk.record_of(action)
    assert (record.stage, record.result) == (ActionStage.ASIDE, SENT)
    assert "does not know this action" in record.reason
    assert action.id in caplog.text


@pytest.mark.parametrize("between", [401, 503, "lost"])
async def test_a_second_404_after_something_else_sets_nothing_aside(desk: Desk, between: int | str) -> None:
    desk.peer.answer("result", 404, between, 404)
    desk.peer.answer("audit", *[500] * 3)
    action = await desk.action()
    await desk.outbox.report(action, SENT)
    await settled(lambda: desk.outbox.waiting == 0)
    assert desk.peer.counts["result"] == 4
    assert (await desk.record_of(action)).stage is ActionStage.REPORTED


async def test_a_500_is_tried_again_while_the_audit_says_pending(desk: Desk) -> None:
    action = await desk.action()
    desk.peer.audit = [audit_of(action, "PENDING")]
    desk.peer.answer("result", 500, 500)
    await desk.outbox.report(action, SENT)
    await settled(lambda: desk.outbox.waiting == 0)
    assert desk.peer.counts["result"] == 3
    assert len(desk.peer.results) == 1


async def test_a_result_of_which_the_records_never_tell_is_set_aside_in_the_end(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    action = await desk.action()
    await desk.store.finish(action.id, SENT, failed=False)
    desk.peer.answer("result", *[500] * 1000)
    await desk.outbox.restore()
    await settled(lambda: desk.outbox.waiting == 0)
    assert (desk.peer.counts["result"], desk.peer.counts["audit"]) == (33, 7)
    record = await desk.record_of(action)
    assert (record.stage, record.result) == (ActionStage.ASIDE, SENT)
    assert "do not tell whether it has the result" in record.reason
    assert f"does not take the result of action {action.id}" in caplog.text


async def test_a_result_is_not_set_aside_while_the_records_cannot_be_read_or_say_pending(desk: Desk) -> None:
    action = await desk.action()
    desk.peer.answer("result", *[500] * 100)
    desk.peer.answer("audit", *[500] * 5)
    desk.peer.audit = [audit_of(action, "PENDING")]
    await desk.outbox.report(action, SENT)
    await settled(lambda: desk.outbox.waiting == 0)
    assert desk.peer.counts["audit"] == 9
    assert [one.action for one in desk.peer.results] == [action.id]


@pytest.mark.parametrize("state", ["SUCCESS", "FATAL"])
async def test_a_500_counts_as_done_when_the_audit_says_so(desk: Desk, state: str) -> None:
    action = await desk.action()
    desk.peer.audit = [audit_of(action, state)]
    desk.peer.answer("result", 500)
    await desk.outbox.report(action, SENT)
    await settled(lambda: desk.outbox.waiting == 0)
    assert desk.peer.counts["result"] == 1
    assert await desk.store.unreported() == []


async def test_a_500_with_an_audit_that_cannot_be_read_is_tried_again(desk: Desk) -> None:
    desk.peer.answer("result", 500, 500)
    desk.peer.answer("audit", 500, 500)
    await desk.outbox.report(await desk.action(), SENT)
    await settled(lambda: desk.outbox.waiting == 0)
    assert desk.peer.counts["result"] == 3
    assert len(desk.peer.results) == 1


async def test_after_a_lost_answer_a_500_counts_as_done_when_the_audit_does_not_go_back_so_far(
    desk: Desk,
) -> None:
    others = [Action(f"other{number}", "SendMessage", None, "") for number in range(200)]
    desk.peer.audit = [audit_of(other, "SUCCESS") for other in others]
    desk.peer.answer("result", "lost", 500)
    await desk.outbox.report(await desk.action(), SENT)
    await settled(lambda: desk.outbox.waiting == 0)
    assert desk.peer.counts["result"] == 2
    assert len(desk.peer.results) == 1


async def test_after_a_lost_answer_nothing_counts_as_done_before_the_audit_can_be_read(desk: Desk) -> None:
    action = await desk.action()
    desk.peer.answer("result", "lost", 500, 503)
    desk.peer.answer("audit", 500, 503)
    desk.peer.audit = [audit_of(action, "PENDING")]
    await desk.outbox.report(action, SENT)
    await settled(lambda: desk.outbox.waiting == 0)
    assert desk.peer.counts["result"] == 4


async def test_after_a_lost_answer_the_audit_is_believed_when_it_says_pending(desk: Desk) -> None:
    action = await desk.action()
    desk.peer.audit = [audit_of(action, "PENDING")]
    desk.peer.answer("result", "lost", 500)
    await desk.outbox.report(action, SENT)
    await settled(lambda: desk.outbox.waiting == 0)
    assert desk.peer.counts["result"] == 3


@pytest.mark.parametrize("status", [400, 413, 422])
async def test_a_definite_refusal_is_logged_and_fatal_is_reported(
    desk: Desk, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    desk.peer.answer("result", status)
    action = await desk.action()
    await desk.outbox.report(action, SENT)
    await settled(lambda: desk.outbox.waiting == 0)
    (fatal,) = desk.peer.results
    assert fatal.name == "FATAL"
    assert str(status) in fatal.payload["error"]
    assert fatal.payload["errorCode"] == "result_refused"
    assert f"the result MessageSent of action {action.id}" in caplog.text
    record = await desk.record_of(action)
    assert (record.stage, record.failed) == (ActionStage.REPORTED, True)


async def test_a_fatal_that_is_refused_too_ends_the_matter(desk: Desk) -> None:
    desk.peer.answer("result", 400, 400)
    action = await desk.action()
    await desk.outbox.report(action, SENT)
    await settled(lambda: desk.outbox.waiting == 0)
    assert desk.peer.results == []
    record = await desk.record_of(action)
    assert record.stage is ActionStage.ASIDE
    assert record.result and record.result.name == "FATAL"


async def test_a_404_while_the_pack_cannot_be_registered_sets_nothing_aside(desk: Desk) -> None:
    desk.peer.answer("result", 404)
    desk.peer.answer("register", 401)
    action = await desk.action()
    await desk.outbox.report(action, SENT)
    await settled(lambda: desk.outbox.waiting == 0)
    assert len(desk.peer.results) == 1
    assert (await desk.record_of(action)).stage is ActionStage.REPORTED


async def test_who_reports_hears_when_it_is_over(desk: Desk) -> None:
    over: list[None] = []
    desk.peer.answer("result", 500)
    desk.peer.answer("audit", 500)
    await desk.outbox.report(await desk.action(), SENT, lambda: over.append(None))
    assert over == []
    await settled(lambda: over)
    assert len(desk.peer.results) == 1


async def test_flushing_ends_long_pauses() -> None:
    async with open_desk(FakeClock()) as desk:
        desk.peer.answer("result", *[500] * 12)
        desk.peer.answer("audit", *[500] * 12)
        await desk.outbox.report(await desk.action(), SENT)
        await settled(lambda: desk.clock.sleepers)
        await desk.clock.advance(10)
        flushing = asyncio.create_task(desk.outbox.flush(8))
        for _ in range(20):
            await desk.clock.advance(0.3)
        assert await flushing
        assert len(desk.peer.results) == 1


async def test_a_result_that_is_refused_stops_no_other(desk: Desk) -> None:
    actions = [await desk.action({"at": at}) for at in range(5)]
    desk.peer.answer("result", 400, 404, 500)
    desk.peer.answer("audit", *[500] * 5)
    for action in actions:
        await desk.outbox.report(action, SENT)
    await settled(lambda: desk.outbox.waiting == 0)
    assert {one.action for one in desk.peer.results} == {action.id for action in actions}


async def test_an_engine_that_is_down_is_waited_for_and_everything_arrives_in_order(desk: Desk) -> None:
    action = await desk.action()
    port = desk.peer.port
    await desk.peer.stop()
    for at in range(3):
        for lane in ("C1", "C2"):
            await desk.tell(lane, Event("ReceivedMessage", {"lane": lane, "at": at}))
    await desk.outbox.report(action, SENT)
    before = desk.clock.monotonic()
    await settled(lambda: desk.clock.monotonic() > before + 600)
    assert desk.outbox.waiting > 0
    assert max(desk.clock.slept) <= 30
    await desk.peer.start(port)
    await settled(lambda: desk.outbox.waiting == 0)
    for lane in ("C1", "C2"):
        assert [one.payload["at"] for one in desk.peer.events if one.payload["lane"] == lane] == [0, 1, 2]
    assert len(desk.peer.results) == 1


async def test_events_of_one_lane_keep_their_order_through_errors(desk: Desk) -> None:
    desk.peer.answer("event", 500, 404, 503, 500)
    for at in range(10):
        await desk.tell("C1", Event("ReceivedMessage", {"at": at}))
    await settled(lambda: desk.outbox.waiting == 0)
    assert [one.payload["at"] for one in desk.peer.events] == list(range(10))
    assert len(desk.peer.registrations) == 2


async def test_an_event_that_the_engine_definitely_refuses_does_not_hold_its_lane(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.peer.answer("event", 400)
    for at in range(2):
        await desk.tell("C1", Event("ReceivedMessage", {"at": at}))
    await settled(lambda: desk.outbox.waiting == 0)
    assert [one.payload["at"] for one in desk.peer.events] == [1]
    assert "ReceivedMessage" in caplog.text


async def test_a_lane_that_is_stuck_delays_no_other() -> None:
    async with open_desk(FakeClock()) as desk:
        desk.peer.answer("event", 500)
        await desk.tell("C1", Event("ReceivedMessage", {"lane": 1}))
        await settled(lambda: desk.peer.counts.get("event") == 1)
        await desk.tell("C2", Event("ReceivedMessage", {"lane": 2}))
        await settled(lambda: desk.peer.events)
        assert desk.peer.events[0].payload == {"lane": 2}
        await desk.clock.advance(1)
        await settled(lambda: len(desk.peer.events) == 2)


class Body(dict[str, Any]):
    """A payload that can be seen to be forgotten."""


async def many_reports(desk: Desk, count: int) -> tuple[list[weakref.ref[Body]], list[None]]:
    """Report that many actions' results; return what is seen of the bodies, and of their ends."""
    over: list[None] = []
    bodies: list[weakref.ref[Body]] = []

    async def report(number: int) -> None:
        action = Action(f"a{number}", "SendMessage", {}, f"{desk.peer.url}/result/a{number}/result")
        await desk.store.begin(action, "C1")
        body = Body(at=number)
        bodies.append(weakref.ref(body))
        await desk.outbox.report(action, Event("MessageSent", body), lambda: over.append(None))

    await asyncio.gather(*map(report, range(count)))
    return bodies, over


async def test_many_results_wait_by_their_ids_with_few_bodies_and_few_tasks(tmp_path: Path) -> None:
    clock = FakeClock()
    async with open_journal(tmp_path) as journal, open_desk(clock, journal) as desk:
        port = desk.peer.port
        await desk.peer.stop()
        before = len(asyncio.all_tasks())
        bodies, over = await many_reports(desk, 3_000)
        await clock.advance(60)
        gc.collect()
        assert desk.outbox.waiting == 3_000
        assert len(asyncio.all_tasks()) - before < 200
        assert sum(body() is not None for body in bodies) <= HELD_BODIES
        await desk.peer.start(port)
        while desk.outbox.waiting:
            await clock.advance(5)
        assert sorted(one.payload["at"] for one in desk.peer.results) == list(range(3_000))
        assert len(over) == 3_000
        assert await journal.unreported() == []


async def test_many_results_that_fail_one_by_one_are_no_task_each(tmp_path: Path) -> None:
    clock = FakeClock()
    async with open_desk(clock) as desk:
        desk.peer.answer("result", *[500] * 600)
        desk.peer.answer("audit", *[500] * 600)
        before = len(asyncio.all_tasks())
        await many_reports(desk, 300)
        await settled(lambda: desk.peer.counts.get("audit", 0) >= 300)
        assert len(asyncio.all_tasks()) - before < 200
        while desk.outbox.waiting:
            await clock.advance(1)
        assert sorted(one.payload["at"] for one in desk.peer.results) == list(range(300))


async def test_a_result_that_keeps_failing_holds_up_no_other() -> None:
    clock = FakeClock()
    async with open_desk(clock) as desk:
        desk.peer.answer("result", *[500] * 40)
        desk.peer.answer("audit", *[500] * 40)
        await many_reports(desk, 60)
        await settled(lambda: desk.outbox.waiting == 40)
        assert len(desk.peer.results) == 20


async def test_a_short_pause_is_not_lengthened_by_a_long_one_before_it() -> None:
    clock = FakeClock()
    async with open_desk(clock) as desk:
        first, second = await desk.action(), await desk.action()
        desk.peer.answer("result", *[429] * 9)
        await desk.outbox.report(first, SENT)
        await settled(lambda: desk.peer.counts.get("result"))
        while desk.peer.counts["result"] < 8:
            await clock.advance(1)
        await desk.outbox.report(second, SENT)
        await settled(lambda: desk.peer.counts["result"] == 9)
        await clock.settle()
        await clock.advance(1)
        await settled(lambda: desk.peer.results)
        assert [one.action for one in desk.peer.results] == [second.id]


async def test_a_result_that_is_not_in_the_store_any_more_is_named_and_holds_up_nothing(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    action = await desk.action()
    await desk.store.finish(action.id, SENT, failed=False)

    class Forgetful(Delegate):
        async def load(self, action_id: str) -> None:
            return None

    outbox = Outbox(link=desk.link, store=Forgetful(desk.store), clock=desk.clock)
    await outbox.restore()
    await settled(lambda: outbox.waiting == 0)
    assert desk.peer.results == []
    assert f"the result of action {action.id} is not in the store" in caplog.text


@pytest.mark.parametrize("orderly", [True, False])
async def test_a_restart_in_the_middle_loses_no_result(tmp_path: Path, orderly: bool) -> None:
    async with open_journal(tmp_path) as first, open_desk(FakeClock(), first) as desk:
        desk.peer.answer("result", *[500] * 50)
        desk.peer.answer("audit", *[500] * 50)
        await many_reports(desk, 80)
        await settled(lambda: desk.outbox.waiting == 50)
        await desk.outbox.close()
        if orderly:
            await first.close()
        async with open_journal(tmp_path) as second:
            outbox = Outbox(link=desk.link, store=second, clock=desk.clock)
            await outbox.restore()
            await settled(lambda: outbox.waiting == 0)
            assert {one.action for one in desk.peer.results} == {f"a{at}" for at in range(80)}
            assert len(desk.peer.results) == 80 or not orderly
            await outbox.close()


async def test_what_an_earlier_run_left_is_delivered(desk: Desk) -> None:
    action = await desk.action()
    await desk.store.finish(action.id, SENT, failed=False)
    await desk.outbox.restore()
    await settled(lambda: desk.outbox.waiting == 0)
    assert [one.action for one in desk.peer.results] == [action.id]


async def test_credentials_that_are_refused_later_lose_nothing(desk: Desk) -> None:
    desk.peer.answer("result", 401, 403)
    desk.peer.answer("event", 401)
    await desk.outbox.report(await desk.action(), SENT)
    await desk.tell("C1", Event("ReceivedMessage", {}))
    await settled(lambda: desk.outbox.waiting == 0)
    assert len(desk.peer.results) == len(desk.peer.events) == 1


async def test_registering_waits_for_ever_but_a_refusal_is_raised(desk: Desk) -> None:
    desk.peer.answer("register", 500, 503, 500)
    await desk.link.register()
    desk.peer.answer("register", 401)
    with pytest.raises(CredentialsRefused):
        await desk.link.register()
    desk.peer.answer("register", 400)
    with pytest.raises(EngineRefused):
        await desk.link.register()


async def test_many_who_notice_that_the_pack_is_forgotten_register_once(desk: Desk) -> None:
    seen = desk.link.registrations
    await asyncio.gather(*(desk.link.renew(seen) for _ in range(20)))
    assert len(desk.peer.registrations) == 2


async def test_while_the_engine_is_down_one_caller_probes(desk: Desk) -> None:
    port = desk.peer.port
    await desk.peer.stop()
    for at in range(200):
        await desk.tell(f"C{at}", Event("ReceivedMessage", {}))
    await settled(lambda: desk.clock.monotonic() > 300)
    probes = sum(seconds > 0 for seconds in desk.clock.slept)
    assert probes < 600
    await desk.peer.start(port)
    await settled(lambda: desk.outbox.waiting == 0)
    assert len(desk.peer.events) == 200
