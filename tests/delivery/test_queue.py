"""Turns within a channel, and places for names that have to be looked up."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator, Callable

import pytest

from pack.delivery.admission import Admission, Place
from pack.delivery.queue import Turns
from pack.errors import SlackRefused
from pack.sandbox.slack import SimulatedSlack
from pack.slack.channels import ChannelDirectory, KnownChannel
from tests.clock import FakeClock
from tests.slack.web_client import open_web


async def use(place: Place, log: list[str], word: str, *, gate: asyncio.Event | None = None) -> None:
    async with place:
        if gate:
            await gate.wait()
        log.append(word)


async def test_turns_of_one_channel_come_in_order_and_others_do_not_wait() -> None:
    turns = Turns()
    first, second, other = turns.draw("C1"), turns.draw("C1"), turns.draw("C2")
    await first.wait()
    await other.wait()
    waiting = asyncio.ensure_future(second.wait())
    await asyncio.sleep(0)
    assert not waiting.done()
    assert turns.depth("C1") == 2
    first.end()
    await waiting


async def test_a_turn_that_is_given_up_is_skipped() -> None:
    turns = Turns()
    first, given_up, third = (turns.draw("C") for _ in range(3))
    given_up.end()
    given_up.end()
    first.end()
    await asyncio.wait_for(third.wait(), 1)
    third.end()
    assert turns.depth("C") == 0


async def test_an_empty_queue_leaves_nothing_behind_and_can_be_used_again() -> None:
    turns = Turns()
    for _ in range(3):
        turn = turns.draw("C")
        await turn.wait()
        turn.end()
    assert turns.depth("C") == 0
    assert not turns._queues


@pytest.fixture
async def slack() -> AsyncIterator[SimulatedSlack]:
    server = SimulatedSlack()
    await server.start()
    yield server
    await server.stop()


async def test_a_name_and_an_id_are_one_queue(slack: SimulatedSlack) -> None:
    async with open_web(slack) as web:
        directory = ChannelDirectory(slack=web, clock=FakeClock(), renew_seconds=3600)
        admission = Admission(turns=Turns(), directory=directory, spawn=asyncio.create_task)
        channel = slack.workspace.channel("general")
        log: list[str] = []
        gate = asyncio.Event()
        names = ["#general", channel.id, "general", channel.id, "#GENERAL"]
        places = [admission.place(name) for name in names]
        tasks = [
            asyncio.create_task(use(place, log, str(at), gate=gate if at == 0 else None))
            for at, place in enumerate(places)
        ]
        await asyncio.sleep(0.1)
        assert log == []
        gate.set()
        await asyncio.gather(*tasks)
        assert log == ["0", "1", "2", "3", "4"]
        assert len(slack.faults.calls_of("conversations.list")) == 1


async def test_what_is_known_does_not_wait_for_a_name_that_is_not(slack: SimulatedSlack) -> None:
    async with open_web(slack) as web:
        clock = FakeClock()
        directory = ChannelDirectory(slack=web, clock=clock, renew_seconds=3600)
        admission = Admission(turns=Turns(), directory=directory, spawn=asyncio.create_task)
        await directory.find("random")
        await clock.advance(61)
        slack.faults.delay("conversations.list", 0.3)
        log: list[str] = []
        unknown = asyncio.create_task(use(admission.place("brand-new"), log, "unknown"))
        known = asyncio.create_task(use(admission.place("random"), log, "known"))
        await known
        assert log[0] == "known"
        await unknown


async def test_a_place_that_is_given_up_before_it_is_found_blocks_nobody(slack: SimulatedSlack) -> None:
    async with open_web(slack) as web:
        directory = ChannelDirectory(slack=web, clock=FakeClock(), renew_seconds=3600)
        admission = Admission(turns=Turns(), directory=directory, spawn=asyncio.create_task)
        given_up, kept = admission.place("#general"), admission.place("#general")
        given_up.leave()
        log: list[str] = []
        await asyncio.wait_for(use(kept, log, "kept"), 5)
        assert log == ["kept"]


async def test_names_that_nobody_knows_still_have_a_queue_of_their_own(slack: SimulatedSlack) -> None:
    async with open_web(slack) as web:
        directory = ChannelDirectory(slack=web, clock=FakeClock(), renew_seconds=3600)
        admission = Admission(turns=Turns(), directory=directory, spawn=asyncio.create_task)
        slack.faults.answer("conversations.list", error="missing_scope", times=5)
        log: list[str] = []
        places = [admission.place("#nowhere"), admission.place("nowhere")]
        await asyncio.gather(*(use(place, log, str(at)) for at, place in enumerate(places)))
        assert log == ["0", "1"]


async def test_a_name_that_becomes_known_meanwhile_overtakes_nobody(slack: SimulatedSlack) -> None:
    async with open_web(slack) as web:
        directory = ChannelDirectory(slack=web, clock=FakeClock(), renew_seconds=3600)
        admission = Admission(turns=Turns(), directory=directory, spawn=asyncio.create_task)
        slack.faults.delay("conversations.list", 0.2)
        channel = slack.workspace.channel("general")
        log: list[str] = []
        tasks = [asyncio.create_task(use(admission.place("general"), log, "0"))]
        await asyncio.sleep(0.05)
        directory.learn(KnownChannel(channel.id, "general"))
        for at, name in enumerate(("general", channel.id, "#general"), 1):
            tasks.append(asyncio.create_task(use(admission.place(name), log, str(at))))
        await asyncio.gather(*tasks)
        assert log == ["0", "1", "2", "3"]


async def test_a_direct_message_waits_for_no_channels_name(slack: SimulatedSlack) -> None:
    async with open_web(slack) as web:
        directory = ChannelDirectory(slack=web, clock=FakeClock(), renew_seconds=3600)
        admission = Admission(turns=Turns(), directory=directory, spawn=asyncio.create_task)
        slack.faults.delay("conversations.list", 0.3)
        log: list[str] = []
        named = asyncio.create_task(use(admission.place("#nowhere"), log, "named"))
        await use(admission.place("D0123456789"), log, "direct")
        assert log == ["direct"]
        await named


# --- names that the list does not tell -------------------------------------------------------------------


async def use_and_learn(
    place: Place, log: list[str], word: str, learn: Callable[[], None], learned: asyncio.Event
) -> None:
    """Be the first who reaches a channel by its name, so that its ID is known from then on."""
    async with place:
        learn()
        learned.set()
        await asyncio.sleep(0.06 - 0.01 * int(word))
        log.append(word)


async def nobody_knows(slack: SimulatedSlack, directory: ChannelDirectory) -> None:
    """Have Slack refuse the list once; it is not asked for again for a minute."""
    slack.faults.answer("conversations.list", error="missing_scope", times=5)
    with pytest.raises(SlackRefused):
        await directory.find("general")


async def test_a_name_that_is_learned_keeps_its_queue_until_that_is_empty(slack: SimulatedSlack) -> None:
    async with open_web(slack) as web:
        directory = ChannelDirectory(slack=web, clock=FakeClock(), renew_seconds=3600)
        await directory.find("random")
        turns = Turns()
        admission = Admission(turns=turns, directory=directory, spawn=asyncio.create_task)
        log: list[str] = []
        places = [admission.place("#fresh") for _ in range(3)]
        learn = functools.partial(directory.learn, KnownChannel("C0FRESH0001", "fresh"))
        learned = asyncio.Event()
        tasks = [asyncio.create_task(use_and_learn(places[0], log, "0", learn, learned))]
        tasks += [asyncio.create_task(use(places[at], log, str(at))) for at in (1, 2)]
        await learned.wait()
        for at, name in enumerate(("#fresh", "C0FRESH0001", "fresh"), 3):
            tasks.append(asyncio.create_task(use(admission.place(name), log, str(at))))
        await asyncio.gather(*tasks)
        assert log == ["0", "1", "2", "3", "4", "5"]
        assert turns.depths() == {}
        assert admission.place("fresh").has_come
        assert list(turns.depths()) == ["C0FRESH0001"]


async def test_a_name_and_an_id_are_in_order_though_slack_refuses_the_list(slack: SimulatedSlack) -> None:
    async with open_web(slack) as web:
        directory = ChannelDirectory(slack=web, clock=FakeClock(), renew_seconds=3600)
        await nobody_knows(slack, directory)
        admission = Admission(turns=Turns(), directory=directory, spawn=asyncio.create_task)
        channel, log = slack.workspace.channel("general"), list[str]()
        learn = functools.partial(directory.learn, KnownChannel(channel.id, "general"))
        learned = asyncio.Event()
        names = [channel.id, "#general", channel.id, "general", channel.id]
        places = [admission.place(name) for name in names]
        tasks = [
            asyncio.create_task(use_and_learn(place, log, str(at), learn, learned))
            for at, place in enumerate(places)
        ]
        await learned.wait()
        tasks.append(asyncio.create_task(use(admission.place("general"), log, "5")))
        await asyncio.gather(*tasks)
        assert log == ["0", "1", "2", "3", "4", "5"]


async def test_ids_do_not_wait_for_each_other_nor_names_though_slack_refuses_the_list(
    slack: SimulatedSlack,
) -> None:
    async with open_web(slack) as web:
        directory = ChannelDirectory(slack=web, clock=FakeClock(), renew_seconds=3600)
        await nobody_knows(slack, directory)
        turns = Turns()
        admission = Admission(turns=turns, directory=directory, spawn=asyncio.create_task)
        ids = [admission.place(name) for name in ("C0000000001", "C0000000002", "G0000000003")]
        assert all(place.has_come for place in ids)
        for place in ids:
            place.leave()
        names = [admission.place(name) for name in ("general", "#random", "other")]
        for place in names:
            await asyncio.wait_for(use(place, [], ""), 1)
        direct, held = admission.place("D0000000001"), admission.place("C0000000001")
        assert direct.has_come
        assert held.has_come
        assert sorted(turns.depths()) == ["C0000000001", "D0000000001"]


async def test_a_mistake_at_the_begin_of_a_joined_turn_does_not_keep_its_queues(
    caplog: pytest.LogCaptureFixture,
) -> None:
    turns, called = Turns(), list[int]()
    first, joined, others = (
        turns.draw("C"),
        turns.draw_joined(["C", "name"]),
        [turns.draw("C"), turns.draw("name")],
    )
    joined.when_called(lambda: called.append(1 // 0))
    with pytest.raises(RuntimeError, match="waits for this turn"):
        joined.when_called(lambda: None)
    for turn in others:
        turn.when_called(lambda: called.append(1))
    first.end()
    assert called == [1, 1]
    assert "a mistake of the pack" in caplog.text
    for turn in others:
        turn.end()
    assert turns.depths() == {}
