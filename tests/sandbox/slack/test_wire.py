"""How calls arrive: token, arguments, content types, and what is refused before a method is reached."""

from __future__ import annotations

import asyncio
import io
import json

import aiohttp
import pytest

from pack.sandbox.slack import SimulatedSlack
from pack.sandbox.slack.methods.registry import METHODS
from pack.sandbox.slack.reference.facts import load_facts
from tests.sandbox.slack.caller import Caller

FACTS = load_facts()


async def send(
    slack: SimulatedSlack,
    session: aiohttp.ClientSession,
    method: str,
    body: bytes | None,
    kind: str | None,
    *,
    token: bool = True,
    verb: str = "POST",
    query: str = "",
) -> dict[str, object]:
    headers = {"Authorization": f"Bearer {slack.bot_token}"} if token else {}
    skipped = () if kind else ("Content-Type",)
    if kind:
        headers["Content-Type"] = kind
    async with session.request(
        verb, slack.api_url + method + query, data=body, headers=headers, skip_auto_headers=skipped
    ) as response:
        assert response.status == 200
        return await response.json()


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json; charset=utf-8", b'{"channel": "%s", "text": "hi"}'),
        ("application/x-www-form-urlencoded", b"channel=%s&text=hi"),
    ],
)
async def test_a_message_can_be_posted_as_json_and_as_a_form(slack, session, kind, body) -> None:
    channel = slack.workspace.add_channel("ops", bot=True)
    answer = await send(slack, session, "chat.postMessage", body % channel.id.encode(), kind)
    assert answer["ok"]
    assert "warning" not in answer
    assert slack.workspace.messages("ops")[-1].text == "hi"


async def test_a_message_can_be_posted_as_multipart_and_by_query(slack, session) -> None:
    channel = slack.workspace.add_channel("ops", bot=True)
    form = aiohttp.FormData(default_to_multipart=True)
    for name, value in {"channel": channel.id, "text": "parts", "token": slack.bot_token}.items():
        form.add_field(name, value)
    async with session.post(slack.api_url + "chat.postMessage", data=form) as response:
        assert (await response.json())["ok"]
    query = f"?channel={channel.id}&text=asked&token={slack.bot_token}"
    answer = await send(slack, session, "chat.postMessage", None, None, token=False, verb="GET", query=query)
    assert answer["ok"]
    assert [message.text for message in slack.workspace.messages("ops")] == ["parts", "asked"]


async def test_the_arguments_of_a_method_that_takes_no_json_are_not_seen_in_a_json_body(
    slack, session
) -> None:
    user = slack.workspace.user("ada")
    answer = await send(
        slack,
        session,
        "users.info",
        json.dumps({"user": user.id}).encode(),
        "application/json; charset=utf-8",
    )
    assert answer["error"] == "invalid_arguments"
    assert answer["response_metadata"]["messages"] == ["[ERROR] missing required field: user"]


async def test_json_without_a_charset_is_warned_about(slack, session) -> None:
    answer = await send(slack, session, "auth.test", b"{}", "application/json")
    assert answer["ok"]
    assert answer["warning"] == "missing_charset"
    assert answer["response_metadata"] == {"warnings": ["missing_charset"]}


async def test_a_token_inside_a_json_body_is_not_looked_at_and_never_kept(slack, session) -> None:
    body = json.dumps({"token": slack.bot_token}).encode()
    answer = await send(slack, session, "auth.test", body, "application/json; charset=utf-8", token=False)
    assert answer["error"] == "not_authed"
    assert slack.faults.calls[-1] == ("auth.test", {})


@pytest.mark.parametrize(
    ("body", "kind", "error"),
    [
        (b"{", "application/json", "invalid_json"),
        (b"[" * 100_000, "application/json", "invalid_json"),
        (b'{"limit": NaN}', "application/json", "invalid_json"),
        (b"\xff\xfe", "application/json", "invalid_json"),
        (b"[1]", "application/json", "json_not_object"),
        (b"a=b", "application/xml", "invalid_post_type"),
        (b"a=b", None, "missing_post_type"),
        (b"a=b", "application/x-www-form-urlencoded; charset=klingon", "invalid_charset"),
        (b"channel[]=C1", "application/x-www-form-urlencoded", "invalid_array_arg"),
        (b"%00=1", "application/x-www-form-urlencoded", "invalid_arg_name"),
        (b"nonsense", "multipart/form-data; boundary=x", "invalid_form_data"),
    ],
)
async def test_a_malformed_request_is_named(slack, session, body, kind, error) -> None:
    answer = await send(slack, session, "chat.postMessage", body, kind)
    assert (answer["ok"], answer["error"]) == (False, error)
    assert (await send(slack, session, "auth.test", b"", None))["ok"]


async def test_tokens_are_checked_before_anything_else(call: Caller) -> None:
    assert await call.error("auth.test", token=None) == "not_authed"
    assert await call.error("chat.postMessage", token="xoxb-made-up") == "invalid_auth"
    assert await call.error("chat.postMessage", token="app") == "not_allowed_token_type"
    assert await call.error("apps.connections.open", token="bot") == "not_allowed_token_type"
    assert await call.error("search.messages", token="nonsense", query="x") == "not_simulated"
    assert await call.error("no.such.method") == "unknown_method"
    assert await call.error("no.such.method", token=None) == "unknown_method"


async def test_both_tokens_say_who_they_are(call: Caller, slack) -> None:
    bot = await call.ok("auth.test")
    assert bot["user_id"] == slack.bot_user_id
    assert bot["bot_id"] == slack.bot_id
    assert bot["team_id"] == slack.team_id
    assert bot["url"].startswith("https://")
    app = await call.ok("auth.test", token="app")
    assert app["app_id"] == slack.app_id
    assert "user_id" not in app


async def test_granted_and_accepted_scopes_come_with_every_answer(call: Caller, slack) -> None:
    await call.ok("auth.test")
    assert set(call.headers["x-oauth-scopes"].split(",")) == slack.scopes
    assert "x-accepted-oauth-scopes" not in call.headers
    await call("chat.postMessage")
    assert call.headers["x-accepted-oauth-scopes"] == "chat:write"
    await call.ok("apps.connections.open", token="app")
    assert call.headers["x-oauth-scopes"] == "connections:write"


async def test_a_missing_scope_says_what_is_needed_and_what_is_there(session) -> None:
    async with SimulatedSlack(scopes=["users:read", "channels:read"]) as slack:
        call = Caller(slack, session)
        answer = await call("chat.postMessage", channel="general", text="x")
        assert answer == {
            "ok": False,
            "error": "missing_scope",
            "needed": "chat:write",
            "provided": "channels:read,users:read",
        }
        answer = await call("conversations.list", types="public_channel,private_channel,im")
        assert answer["needed"] == "groups:read,im:read"
        assert (await call.ok("conversations.list"))["channels"]


async def test_a_ticket_is_only_given_for_a_post(slack, session) -> None:
    headers = {"Authorization": f"Bearer {slack.app_token}"}
    async with session.get(slack.api_url + "apps.connections.open", headers=headers) as response:
        assert (await response.json())["error"] == "insecure_request"


@pytest.mark.parametrize("method", sorted(FACTS.methods))
async def test_every_method_of_the_reference_is_known_and_honest_about_itself(
    call: Caller, slack, method: str
) -> None:
    token = "app" if method == "apps.connections.open" else "bot"
    answer = await call(method, token=token)
    assert answer.get("error") != "unknown_method"
    if method not in sorted(METHODS):
        assert answer["error"] == "not_simulated"


@pytest.mark.parametrize("method", [name for name in sorted(METHODS) if name != "apps.connections.open"])
async def test_required_arguments_are_demanded_of_every_method(call: Caller, method: str) -> None:
    required = [argument.name for argument in FACTS.methods[method].arguments.values() if argument.required]
    answer = await call(method)
    if required:
        assert not answer["ok"]
        if answer["error"] == "invalid_arguments":
            expected = [f"[ERROR] missing required field: {name}" for name in required]
            assert answer["response_metadata"]["messages"] == expected


async def test_numbers_and_booleans_arrive_as_text_and_nonsense_is_pointed_at(call: Caller) -> None:
    assert (await call.ok("conversations.list", limit="2", exclude_archived="1"))["channels"]
    assert await call.error("conversations.list", limit="many") == "invalid_limit"
    assert await call.error("conversations.list", limit="0") == "invalid_limit"
    answer = await call("conversations.list", exclude_archived="perhaps")
    assert answer["error"] == "invalid_arguments"
    assert answer["response_metadata"]["messages"] == [
        "[ERROR] must be a boolean [json-pointer:/exclude_archived]"
    ]


async def test_a_text_that_is_an_object_in_json_is_pointed_at(slack, session) -> None:
    body = json.dumps({"channel": {"id": "C1"}, "text": "x"}).encode()
    answer = await send(slack, session, "chat.postMessage", body, "application/json; charset=utf-8")
    assert answer["error"] == "invalid_arguments"
    assert answer["response_metadata"]["messages"] == [
        "[ERROR] must provide a string [json-pointer:/channel]"
    ]


async def test_api_test_answers_what_it_was_told(call: Caller) -> None:
    assert await call("api.test", token=None) == {"ok": True, "args": {}}
    assert await call("api.test", foo="bar") == {"ok": True, "args": {"foo": "bar"}}
    answer = await call("api.test", error="my_error")
    assert answer == {"ok": False, "error": "my_error", "args": {"error": "my_error"}}


async def test_strange_text_is_kept_as_it_is(slack, session, call: Caller) -> None:
    channel = slack.workspace.add_channel("ops", bot=True)
    text = "half \ud800 a pair, a \x00 and \U0001f600"
    body = json.dumps({"channel": channel.id, "text": text}).encode()
    answer = await send(slack, session, "chat.postMessage", body, "application/json; charset=utf-8")
    assert answer["message"]["text"] == text
    history = await call.ok("conversations.history", channel=channel.id)
    assert history["messages"][0]["text"] == text


async def test_a_body_over_any_measure_is_refused_and_the_server_lives(slack, session, call: Caller) -> None:
    body = io.BytesIO(b"channel=general&text=" + b"x" * (17 * 1024 * 1024))
    headers = {
        "Authorization": f"Bearer {slack.bot_token}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    async with session.post(slack.api_url + "chat.postMessage", data=body, headers=headers) as response:
        assert response.status == 413
    await call.ok("auth.test")


async def test_it_comes_back_on_the_same_port_with_the_same_state(session) -> None:
    slack = SimulatedSlack()
    await slack.start()
    url = slack.url
    slack.workspace.say("general", "before", user="ada")
    await slack.stop()
    with pytest.raises(aiohttp.ClientError):
        await session.get(url)
    await slack.start()
    assert slack.url == url
    assert (await Caller(slack, session).ok("auth.test"))["user"] == "flyte"
    assert [message.text for message in slack.workspace.messages("general")] == ["before"]
    await slack.stop()


async def test_connections_are_counted(slack, session) -> None:
    call = Caller(slack, session)
    for _ in range(5):
        await call.ok("auth.test")
    assert slack.faults.connections_accepted == 1
    await asyncio.gather(*(call.ok("auth.test") for _ in range(3)))
    assert 1 < slack.faults.connections_accepted <= 3
