"""An engine whose state is in a file: what it knew before it was stopped, or killed, it knows again."""

from __future__ import annotations

import shutil
import signal
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from pack.errors import SettingsError
from pack.flows.model import Event
from pack.sandbox.engine import EmbeddedEngine
from pack.sandbox.engine.audit import ExecutionFilter
from pack.sandbox.engine.execution import Executor
from pack.sandbox.engine.feed import Feed
from pack.sandbox.engine.model import Pack
from pack.sandbox.engine.state import State
from tests.clock import FakeClock
from tests.sandbox import process
from tests.sandbox.engine.caller import Caller, step
from tests.sandbox.engine.test_flows import flow_of

Json = Any
FORM = (
    b'--x\r\nContent-Disposition: form-data; name="value"; filename="v"\r\n'
    b"Content-Type: application/json\r\n\r\n"
    b'{"\xff": 1.0}\r\n--x--\r\n'
)
MULTIPART = {"Content-Type": "multipart/form-data; boundary=x"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state"


@asynccontextmanager
async def engine_on(file: Path, clock: FakeClock | None = None) -> AsyncIterator[Caller]:
    """An engine with that file, and who calls it."""
    async with EmbeddedEngine(state=file, clock=clock) as engine, aiohttp.ClientSession() as session:
        yield Caller(engine, session)


async def everything(call: Caller) -> Json:
    """All that can be asked of an engine without changing it; its address is left out."""
    found = {}
    for path in ("packs", "flows", "datastore", "audit/flows?limit=1000", "packs/Slack", "flows/flow"):
        found[path] = (await call.get(f"/v1/{path}")).text.replace(call.engine.url, "")
    found["item"] = (await call.get("/v1/datastore/odd")).body
    return found


async def test_a_second_engine_goes_on_with_all_that_the_first_knew(file: Path) -> None:
    clock = FakeClock()
    async with engine_on(file, clock) as call:
        await call.register("Src", env="prod")
        await call.send(
            "POST",
            "/v1/packs",
            {
                "name": "Slack",
                "commands": [{"name": "Do", "events": ["Done"]}, {"name": "Bare"}],
                "events": [{"name": "Heard", "links": [{"href": "http://x", "rel": "help"}]}],
                "links": [{"href": "http://y", "rel": "help"}],
            },
        )
        await call.send("PUT", "/v1/datastore/odd", text=FORM, headers=MULTIPART)
        await call.store(
            step("one", context={"who": "{{ Event.Payload.who }}"}, input=[1, 2.5, "{{ Context.who }}"]),
            step("two", event="Slack.Done", dependsOn=["one"], labels={}, input="{{ Context.who }}"),
            step("bare", input=None, criteria="true"),
        )
        for who in ("ada", "bob"):
            await call.happen(payload={"who": who, "n": [-0.0, 1e300, "\x00"]}, pack="Src.env.prod")
        taken = await call.take()
        await clock.advance(30)
        await call.take()
        before = await everything(call)
        assert before["item"] == b'{"\xff": 1.0}'
    async with engine_on(file, clock) as call:
        assert await everything(call) == before
        href = taken["links"][0]["href"].split("/v1/")[1]
        answer = await call.send("POST", f"/v1/{href}", {"event": "Done", "payload": {}})
        assert answer.status == 202
        await call.engine.settled()
        assert await call.take_all() == [[1, 2.5, "bob"], None, "ada"]


async def test_an_action_that_was_taken_stays_pending_over_a_restart(file: Path) -> None:
    async with engine_on(file) as call:
        await call.register("Src")
        await call.register("Slack")
        await call.store(step("s"))
        await call.happen()
        assert await call.take() is not None
    for _ in range(2):
        async with engine_on(file) as call:
            await call.register("Slack")
            assert await call.take() is None
            ((action,),) = [run["actions"].values() for run in await call.executions()]
            assert [change["value"] for change in action["states"]] == ["NEW", "PENDING"]


async def test_a_flow_of_one_name_is_replaced_over_a_restart_and_what_runs_goes_on_as_it_began(
    file: Path,
) -> None:
    for version in ("1", "2", "3"):
        async with engine_on(file) as call:
            await call.register("Src")
            await call.register("Slack")
            await call.store(
                step("s", input=f"first {version}"),
                step("t", event="Slack.Done", dependsOn=["s"], input=f"then {version}"),
            )
            await call.happen()
    async with engine_on(file) as call:
        assert len((await call.get("/v1/flows")).json["flows"]) == 1
        actions = [await call.take() for _ in range(3)]
        assert [action["input"] for action in actions] == ["first 1", "first 2", "first 3"]
        for action in actions:
            action["links"][0]["href"] = call.engine.url + "/" + action["links"][0]["href"].split("/", 3)[3]
            await call.finish(action, "Done")
        assert await call.take_all() == ["then 1", "then 2", "then 3"]


async def test_events_that_nobody_dealt_with_are_dealt_with_in_order_after_a_restart(file: Path) -> None:
    async with engine_on(file) as call:
        await call.register("Slack")
        await call.store(step("s", input="{{ Event.Payload }}"))
    state, source = State(FakeClock(), file), Pack("Src", {}, (), (), (), FakeClock().now())
    for number in range(20):
        state.arrivals.put(Event("Happened", source.sender, str(number), source.last_seen, source.last_seen))
    state.close()
    async with engine_on(file) as call:
        await call.engine.settled()
        assert await call.take_all() == [str(number) for number in range(20)]


def test_numbers_and_ids_go_on_above_those_before_a_restart(file: Path) -> None:
    clock, numbers, ids = FakeClock(), [], []
    for _ in range(3):
        state = State(clock, file)
        source = Pack("Src", {}, (), (), (), clock.now())
        numbers.append(state.arrivals.put(Event("E", source.sender, None, clock.now(), clock.now())))
        ids += [state.new_id() for _ in range(100)]
        state.close()
    assert numbers == sorted(set(numbers))
    assert len(set(ids)) == 300


def test_a_pack_was_last_seen_when_it_was_within_a_minute_if_the_engine_was_killed(file: Path) -> None:
    clock = FakeClock()
    start = clock.now()
    state, copy = State(clock, file), file.with_name("copy")
    state.packs.put(Pack("P", {}, (), (), (), start))
    for seconds in (59, 60, 119):
        state.packs.seen("P", start + timedelta(seconds=seconds))
    for suffix in ("", "-wal"):
        shutil.copyfile(f"{file}{suffix}", f"{copy}{suffix}")
    state.close()
    for path, seconds in ((copy, 60), (file, 119)):
        again = State(clock, path)
        pack = again.packs.get("P", start)
        assert pack is not None
        assert pack.last_seen == start + timedelta(seconds=seconds)
        again.close()


@pytest.mark.slow
def test_a_killed_sandbox_lost_no_event_that_it_accepted_and_doubles_none(tmp_path: Path, file: Path) -> None:
    env = process.environment(tmp_path)
    arguments = ("sandbox", "--engine-only", "--port", "0", "--state", str(file))
    with process.Running(*arguments, env=env) as running:
        url = running.first_line()
        for name in ("Src", "Slack"):
            process.call(f"{url}/v1/packs", {"name": name})
        flow = {"name": "f", "steps": [step("s", input="{{ Event.Payload }}")]}
        assert process.call(f"{url}/v1/flows", flow)[0] == 201
        for number in range(100):
            status, _ = process.call(
                f"{url}/v1/packs/Src/events", {"event": "Happened", "payload": str(number)}
            )
            assert status == 202
        taken = process.call(f"{url}/v1/packs/Slack/actions/take", {})[1]
        assert taken["input"] == "0"
        second = process.flyte_slack(*arguments, env=env)
        assert second.returncode == 2
        assert f"--state {file}: another sandbox" in second.stderr
        running.end(signal.SIGKILL)
    with process.Running(*arguments, env=env) as running:
        url = running.first_line()
        inputs = []
        for _ in range(99):
            look = f"{url}/v1/packs/Slack/actions/take"
            inputs.append(process.eventually(lambda look=look: process.call(look, {})[1])["input"])
        assert inputs == [str(number) for number in range(1, 100)]
        assert process.call(f"{url}/v1/packs/Slack/actions/take", {})[0] == 204
        assert running.end(signal.SIGTERM) == 0


async def test_a_file_is_used_by_one_engine_at_a_time_and_free_after_it(file: Path) -> None:
    async with engine_on(file) as call:
        await call.engine.stop()
        with pytest.raises(SettingsError, match=r"another sandbox .* is using it"):
            EmbeddedEngine(state=file)
    async with engine_on(file) as call:
        assert (await call.get("/v1")).status == 200


async def test_an_empty_file_is_one_that_is_new(file: Path) -> None:
    file.touch()  # noqa: ASYNC240
    async with engine_on(file) as call:
        await call.register("Kept")
    async with engine_on(file) as call:
        assert (await call.get("/v1/packs/Kept")).status == 200
    assert [path.name for path in file.parent.iterdir()] == ["state"]


def test_finished_executions_stay_bounded_in_the_file_over_restarts(file: Path) -> None:
    clock = FakeClock()
    for _ in range(3):
        state = State(clock, file, finished_kept=5)
        executor = Executor(state, {}, Feed(), clock)
        state.flows.put(flow_of("f", "Src.Happened"))
        source, worker = (Pack(name, {}, (), (), (), clock.now()) for name in ("Src", "Slack"))
        for _ in range(4):
            state.arrivals.put(Event("Happened", source.sender, None, clock.now(), clock.now()))
            deal(state, executor)
            taken = state.actions.take(worker)
            assert taken is not None
            standing = state.actions.get(taken.id)
            assert standing is not None
            state.actions.complete(standing, Event("Done", worker.sender, None, clock.now(), clock.now()))
            deal(state, executor)
        kept = len(list(state.audit.find(ExecutionFilter(), 0, 100)))
        state.close()
    assert kept == 5
    connection = sqlite3.connect(file)
    tables = ("executions", "actions", "events")
    left = {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}
    connection.close()
    assert left == {"executions": 5, "actions": 5, "events": 10}


def deal(state: State, executor: Executor) -> None:
    arrival = state.arrivals.next()
    assert arrival is not None
    executor.handle(arrival)
