"""Every answer to a take, a result and an event, and what it means."""

from __future__ import annotations

import contextlib
import socket
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from pack.contracts.ports import Action, Event, UnreadableInput
from pack.engine.flyte import FlyteEngine
from pack.engine.transport import open_socket
from pack.errors import (
    AnswerLost,
    CredentialsRefused,
    EngineForgot,
    EngineRefused,
    EngineUnavailable,
    PackError,
)
from tests.clock import FakeClock
from tests.engine.conftest import Connect
from tests.engine.peer import Peer, empty, half, half_accepted, handed_out, hang, links, raw, reply, reset

RESULT = Event("MessageSent", {"channelId": "C1"})

STATUSES: list[tuple[int, type[PackError]]] = [
    (304, EngineUnavailable),
    (400, EngineRefused),
    (401, CredentialsRefused),
    (403, CredentialsRefused),
    (404, EngineForgot),
    (405, EngineRefused),
    (407, EngineUnavailable),
    (408, EngineUnavailable),
    (413, EngineRefused),
    (429, EngineUnavailable),
    (500, EngineUnavailable),
    (502, EngineUnavailable),
    (503, EngineUnavailable),
    (599, EngineUnavailable),
]


@pytest.fixture
async def client(peer: Peer, connect: Connect) -> FlyteEngine:
    client = connect(peer.url)
    await client.register()
    return client


@pytest.fixture
def action(peer: Peer) -> Action:
    return Action("abc", "SendMessage", {}, f"{peer.url}/actions/abc/result")


async def send(client: FlyteEngine, what: str, action: Action) -> None:
    if what == "take":
        await client.take()
    elif what == "result":
        await client.complete(action, RESULT)
    else:
        await client.emit(RESULT)


ODD_DATE = "Sat, 21 Nov 2026 09:00:00 +99999999999999999999"
"""A date with a zone that no clock has."""

LINES = {"take": "POST /take", "result": "POST /actions/abc/result", "event": "POST /events"}


@pytest.mark.parametrize("what", LINES)
@pytest.mark.parametrize(("status", "kind"), STATUSES)
async def test_each_status_has_its_error(
    peer: Peer, client: FlyteEngine, action: Action, what: str, status: int, kind: type[PackError]
) -> None:
    peer.on(LINES[what], raw(b"" if status == 304 else b"because\n of  this", status))
    with pytest.raises(kind) as caught:
        await send(client, what, action)
    assert type(caught.value) is kind
    assert f"POST {peer.url}{LINES[what][5:]} answered {status}" in str(caught.value)
    assert status == 304 or "because of this" in str(caught.value)
    if isinstance(caught.value, EngineRefused | EngineUnavailable):
        assert caught.value.status == (None if status == 407 else status)


@pytest.mark.parametrize("status", [200, 201, 202, 204])
async def test_every_success_ends_a_result_and_an_event(
    peer: Peer, client: FlyteEngine, action: Action, status: int
) -> None:
    peer.on(LINES["result"], empty(status))
    peer.on(LINES["event"], empty(status))
    await client.complete(action, RESULT)
    await client.emit(RESULT)
    assert [one.json for one in peer.seen[-2:]] == [
        {"event": "MessageSent", "payload": {"channelId": "C1"}}
    ] * 2


async def test_a_success_counts_although_its_body_breaks_off(
    peer: Peer, client: FlyteEngine, action: Action
) -> None:
    peer.on(LINES["result"], half_accepted)
    await client.complete(action, RESULT)


@pytest.mark.parametrize("what", ["result", "event"])
async def test_a_connection_that_breaks_after_sending_loses_the_answer(
    peer: Peer, client: FlyteEngine, action: Action, what: str
) -> None:
    peer.on(LINES[what], reset)
    with pytest.raises(AnswerLost, match=r"POST http://127\.0\.0\.1.*sent, but no answer came"):
        await send(client, what, action)


async def test_no_answer_in_time_loses_it(peer: Peer, connect: Connect, action: Action) -> None:
    client = connect(peer.url, timeout_seconds=0.5)
    await client.register()
    peer.on(LINES["result"], hang)
    with pytest.raises(AnswerLost, match=r"nothing came within 0\.5 s"):
        await client.complete(action, RESULT)


@pytest.mark.parametrize("script", [reset, hang])
async def test_a_take_without_an_answer_is_an_outage(peer: Peer, connect: Connect, script: Any) -> None:
    client = connect(peer.url, timeout_seconds=0.5)
    await client.register()
    peer.on(LINES["take"], script)
    with pytest.raises(EngineUnavailable) as caught:
        await client.take()
    assert caught.value.status is None
    assert caught.value.may_have_acted


@pytest.mark.parametrize(
    ("status", "acted"), [(304, False), (407, False), (408, True), (429, False), (500, True), (503, True)]
)
@pytest.mark.parametrize("what", LINES)
async def test_the_engine_may_have_acted_when_it_answers_a_5xx(
    peer: Peer, client: FlyteEngine, action: Action, what: str, status: int, acted: bool
) -> None:
    peer.on(LINES[what], empty(status))
    with pytest.raises(EngineUnavailable) as caught:
        await send(client, what, action)
    assert caught.value.may_have_acted is acted


async def test_a_command_is_named_in_the_take_link_as_it_is(peer: Peer, connect: Connect) -> None:
    swagger = f"{peer.url}/swagger"
    rels = {
        f"{swagger}#!/action/takeAction": f"{peer.url}/a%2Fb/take?key=1%2B1",
        f"{swagger}#/event": "/events",
    }
    peer.on("POST /v1/packs", links(rels))
    client = connect(peer.url)
    await client.register()
    peer.on("POST /a%2Fb/take", empty(204))
    for command in ("", "OpenView", "a&b=c"):
        with contextlib.suppress(PackError):
            await client.take(command)
    assert peer.lines[-3:] == [
        "POST /a%2Fb/take?key=1%2B1",
        "POST /a%2Fb/take?key=1%2B1&actionName=OpenView",
        "POST /a%2Fb/take?key=1%2B1&actionName=a%26b%3Dc",
    ]


@pytest.mark.parametrize("what", LINES)
async def test_what_cannot_be_sent_is_an_outage(
    peer: Peer, client: FlyteEngine, action: Action, what: str
) -> None:
    await peer.stop()
    await FakeClock().settle()
    with pytest.raises(EngineUnavailable, match="cannot be reached") as caught:
        await send(client, what, action)
    assert caught.value.status is None
    assert not caught.value.may_have_acted


async def test_no_limit_of_time_is_a_timeout_of_zero(peer: Peer, connect: Connect) -> None:
    client = connect(peer.url, timeout_seconds=0)
    await client.register()
    assert await client.take() is None


async def test_a_connection_breaks_when_the_other_machine_is_gone(peer: Peer) -> None:
    (address, *_) = socket.getaddrinfo("127.0.0.1", peer.port, type=socket.SOCK_STREAM)
    with open_socket(address) as opened:
        assert opened.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            assert opened.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 75_000
            assert opened.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 15


async def test_a_take_has_no_body(peer: Peer, client: FlyteEngine) -> None:
    await client.take()
    assert peer.seen[-1].body == b"" and peer.seen[-1].headers["Content-Length"] == "0"


@pytest.mark.parametrize("given", [None, "text", 3, [1, "2"], {"channelId": "C1"}])
async def test_an_input_may_be_any_json(peer: Peer, client: FlyteEngine, given: Any) -> None:
    peer.on("POST /take", reply(handed_out(f"{peer.url}/actions/abc/result", input=given)))
    action = await client.take()
    assert action == Action("abc", "SendMessage", given, f"{peer.url}/actions/abc/result")


async def test_an_input_may_be_absent(peer: Peer, client: FlyteEngine) -> None:
    peer.on("POST /take", reply(handed_out("/actions/abc/result")))
    action = await client.take()
    assert action is not None and action.input is None


async def test_a_number_too_long_to_be_read_is_handed_on_as_its_digits(
    peer: Peer, client: FlyteEngine
) -> None:
    digits = "9" * 5000
    body = '{"command": "A", "input": [%s, 7], "links": [{"rel": "x/actionResult", "href": "/a/result"}]}'
    peer.on("POST /take", raw((body % digits).encode()))
    action = await client.take()
    assert action is not None and action.input == [digits, 7]


@pytest.mark.parametrize("command", [None, 3, {}])
async def test_an_action_with_a_strange_command_can_still_be_refused(
    peer: Peer, client: FlyteEngine, command: Any
) -> None:
    peer.on("POST /take", reply(handed_out("/actions/abc/result", command=command)))
    action = await client.take()
    assert action is not None and (action.id, action.command) == ("abc", "")


@pytest.mark.parametrize(
    "script",
    [
        raw(b""),
        raw(b"<html>"),
        raw(b"\xff\xfe\xfd"),
        raw(b"[" * 100_000),
        raw(b"x" * (17 * 2**20)),
        half,
        reply([]),
        reply({"command": "SendMessage", "input": {}}),
        reply(handed_out("/", rel="x/actionResult")),
        reply(handed_out("mailto:x@y")),
    ],
    ids=["empty", "HTML", "no UTF-8", "deep", "17 MiB", "half", "list", "no links", "no id", "no address"],
)
async def test_an_action_that_cannot_be_read_is_named_since_it_may_stay_open(
    peer: Peer, client: FlyteEngine, script: Any, caplog: pytest.LogCaptureFixture
) -> None:
    peer.on("POST /take", script)
    with pytest.raises(EngineUnavailable) as caught:
        await client.take()
    assert caught.value.status == 200
    assert caught.value.may_have_acted
    assert "stays PENDING there unless" in caplog.text
    assert len(str(caught.value)) < 1000
    peer.on("POST /take", empty(204))
    assert await client.take() is None


LINKS = '"links":[{"rel":"http://x/swagger#/actionResult","href":"/actions/abc/result"}]'
DEEP = '{"a":' * 5000 + "1" + "}" * 5000
LONG = '{"message":"' + "x" * (17 * 2**20) + '"}'
TRAP = (
    '{"command":"Trap","links":[{"rel":"x/actionResult","href":"/actions/trap/result"}],'
    '"text":"\\"links\\":[]","input":{"command":"Trap","links":[]},"deep":%s}'
)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (DEEP, "nested too deeply to be read"),
        (TRAP % DEEP, "nested too deeply to be read"),
        (LONG, "the action is too long to be read (it is longer than 16 MiB)"),
        (TRAP % LONG, "the action is too long to be read (it is longer than 16 MiB)"),
    ],
    ids=["deep", "deep trap", "long", "long trap"],
)
@pytest.mark.parametrize(
    "members",
    [
        ('"command":"SendMessage"', "INPUT", LINKS),
        (LINKS, "INPUT", '"command":"SendMessage"'),
        ("INPUT", LINKS, '"command":"SendMessage"'),
        ('"command":"SendMessage"', LINKS, "INPUT"),
    ],
    ids=["between", "between others", "first", "last"],
)
async def test_an_action_with_an_unreadable_input_can_still_be_ended(
    peer: Peer, client: FlyteEngine, members: tuple[str, ...], given: str, reason: str
) -> None:
    body = "{ " + " , ".join(members).replace("INPUT", f'"input" : {given}') + " }\n"
    peer.on("POST /take", raw(body.encode()))
    action = await client.take()
    assert action == Action("abc", "SendMessage", UnreadableInput(reason), f"{peer.url}/actions/abc/result")


async def test_a_long_action_does_not_cost_the_connection(peer: Peer, client: FlyteEngine) -> None:
    peer.on("POST /take", raw(f'{{"command":"A","input":{LONG},{LINKS}}}'.encode()), empty(204))
    assert await client.take() is not None
    assert await client.take() is None
    assert len({one.connection for one in peer.seen}) == 1


@pytest.mark.parametrize("status", [429, 503])
async def test_a_wait_that_the_engine_asks_for_is_told(peer: Peer, connect: Connect, status: int) -> None:
    clock = FakeClock()
    client = connect(peer.url, clock=clock)
    await client.register()
    in_a_minute = format_datetime(clock.now() + timedelta(seconds=60), usegmt=True)
    for value, seconds in {
        "7": 7,
        in_a_minute: 60,
        "99999": 600,
        "soon": None,
        "-1": None,
        ODD_DATE: None,
    }.items():
        peer.on("POST /take", empty(status, {"Retry-After": value}))
        with pytest.raises(EngineUnavailable) as caught:
            await client.take()
        assert caught.value.retry_after_seconds == seconds


async def test_a_long_answer_is_quoted_shortly(peer: Peer, client: FlyteEngine) -> None:
    peer.on("POST /take", raw(b"a" * 150 + b"\x1b[31m\xff" + b"b" * 500, 500))
    with pytest.raises(EngineUnavailable) as caught:
        await client.take()
    quoted = str(caught.value).partition(": ")[2]
    assert quoted.startswith("a" * 150) and quoted.endswith("b…") and len(quoted) == 201
    assert "\x1b" not in quoted


async def test_one_connection_is_used_again_and_again(
    peer: Peer, client: FlyteEngine, action: Action
) -> None:
    peer.on(LINES["result"], raw(b"accepted", 202))
    for _ in range(5):
        await client.take()
        await client.complete(action, RESULT)
        await client.emit(RESULT)
    assert len(peer.seen) > 15 and len({one.connection for one in peer.seen}) == 1


async def test_a_reason_for_refusing_the_pack_is_passed_on(peer: Peer, connect: Connect) -> None:
    peer.on("POST /v1/packs", raw(b"a link may not be called supper", 400))
    with pytest.raises(EngineRefused, match="a link may not be called supper") as caught:
        await connect(peer.url).register()
    assert caught.value.status == 400


@pytest.mark.parametrize("line", ["GET /", "GET /v1", "POST /v1/packs"])
@pytest.mark.parametrize("script", [empty(500), empty(503), reset])
async def test_registering_waits_for_an_engine_that_is_not_well(
    peer: Peer, connect: Connect, line: str, script: Any
) -> None:
    peer.on(line, script)
    with pytest.raises(EngineUnavailable):
        await connect(peer.url).register()


async def test_a_result_without_an_address_is_nobodys(client: FlyteEngine) -> None:
    with pytest.raises(EngineForgot, match="no address"):
        await client.complete(Action("abc", "SendMessage", None, "mailto:x@y"), RESULT)
