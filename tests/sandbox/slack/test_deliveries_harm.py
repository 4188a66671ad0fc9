"""Each fault of deliveries and sockets harms an app that trusts Slack: once, in time and in order."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from pack.sandbox.slack import SimulatedSlack
from tests.clock import FakeClock
from tests.sandbox.slack.app_server import AppServer, serve_app
from tests.sandbox.slack.caller import Caller


class TrustingBot:
    """Counts what is said, and keeps the last of it; looks at no event_id, no retry mark and no clock."""

    def __init__(self, slack: SimulatedSlack, session: aiohttp.ClientSession) -> None:
        self.heard: list[str] = []
        self.last = ""
        self.ids: list[str] = []
        self.retries: list[int] = []
        self.connected = False
        self._slack = slack
        self._session = session
        self._reading: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        url = (await Caller(self._slack, self._session).ok("apps.connections.open", token="app"))["url"]
        self._socket = await self._session.ws_connect(url, autoclose=False)
        self.connected = True
        self._reading = asyncio.create_task(self._read())

    async def stop(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait((self._reading,))
            self._socket._response.close()

    async def _read(self) -> None:
        with contextlib.suppress(ConnectionError):
            async for message in self._socket:
                frame = json.loads(message.data)
                if frame["type"] == "events_api":
                    self.take(frame)
                    await self._socket.send_str(json.dumps({"envelope_id": frame["envelope_id"]}))
        self.connected = False

    def take(self, frame: dict[str, Any]) -> None:
        self.last = frame["payload"]["event"]["text"]
        self.heard.append(self.last)
        self.ids.append(frame["payload"]["event_id"])
        self.retries.append(frame["retry_attempt"])

    async def until(self, count: int) -> None:
        for _ in range(400):
            if len(self.heard) >= count:
                return
            await asyncio.sleep(0.005)
        raise AssertionError(f"heard {self.heard}, not {count}")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def slack(clock: FakeClock) -> AsyncIterator[SimulatedSlack]:
    async with SimulatedSlack(clock=clock) as simulated:
        simulated.events.subscribe(["message"])
        simulated.workspace.add_channel("ops", bot=True)
        simulated.sockets.envelopes.reset()
        simulated.sockets.ping_seconds = 100_000
        yield simulated


@pytest.fixture
async def bot(slack: SimulatedSlack, session: aiohttp.ClientSession) -> AsyncIterator[TrustingBot]:
    trusting = TrustingBot(slack, session)
    yield trusting
    await trusting.stop()


@pytest.fixture
async def app() -> AsyncIterator[AppServer]:
    async with serve_app() as serving:
        yield serving


def say(slack: SimulatedSlack, *texts: str) -> None:
    for text in texts:
        slack.workspace.say("ops", text, user="ada")


async def attempted(slack: SimulatedSlack, clock: FakeClock, count: int) -> None:
    """Wait until the outcome of so many requests is known."""
    for _ in range(300):
        if len(slack.http_delivery.attempts) >= count:
            return
        await clock.settle()
    raise AssertionError(f"{len(slack.http_delivery.attempts)} of {count} attempts")


async def test_doubled_events_are_counted_twice(slack, bot) -> None:
    await bot.connect()
    slack.faults.deliveries.duplicate_events(times=1)
    say(slack, "pay 10", "pay 20")
    await bot.until(3)
    assert bot.heard == ["pay 10", "pay 10", "pay 20"]
    assert bot.ids[0] == bot.ids[1] != bot.ids[2]
    assert bot.retries == [0, 0, 0]
    assert slack.faults.hits("duplicate_events") == 1


async def test_copies_with_ids_of_their_own_pass_one_who_compares_the_ids(slack, clock, bot) -> None:
    await bot.connect()
    slack.faults.deliveries.duplicate_events(copies=2, new_event_ids=True, seconds=30)
    say(slack, "pay 10")
    await bot.until(1)
    await clock.advance(30)
    await bot.until(3)
    assert bot.heard == ["pay 10"] * 3
    assert len(set(bot.ids)) == 3


async def test_events_out_of_order_leave_the_wrong_one_last(slack, bot) -> None:
    await bot.connect()
    slack.faults.deliveries.shuffle_events(window=4)
    slack.faults.seed(3)
    say(slack, "1", "2", "3", "4")
    await bot.until(4)
    assert sorted(bot.heard) == ["1", "2", "3", "4"]
    assert bot.heard != sorted(bot.heard)
    assert slack.faults.hits("shuffle_events") == 4


async def test_the_same_seed_shuffles_alike(slack, bot) -> None:
    await bot.connect()
    slack.faults.deliveries.shuffle_events(window=6)
    orders = []
    for _ in range(2):
        slack.faults.seed(11)
        say(slack, *"abcdef")
        await bot.until(6)
        orders.append(list(bot.heard))
        bot.heard.clear()
    assert orders[0] == orders[1]


async def test_an_event_that_waits_alone_to_be_shuffled_comes_late(slack, clock, bot) -> None:
    await bot.connect()
    slack.faults.deliveries.shuffle_events(window=5, seconds=8)
    say(slack, "alone")
    await clock.advance(7)
    assert bot.heard == []
    await clock.advance(1)
    await bot.until(1)


async def test_a_late_event_overwrites_what_came_after_it(slack, clock, bot) -> None:
    await bot.connect()
    slack.faults.deliveries.delay_events(20, times=1)
    say(slack, "open the valve", "close the valve")
    await bot.until(1)
    await clock.advance(20)
    await bot.until(2)
    assert bot.last == "open the valve"


async def test_a_lost_event_comes_only_as_a_retry_that_some_drop(slack, clock, bot) -> None:
    await bot.connect()
    slack.faults.deliveries.lose_events(times=1)
    say(slack, "fire")
    await clock.advance(2.9)
    assert bot.heard == []
    await clock.advance(0.2)
    await bot.until(1)
    assert bot.retries == [1]


async def test_what_is_always_lost_is_given_up_after_three_retries(slack, clock, bot) -> None:
    await bot.connect()
    slack.faults.deliveries.lose_events(times=None)
    say(slack, "fire")
    for seconds in (3, 3, 63, 303, 10):
        await clock.advance(seconds)
    assert bot.heard == []
    assert slack.sockets.envelopes.given_up == 1
    assert slack.faults.hits("lose_events") == 4


async def test_only_the_events_of_one_kind_are_struck(slack, bot) -> None:
    slack.events.subscribe(["message", "app_mention"])
    await bot.connect()
    slack.faults.deliveries.lose_events(kind="app_mention", times=None)
    say(slack, f"<@{slack.bot_user_id}> hello")
    await bot.until(1)
    assert [envelope.payload["event"]["type"] for envelope in slack.faults.unacknowledged][
        -1
    ] == "app_mention"


async def test_an_acknowledgement_that_is_not_heard_brings_the_event_again(slack, clock, bot) -> None:
    await bot.connect()
    slack.faults.deliveries.ignore_acks(times=1)
    say(slack, "pay 10")
    await bot.until(1)
    await clock.advance(3.1)
    await bot.until(2)
    assert bot.heard == ["pay 10", "pay 10"]
    assert bot.ids[0] == bot.ids[1]


async def test_a_socket_that_breaks_after_a_payload_brings_it_again_to_the_next(slack, clock, bot) -> None:
    await bot.connect()
    slack.faults.break_sockets()
    say(slack, "pay 10")
    await bot.until(1)
    while slack.faults.open_sockets:
        await clock.settle()
    await bot.connect()
    await clock.advance(3.1)
    await bot.until(2)
    assert bot.heard == ["pay 10", "pay 10"]
    assert slack.sockets.faults.counts["broken"] == 1


@pytest.mark.parametrize("fault", ["go_silent", "kill_sockets"])
async def test_half_open_sockets_look_connected_and_bring_nothing(slack, clock, bot, fault: str) -> None:
    await bot.connect()
    say(slack, "before")
    await bot.until(1)
    getattr(slack.faults, fault)()
    say(slack, "lost in the wire")
    await clock.advance(2)
    assert bot.connected
    assert bot.heard == ["before"]
    assert len(slack.faults.unacknowledged) == 1


async def test_a_dead_socket_reads_nothing_and_is_given_up_without_a_word(slack, clock, bot) -> None:
    slack.sockets.ping_seconds = 10
    await bot.connect()
    await clock.settle()
    slack.faults.kill_sockets()
    await bot._socket.send_str("{}")
    for _ in range(6):
        await clock.advance(10)
    assert slack.faults.open_sockets == 0
    assert slack.sockets.faults.counts["unanswered"] == 1
    assert bot.connected, "no FIN and no RST came"


async def test_a_socket_without_hello_looks_connected_and_swallows_payloads(slack, bot) -> None:
    slack.faults.mute_sockets()
    await bot.connect()
    say(slack, "swallowed")
    await asyncio.sleep(0.05)
    assert bot.connected
    assert bot.heard == []
    assert slack.sockets.faults.counts["mute"] == 1


async def test_a_spoilt_ticket_fails_for_one_who_tries_it_again_and_again(slack, session, bot) -> None:
    slack.faults.spoil_tickets()
    url = (await Caller(slack, session).ok("apps.connections.open", token="app"))["url"]
    for _ in range(3):
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(url)
    await bot.connect()
    assert slack.sockets.faults.counts["spoilt"] == 1


async def test_over_http_losses_copies_and_unheard_answers_do_the_same(slack, clock, app) -> None:
    await slack.http_delivery.subscribe(app.url)
    slack.faults.deliveries.duplicate_events(times=1)
    say(slack, "doubled")
    await attempted(slack, clock, 2)
    slack.faults.deliveries.ignore_acks(times=1)
    say(slack, "unheard")
    await app.until(3)
    await clock.advance(2.9)
    assert len(app.requests) == 3, "Slack waits for three seconds before it tries again"
    await clock.advance(0.2)
    await attempted(slack, clock, 4)
    slack.faults.deliveries.lose_events(times=1)
    say(slack, "lost")
    await clock.settle()
    await clock.advance(3)
    await attempted(slack, clock, 6)
    texts = [event["event"]["text"] for event in app.events()]
    assert texts == ["doubled", "doubled", "unheard", "unheard", "lost"]
    reasons = [headers.get("X-Slack-Retry-Reason") for headers, _ in app.requests]
    assert reasons == [None, None, None, "http_timeout", "http_timeout"]


async def test_ending_the_faults_ends_the_harm(slack, bot) -> None:
    await bot.connect()
    slack.faults.deliveries.duplicate_events(copies=3, times=None)
    slack.faults.deliveries.lose_events(times=None)
    slack.faults.mute_sockets(5)
    slack.faults.clear()
    say(slack, "once")
    await bot.until(1)
    say(slack, "twice")
    await bot.until(2)
    assert bot.heard == ["once", "twice"]
