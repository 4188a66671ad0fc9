"""Any sequence of operations, restarts, crashes and troubles: the journal says what a simple model says."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from pack.contracts.ports import Event
from pack.contracts.storing import Arrival, Effect, EffectState, Receipt, Watermark
from pack.state.journal import Journal
from pack.state.memory import MemoryStore
from tests.clock import FakeClock
from tests.state.journals import action, make, until

T = TypeVar("T")

NAMES = st.sampled_from(["a", "b", "c"])
STEPS = st.sampled_from(["1", "2"])
KEYS = st.sampled_from(["k", "l", "m", "n"])
CHANNELS = st.sampled_from(["C1", "C2"])
TIMES = st.integers(1, 50).map(float)


class JournalMachine(RuleBasedStateMachine):
    """The model is the store in memory, which has a contract suite of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp())
        self.directory = self.root / "1"
        self.clock = FakeClock()
        self.model = MemoryStore(self.clock)
        self.ids: dict[int, int] = {}
        self.unkept: set[str] = set()
        """The keys of arrivals that may not be on disk: a copy of these would have to wait."""
        self.runner = asyncio.Runner()
        self.journal = self.start()

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def start(self) -> Journal:
        async def open_it() -> Journal:
            journal = make(self.directory, self.clock)
            await journal.open()
            return journal

        return self.wait(open_it())

    def teardown(self) -> None:
        self.wait(self.journal.close())
        self.runner.close()
        shutil.rmtree(self.root)

    # --- operations

    @rule(name=NAMES, channel=CHANNELS)
    def begin(self, name: str, channel: str) -> None:
        async def work() -> None:
            expected = await self.model.begin(action(name), channel)
            assert await self.journal.begin(action(name), channel) == expected

        self.wait(work())

    @rule(name=NAMES, step=STEPS, state=st.sampled_from(EffectState), noted=st.booleans(), at=TIMES)
    def effect(self, name: str, step: str, state: EffectState, noted: bool, at: float) -> None:
        effect = Effect(name, step, "chat.postMessage", state, 1, at, answer={"at": at})

        async def work() -> None:
            self.model.note_effect(effect)
            if noted:
                self.journal.note_effect(effect)
            else:
                await self.journal.save_effect(effect)

        self.wait(work())

    @rule(name=NAMES, number=st.integers(), failed=st.booleans())
    def finish(self, name: str, number: int, failed: bool) -> None:
        async def work() -> None:
            await self.model.finish(name, Event("E", {"n": number}), failed=failed)
            await self.journal.finish(name, Event("E", {"n": number}), failed=failed)

        self.wait(work())

    @rule(name=NAMES, aside=st.booleans())
    def end(self, name: str, aside: bool) -> None:
        async def work() -> None:
            for store in (self.model, self.journal):
                if aside:
                    await store.set_aside(name, "why")
                else:
                    store.note_reported(name)

        self.wait(work())

    @rule(keys=st.lists(KEYS, max_size=2), channel=CHANNELS, telling=st.booleans(), thread=STEPS, at=TIMES)
    def receive(self, keys: list[str], channel: str, telling: bool, thread: str, at: float) -> None:
        arrival = Arrival(tuple(keys), channel, {"ts": str(at)}, thread if at > 10 else "")

        async def work() -> None:
            expected, model_id = await self.model.receive(arrival, telling=telling)
            receipt, journal_id = await self.journal.receive(arrival, telling=telling)
            unkept = Receipt.UNKEPT if self.journal.problem and expected is Receipt.KEPT else expected
            assert receipt is unkept
            if model_id:
                self.ids[model_id] = journal_id

        if not self.journal.problem:
            self.wait(work())
        elif self.unkept.isdisjoint(keys):
            self.wait(work())
            self.unkept.update(keys)

    @precondition(lambda self: self.ids)
    @rule(data=st.data(), told=st.booleans())
    def tell(self, data: st.DataObject, told: bool) -> None:
        model_id = data.draw(st.sampled_from(sorted(self.ids)))

        async def work() -> None:
            if told:
                self.model.note_told(model_id)
                self.journal.note_told(self.ids[model_id])
            else:
                await self.model.save_telling(model_id)
                await self.journal.save_telling(self.ids[model_id])

        self.wait(work())

    @rule(channel=CHANNELS, at=TIMES)
    def watch(self, channel: str, at: float) -> None:
        async def work() -> None:
            for store in (self.model, self.journal):
                await store.watch(channel, at)

        self.wait(work())

    @rule(channel=CHANNELS)
    def unwatch(self, channel: str) -> None:
        async def work() -> None:
            for store in (self.model, self.journal):
                await store.unwatch(channel)

        self.wait(work())

    @rule(channels=st.lists(CHANNELS, max_size=2), at=TIMES)
    def move_on(self, channels: list[str], at: float) -> None:
        async def work() -> None:
            for store in (self.model, self.journal):
                store.note_watermarks(channels, at)

        self.wait(work())

    # --- what befalls it

    @precondition(lambda self: not self.journal.problem)
    @rule()
    def restart(self) -> None:
        self.wait(self.journal.close())
        self.renumber()

    @precondition(lambda self: not self.journal.problem)
    @rule()
    def crash(self) -> None:
        """Go on with the files as they are now; what the process does with its own afterwards is not seen."""
        self.wait(self.journal.watermarks())  # what was noted before an answer is on disk with it
        copy = self.root / str(int(self.directory.name) + 1)
        shutil.copytree(self.directory, copy)
        self.wait(self.journal.close())
        self.directory = copy
        self.renumber()

    def renumber(self) -> None:
        """Start again; a new process knows arrivals by the numbers that it finds."""
        self.journal = self.start()
        kept, expected = self.wait(self.journal.untold()), self.wait(self.model.untold())
        self.ids = {one.id: other.id for one, other in zip(expected, kept, strict=True)}

    @precondition(lambda self: not self.journal.problem)
    @rule()
    def take_the_directory_away(self) -> None:
        self.directory.rename(Path(tempfile.mkdtemp(dir=self.root)) / "away")
        self.directory.touch()
        self.wait(until(lambda: self.journal.problem))

    @precondition(lambda self: self.journal.problem)
    @rule()
    def make_room_for_the_directory(self) -> None:
        self.unkept.clear()
        self.directory.unlink()
        self.wait(until(lambda: not self.journal.problem))

    # --- what has to be so

    @invariant()
    def says_what_the_model_says(self) -> None:
        async def work() -> None:
            for name in "abc":
                assert await self.journal.load(name) == await self.model.load(name)
            assert await self.journal.known("abcd") == await self.model.known("abcd")
            assert await self.journal.unfinished() == await self.model.unfinished()
            assert await self.journal.unreported() == await self.model.unreported()
            untold = [(one.arrival, one.telling) for one in await self.journal.untold()]
            assert untold == [(one.arrival, one.telling) for one in await self.model.untold()]
            assert by_channel(await self.journal.watermarks()) == by_channel(await self.model.watermarks())
            assert set(await self.journal.active_threads(20.0)) == set(await self.model.active_threads(20.0))

        self.wait(work())


def by_channel(found: Any) -> list[Watermark]:
    return sorted(found, key=lambda one: one.channel)


JournalMachine.TestCase.settings = settings(
    max_examples=15,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestJournal = JournalMachine.TestCase
