"""Socket Mode over real WebSockets: tickets, hello, delivery, acknowledgement, redelivery, disconnects."""

from __future__ import annotations

import aiohttp
import pytest

from pack.sandbox.slack import SimulatedSlack
from tests.clock import FakeClock
from tests.sandbox.slack.caller import Caller, Socket
from tests.sandbox.slack.conftest import Connect, open_socket


def add_ops(slack: SimulatedSlack) -> str:
    """Add a channel with the bot in it, without an event of that."""
    slack.events.subscriptions.discard("channel_created")
    return slack.workspace.add_channel("ops", bot=True).id


async def test_hello_counts_the_connections(slack, session) -> None:
    call = Caller(slack, session)
    opened = []
    for number in (1, 2):
        url = (await call.ok("apps.connections.open", token="app"))["url"]
        assert url.startswith(slack.url.replace("http:", "ws:") + "/link/?ticket=")
        socket = Socket(await session.ws_connect(url))
        opened.append(socket)
        hello = await socket.frame()
        assert hello["type"] == "hello"
        assert hello["num_connections"] == number
        assert hello["debug_info"]["approximate_connection_time"] > 0
        assert hello["connection_info"] == {"app_id": slack.app_id}
    assert slack.faults.open_sockets == 2
    for socket in opened:
        await socket.socket.close()


async def test_a_ticket_works_once(slack, session) -> None:
    url = (await Caller(slack, session).ok("apps.connections.open", token="app"))["url"]
    async with session.ws_connect(url):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(url)
    assert refused.value.status == 404
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await session.ws_connect(slack.url.replace("http:", "ws:") + "/link/?ticket=made-up")


async def test_a_ticket_is_no_good_after_two_minutes(session) -> None:
    clock = FakeClock()
    async with SimulatedSlack(clock=clock) as slack:
        url = (await Caller(slack, session).ok("apps.connections.open", token="app"))["url"]
        await clock.advance(121)
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(url)


async def test_an_event_comes_wrapped_and_is_over_when_it_is_acknowledged(slack, connect: Connect) -> None:
    channel = add_ops(slack)
    socket = await connect()
    message = slack.workspace.say("ops", "echo hello", user="ada")
    frame = await socket.frame()
    assert frame["type"] == "events_api"
    assert frame["accepts_response_payload"] is False
    assert (frame["retry_attempt"], frame["retry_reason"]) == (0, "")
    payload = frame["payload"]
    assert payload["type"] == "event_callback"
    assert (payload["team_id"], payload["api_app_id"]) == (slack.team_id, slack.app_id)
    assert payload["event_id"].startswith("Ev")
    assert payload["authorizations"][0]["user_id"] == slack.bot_user_id
    assert payload["is_ext_shared_channel"] is False
    event = payload["event"]
    assert event["type"] == "message"
    assert (event["channel"], event["channel_type"]) == (channel, "channel")
    assert (event["user"], event["text"], event["ts"]) == (message.user, "echo hello", message.ts)
    assert event["event_ts"] == message.ts
    assert len(slack.faults.unacknowledged) == 1
    await socket.acknowledge(frame, text="thanks")
    await socket.nothing()
    assert slack.faults.unacknowledged == []
    assert slack.sockets.envelopes.acknowledgements[-1][1] == {"text": "thanks"}


async def test_events_come_in_order_and_each_to_one_socket_only(slack, connect: Connect) -> None:
    add_ops(slack)
    one, two = await connect(), await connect()
    for number in range(40):
        slack.workspace.say("ops", str(number), user="ada")
    seen: dict[str, list[int]] = {"one": [], "two": []}
    while sum(map(len, seen.values())) < 40:
        for name, socket in (("one", one), ("two", two)):
            try:
                seen[name].append(int((await _soon(socket))["text"]))
            except TimeoutError:
                continue
    assert sorted(seen["one"] + seen["two"]) == list(range(40))
    assert seen["one"] == sorted(seen["one"])
    assert seen["one"]
    assert seen["two"]


async def _soon(socket: Socket) -> dict[str, object]:
    message = await socket.socket.receive(timeout=0.05)
    frame = message.json()
    await socket.acknowledge(frame)
    return frame["payload"]["event"]


async def test_what_is_not_acknowledged_comes_again_three_times(session) -> None:
    clock = FakeClock()
    async with SimulatedSlack(clock=clock) as slack:
        add_ops(slack)
        slack.sockets.ping_seconds = 10_000
        socket = await open_socket(slack, session)
        slack.workspace.say("ops", "hear me", user="ada")
        frames = [await socket.frame()]
        for seconds in (3, 63, 303):
            await clock.advance(seconds - 0.1)
            await socket.nothing(0.02)
            await clock.advance(0.11)
            frames.append(await socket.frame())
        assert [frame["retry_attempt"] for frame in frames] == [0, 1, 2, 3]
        assert [frame["retry_reason"] for frame in frames] == ["", "timeout", "timeout", "timeout"]
        assert len({frame["envelope_id"] for frame in frames}) == 4
        assert len({frame["payload"]["event_id"] for frame in frames}) == 1
        await clock.advance(1_000)
        assert slack.faults.unacknowledged == []
        assert slack.sockets.envelopes.given_up == 1
        await socket.socket.close()


async def test_an_acknowledgement_of_an_earlier_attempt_counts(session) -> None:
    clock = FakeClock()
    async with SimulatedSlack(clock=clock) as slack:
        add_ops(slack)
        socket = await open_socket(slack, session)
        slack.workspace.say("ops", "x", user="ada")
        first = await socket.frame()
        await clock.advance(3.1)
        again = await socket.frame()
        assert again["retry_attempt"] == 1
        await socket.acknowledge(first)
        await clock.settle()
        assert slack.faults.unacknowledged == []
        await socket.socket.close()


async def test_what_happens_while_no_socket_is_open_comes_marked_as_a_retry(slack, connect: Connect) -> None:
    add_ops(slack)
    for text in ("one", "two"):
        slack.workspace.say("ops", text, user="ada")
    assert len(slack.faults.unacknowledged) == 2
    socket = await connect()
    for text in ("one", "two"):
        frame = await socket.frame()
        assert (frame["retry_attempt"], frame["payload"]["event"]["text"]) == (1, text)
        await socket.acknowledge(frame)


async def test_what_waited_for_over_an_hour_is_given_up(session) -> None:
    clock = FakeClock()
    async with SimulatedSlack(clock=clock) as slack:
        add_ops(slack)
        slack.workspace.say("ops", "stale", user="ada")
        await clock.advance(3_700)
        socket = await open_socket(slack, session)
        await socket.nothing()
        assert slack.sockets.envelopes.given_up == 1
        await socket.socket.close()


async def test_an_unacknowledged_event_of_a_broken_socket_goes_to_another(session) -> None:
    clock = FakeClock()
    async with SimulatedSlack(clock=clock) as slack:
        add_ops(slack)
        first = await open_socket(slack, session)
        slack.workspace.say("ops", "x", user="ada")
        await first.frame()
        slack.faults.close_sockets(abrupt=True)
        await first.closed()
        second = await open_socket(slack, session)
        await second.nothing()
        await clock.advance(3.1)
        assert (await second.frame())["retry_attempt"] == 1
        await second.socket.close()


@pytest.mark.parametrize("reason", ["link_disabled", "too_many_websockets"])
async def test_some_disconnects_close_at_once(slack, connect: Connect, reason: str) -> None:
    socket = await connect()
    slack.faults.disconnect(reason)
    frame = await socket.frame()
    assert (frame["type"], frame["reason"]) == ("disconnect", reason)
    assert await socket.closed() == 1000
    await slack_settles(slack, 0)


async def test_a_warning_is_followed_by_a_refresh_and_the_end(session) -> None:
    clock = FakeClock()
    async with SimulatedSlack(clock=clock) as slack:
        add_ops(slack)
        old = await open_socket(slack, session)
        slack.faults.disconnect("warning")
        assert (await old.frame())["reason"] == "warning"
        slack.workspace.say("ops", "still here", user="ada")
        assert (await old.event())["text"] == "still here"
        await clock.advance(9.9)
        await clock.advance(0.2)
        assert (await old.frame())["reason"] == "refresh_requested"
        new = await open_socket(slack, session)
        slack.workspace.say("ops", "to the new one", user="ada")
        assert (await new.event())["text"] == "to the new one"
        await clock.advance(10)
        assert await old.closed() == 1000
        await new.socket.close()


async def test_the_eleventh_socket_is_turned_away(slack, connect: Connect) -> None:
    for _ in range(10):
        await connect()
    call = Caller(slack, aiohttp.ClientSession())
    async with call.session:
        url = (await call.ok("apps.connections.open", token="app"))["url"]
        extra = Socket(await call.session.ws_connect(url))
        assert (await extra.frame())["reason"] == "too_many_websockets"
        assert await extra.closed() == 1000
    assert slack.faults.open_sockets == 10


async def test_pings_are_sent_and_answered(session) -> None:
    clock = FakeClock()
    async with SimulatedSlack(clock=clock) as slack:
        socket = await open_socket(slack, session)
        await clock.advance(10)
        message = await socket.socket.receive(timeout=5)
        assert message.type is aiohttp.WSMsgType.PING
        await socket.socket.ping(b"are you there")
        message = await socket.socket.receive(timeout=5)
        assert (message.type, bytes(message.data)) == (aiohttp.WSMsgType.PONG, b"are you there")
        await socket.socket.close()


async def test_a_silent_socket_stays_open_and_says_nothing(session) -> None:
    clock = FakeClock()
    async with SimulatedSlack(clock=clock) as slack:
        add_ops(slack)
        socket = await open_socket(slack, session)
        slack.faults.go_silent()
        slack.workspace.say("ops", "x", user="ada")
        await socket.socket.ping()
        await clock.advance(12)
        await socket.nothing()
        assert not socket.socket.closed
        assert slack.faults.open_sockets == 1
        assert len(slack.faults.unacknowledged) == 1
        await socket.socket.close()


async def test_nonsense_from_the_app_is_survived(slack, connect: Connect) -> None:
    add_ops(slack)
    socket = await connect()
    for nonsense in ("{", "[]", "1", '{"envelope_id": 7}', '{"envelope_id": "unknown"}'):
        await socket.socket.send_str(nonsense)
    slack.workspace.say("ops", "still there", user="ada")
    assert (await socket.event())["text"] == "still there"


async def slack_settles(slack: SimulatedSlack, sockets: int) -> None:
    clock = FakeClock()
    for _ in range(50):
        if slack.faults.open_sockets == sockets:
            return
        await clock.settle()
    raise AssertionError(slack.faults.open_sockets)
