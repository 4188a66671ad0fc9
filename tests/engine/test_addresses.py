"""Where the client finds things: by the ends of links, from whatever base URL."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from yarl import URL

from pack.contracts.ports import Event
from pack.engine.flyte import FlyteEngine
from pack.engine.links import action_id, find_link, resolve, result_link
from pack.errors import EngineForgot, EngineUnavailable, SettingsError
from tests.engine.conftest import Connect
from tests.engine.peer import Peer, empty, handed_out, links, raw, redirect, reply

HERE = URL("http://host/flyte/v1")


def test_a_link_is_found_by_the_end_of_its_rel() -> None:
    document = {
        "links": [
            {"rel": "http://x/swagger#!/notTakeAction", "href": "http://x/wrong"},
            {"rel": "takeAction/no", "href": "http://x/wrong"},
            {"rel": "http://x/swagger#!/action/takeAction", "href": "http://x/right"},
            {"rel": "http://y/swagger#!/action/takeAction", "href": "http://x/second"},
        ]
    }
    assert find_link(document, "takeAction", HERE) == URL("http://x/right")
    assert find_link(document, "event", HERE) is None


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        "text",
        {},
        {"links": None},
        {"links": {"rel": "a/event", "href": "http://x"}},
        {"links": [None, 3, {}, {"rel": "a/event"}, {"href": "http://x"}, {"rel": 1, "href": "http://x"}]},
        {"links": [{"rel": "a/event", "href": "ftp://x/y"}, {"rel": "a/event", "href": "http://[broken"}]},
        {"links": [{"rel": "a/event", "href": 3}, {"rel": "a/event", "href": "mailto:x@y"}]},
    ],
)
def test_a_document_without_a_usable_link_has_none(document: Any) -> None:
    assert find_link(document, "event", HERE) is None


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("http://other:81/a", "http://other:81/a"),
        ("/a", "http://host/a"),
        ("a", "http://host/flyte/a"),
        ("//other/a", "http://other/a"),
        ("http://user:word@other/a", "http://other/a"),
        ("/packs/My%20Pack/a%2Fb", "http://host/packs/My%20Pack/a%2Fb"),
    ],
)
def test_addresses_are_resolved_against_the_one_that_answered(href: str, url: str) -> None:
    assert str(resolve(href, HERE)) == url


def test_the_id_of_an_action_is_before_the_end_of_its_result_link() -> None:
    assert action_id(URL("http://x/v1/packs/Slack/actions/abc/result")) == "abc"
    assert action_id(URL("http://x/v1/packs/result/actions/abc/result?x=1")) == "abc"
    assert action_id(URL("http://x/results/abc")) == "abc"
    assert action_id(URL("http://x/")) == ""


def test_a_result_link_is_formed_from_the_take_link() -> None:
    take = URL("https://x/flyte/v1/packs/My%20Pack.env.a/actions/take?commandName=x")
    link = result_link(take, "abc")
    assert str(link) == "https://x/flyte/v1/packs/My%20Pack.env.a/actions/abc/result"
    assert action_id(link) == "abc"


async def work(client: FlyteEngine) -> None:
    await client.register()
    assert await client.take() is None
    await client.emit(Event("ReceivedMessage", {}))


@pytest.mark.parametrize("base", ["", "/", "/v1"])
async def test_the_base_url_may_be_the_index_or_the_version(peer: Peer, connect: Connect, base: str) -> None:
    await work(connect(peer.url + base))
    assert peer.lines[-3:] == ["POST /v1/packs", "POST /take", "POST /events"]


@pytest.mark.parametrize("base", ["/flyte/", "/flyte", "/flyte/v1"])
async def test_the_base_url_may_have_a_path(
    start_peer: Callable[[], Awaitable[Peer]], connect: Connect, base: str
) -> None:
    peer = await start_peer()
    peer.serve_engine("/flyte")
    await work(connect(peer.url + base))
    assert peer.lines[-3:] == ["POST /flyte/v1/packs", "POST /flyte/take", "POST /flyte/events"]


async def test_an_old_server_names_the_packs_in_its_root(peer: Peer, connect: Connect) -> None:
    peer.on("GET /", links({"x/pack/listPacks": f"{peer.url}/v1/packs"}))
    await work(connect(peer.url))
    assert "GET /v1" not in peer.lines


async def test_a_gateway_may_serve_nothing_but_the_version(peer: Peer, connect: Connect) -> None:
    peer.on("GET /", empty(404))
    await work(connect(peer.url))
    peer.on("GET /", raw(b"<html>welcome</html>"))
    await work(connect(peer.url))


async def test_relative_links_count_from_the_address_that_answered(peer: Peer, connect: Connect) -> None:
    peer.on("GET /", redirect(302, "/api/"))
    peer.on("GET /api/", links({"x/info/v1": "v1/"}))
    peer.on("GET /api/v1/", links({"x/listPacks": "packs"}))
    answer = {
        "links": [{"rel": "x/takeAction", "href": "packs/Slack/take"}, {"rel": "x/event", "href": "/events"}]
    }
    peer.on("POST /api/v1/packs", reply(answer, 201))
    peer.on("POST /api/v1/packs/Slack/take", reply(handed_out("actions/abc/result")))
    peer.on("POST /api/v1/packs/Slack/actions/abc/result", empty(202))
    client = connect(peer.url)
    await client.register()
    action = await client.take()
    assert action is not None and action.id == "abc"
    await client.complete(action, Event("MessageSent", None))
    await client.emit(Event("ReceivedMessage", None))
    assert peer.lines[-2:] == ["POST /api/v1/packs/Slack/actions/abc/result", "POST /events"]


async def test_links_on_another_host_are_used_as_they_are(
    peer: Peer, start_peer: Callable[[], Awaitable[Peer]], connect: Connect
) -> None:
    front = await start_peer()
    front.serve_engine(base=peer.url)
    await work(connect(front.url))
    assert front.lines == ["GET /"]
    assert peer.lines == ["GET /v1", "POST /v1/packs", "POST /take", "POST /events"]


async def test_what_is_registered_has_help_links_and_labels_only_when_there_are_any(
    peer: Peer, connect: Connect
) -> None:
    await connect(peer.url).register()
    assert peer.seen[-1].json == {
        "name": "Slack",
        "commands": [
            {
                "name": "SendMessage",
                "events": ["MessageSent", "SendMessageFailed"],
                "links": [{"href": "http://help/send", "rel": "help"}],
            }
        ],
        "events": [{"name": "ReceivedMessage", "links": [{"href": "http://help/received", "rel": "help"}]}],
        "links": [{"href": "http://help", "rel": "help"}],
    }


async def test_nothing_is_sent_before_the_pack_is_registered(peer: Peer, connect: Connect) -> None:
    client = connect(peer.url)
    for call in (client.take, client.pending, client.check_health):
        with pytest.raises(EngineForgot, match="not registered"):
            await call()
    with pytest.raises(EngineForgot):
        await client.emit(Event("ReceivedMessage", None))
    assert peer.seen == []


@pytest.mark.parametrize(
    ("line", "script", "says"),
    [
        ("GET /v1", links({"self": "/v1"}), r"no link …/listPacks; check FLYTE_API"),
        ("GET /v1", raw(b"<html>login</html>"), r"answered 200 OK: <html>login</html>; that is not the JSON"),
        (
            "GET /v1",
            raw(b"no such page", 404),
            r"GET http://127.0.0.1:\d+/v1 answered 404 Not Found: no such",
        ),
        ("GET /v1", empty(410), r"answered 410 Gone; check FLYTE_API"),
        ("POST /v1/packs", empty(404), r"POST .*/v1/packs answered 404 Not Found; check FLYTE_API"),
        ("POST /v1/packs", raw(b"created", 201), r"that is not the JSON of a flow engine"),
        ("POST /v1/packs", reply({"id": "Slack"}, 201), r"no link …/takeAction and no link …/event"),
        ("POST /v1/packs", links({"x/takeAction": "/take"}), r"has no link …/event; check"),
    ],
)
async def test_whatever_does_not_answer_like_an_engine_may_become_one(
    peer: Peer, connect: Connect, line: str, script: Any, says: str
) -> None:
    peer.on(line, script)
    client = connect(peer.url)
    with pytest.raises(EngineUnavailable, match=says):
        await client.register()
    assert not client.status().ready
    peer.serve_engine()
    await work(client)
    assert client.status().ready


@pytest.mark.parametrize(
    "url", ["", "flyte:8080", "ftp://flyte", "http://", "http://flyte:port", "http://[::"]
)
async def test_a_base_url_that_is_no_address_is_a_wrong_setting(connect: Connect, url: str) -> None:
    with pytest.raises(SettingsError, match="FLYTE_API"):
        connect(url)


@pytest.mark.parametrize("url", ["http://a..b", "http://" + "a" * 70 + ".invalid", "http://127.0.0.1:1"])
async def test_a_host_that_cannot_be_reached_is_waited_for(connect: Connect, url: str) -> None:
    with pytest.raises(EngineUnavailable, match="cannot be reached") as caught:
        await connect(url).register()
    assert caught.value.status is None
