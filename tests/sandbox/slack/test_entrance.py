"""The entrance of the Web API: addresses, verbs, headers, and arguments in every dress; never a crash."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pack.sandbox.slack import SimulatedSlack
from pack.sandbox.slack.calls.arguments import check_arguments
from pack.sandbox.slack.methods.registry import METHODS
from pack.sandbox.slack.reference.facts import load_facts
from pack.sandbox.slack.refusal import Refusal
from tests.sandbox.slack.caller import Caller

FACTS = load_facts()
JSON = "application/json; charset=utf-8"


async def ask(
    slack: SimulatedSlack, session: aiohttp.ClientSession, method: str, *, verb: str = "POST", **options: Any
) -> tuple[int, dict[str, str], str]:
    headers = {"Authorization": f"Bearer {slack.bot_token}", **options.pop("headers", {})}
    async with session.request(verb, slack.api_url + method, headers=headers, **options) as response:
        return response.status, dict(response.headers), await response.text()


async def send_json(slack: SimulatedSlack, session: aiohttp.ClientSession, method: str, body: Any) -> Any:
    _, _, text = await ask(slack, session, method, data=json.dumps(body), headers={"Content-Type": JSON})
    return json.loads(text)


@pytest.mark.parametrize(
    "name", ["", "auth.test/", "/auth.test", "auth", "auth.test.more", "%00", "..%2Fauth.test"]
)
async def test_an_address_without_a_method_is_an_unknown_method(slack, session, name: str) -> None:
    status, _, text = await ask(slack, session, name)
    answer = json.loads(text)
    assert (status, answer["error"]) == (200, "unknown_method")
    assert "req_method" in answer


async def test_a_get_and_a_post_are_answered_alike_and_a_head_without_a_body(slack, session) -> None:
    for verb in ("GET", "POST"):
        status, _, text = await ask(slack, session, "auth.test", verb=verb)
        assert (status, json.loads(text)["user_id"]) == (200, slack.bot_user_id)
    status, headers, text = await ask(slack, session, "auth.test", verb="HEAD")
    assert (status, text) == (200, "")
    assert headers["Content-Type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize("verb", ["PUT", "PATCH", "DELETE", "PROPFIND"])
async def test_another_verb_is_told_which_there_are(slack, session, verb: str) -> None:
    status, headers, text = await ask(slack, session, "auth.test", verb=verb)
    assert (status, headers["Allow"]) == (405, "GET, HEAD, POST, OPTIONS")
    answer = json.loads(text)
    assert answer["error"] == "method_not_allowed"
    assert verb in answer["response_metadata"]["messages"][0]


async def test_a_browser_is_told_that_it_may_call(slack, session) -> None:
    status, headers, text = await ask(slack, session, "auth.test", verb="OPTIONS")
    assert (status, text, headers["Access-Control-Allow-Origin"]) == (200, "", "*")
    assert "POST" in headers["Access-Control-Allow-Methods"]


async def test_every_answer_has_an_id_of_its_own_a_date_and_ok_at_the_beginning(slack, session) -> None:
    seen = set()
    for method in ("auth.test", "chat.postMessage", "no.such.method", "search.all"):
        _, headers, text = await ask(slack, session, method)
        seen.add(headers["X-Slack-Req-Id"])
        assert re.fullmatch("[0-9a-f]{32}", headers["X-Slack-Req-Id"])
        assert headers["Date"].endswith("GMT")
        assert text.startswith('{"ok":')
    assert len(seen) == 4


async def test_an_answer_in_lines_says_the_same(slack, session) -> None:
    _, _, pretty = await ask(slack, session, "auth.test?pretty=1")
    _, _, plain = await ask(slack, session, "auth.test?pretty=0")
    assert pretty.startswith('{\n    "ok": true,\n')
    assert "\n" not in plain
    assert json.loads(pretty) == json.loads(plain)


async def test_what_is_not_simulated_names_the_method_whatever_the_token(call: Caller) -> None:
    for token in ("bot", "app", "nonsense", None):
        answer = await call("search.all", token=token)
        assert answer["error"] == "not_simulated"
        assert "search.all" in answer["response_metadata"]["messages"][0]


async def test_the_token_in_the_header_comes_first(slack, session) -> None:
    _, _, text = await ask(slack, session, f"auth.test?token={slack.app_token}", data={"token": "xoxb-other"})
    assert json.loads(text)["user_id"] == slack.bot_user_id
    form = {"token": slack.bot_token}
    _, _, text = await ask(slack, session, "auth.test", data=form, headers={"Authorization": "Basic eDp5"})
    assert json.loads(text)["user_id"] == slack.bot_user_id
    _, _, text = await ask(slack, session, "auth.test", headers={"Authorization": "Bearer "})
    assert json.loads(text)["error"] == "not_authed"


async def test_documents_may_be_text_or_objects(slack, session) -> None:
    channel = slack.workspace.add_channel("ops", bot=True)
    blocks = [{"type": "divider", "block_id": "a"}]
    metadata = {"event_type": "kept", "event_payload": {"number": 1.5}}
    for body in (
        {"blocks": blocks, "metadata": metadata},
        {"blocks": json.dumps(blocks), "metadata": json.dumps(metadata)},
    ):
        answer = await send_json(
            slack, session, "chat.postMessage", {"channel": channel.id, "text": "x", **body}
        )
        assert answer["ok"], answer
        assert answer["message"]["blocks"] == blocks
        assert slack.workspace.messages("ops")[-1].metadata == metadata


async def test_form_with_a_charset_and_the_methods_own_warning_are_both_told(slack, session) -> None:
    channel = slack.workspace.channel("random").id
    kind = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    for expected in (["superfluous_charset"], ["already_in_channel", "superfluous_charset"]):
        _, _, text = await ask(slack, session, "conversations.join", data=f"channel={channel}", headers=kind)
        answer = json.loads(text)
        assert answer["response_metadata"]["warnings"] == expected
        assert answer["warning"] == ",".join(expected)


@pytest.mark.parametrize("value", ['["U1","U2"]', "U1,U2", " U1 , U2 ", ["U1", "U2"]])
def test_a_list_comes_as_json_as_text_with_commas_or_as_it_is(value: Any) -> None:
    facts = FACTS.methods["usergroups.users.update"]
    read = check_arguments(facts, {"usergroup": "S1", "users": value})
    assert read == {"usergroup": "S1", "users": ["U1", "U2"]}


@pytest.mark.parametrize("value", ["[", '{"a": 1}', {"a": 1}, 7, True])
def test_what_is_no_list_is_pointed_at(value: Any) -> None:
    with pytest.raises(Refusal) as refused:
        check_arguments(FACTS.methods["usergroups.users.update"], {"usergroup": "S1", "users": value})
    assert refused.value.messages[0].endswith("[json-pointer:/users]")


def test_several_faults_are_told_together() -> None:
    with pytest.raises(Refusal) as refused:
        check_arguments(FACTS.methods["conversations.create"], {"is_private": "perhaps"})
    assert refused.value.messages == [
        "[ERROR] missing required field: name",
        "[ERROR] must be a boolean [json-pointer:/is_private]",
    ]


def test_an_argument_that_is_null_is_not_there_and_an_empty_one_is() -> None:
    facts = FACTS.methods["conversations.info"]
    assert check_arguments(facts, {"channel": "", "include_locale": None}) == {"channel": ""}
    with pytest.raises(Refusal, match="invalid_arguments"):
        check_arguments(facts, {"channel": None})


async def test_a_file_is_no_text_and_one_that_nobody_asked_for_is_passed_over(slack, session) -> None:
    channel = slack.workspace.add_channel("ops", bot=True)
    for field, expected in {
        "text": "invalid_arguments",
        "blocks": "invalid_arguments",
        "extra": None,
    }.items():
        form = aiohttp.FormData({"channel": channel.id, "text": "x"}, default_to_multipart=True)
        form.add_field(field, b"\x89PNG\xff", filename="x.png")
        _, _, text = await ask(slack, session, "chat.postMessage", data=form)
        assert json.loads(text).get("error") == expected
    form = aiohttp.FormData({"foo": "bar"}, default_to_multipart=True)
    form.add_field("picture", b"\x89PNG\xff", filename="x.png")
    _, _, text = await ask(slack, session, "api.test", data=form)
    assert json.loads(text) == {"ok": True, "args": {"foo": "bar"}}


async def test_a_number_that_json_does_not_know_is_no_json(slack, session) -> None:
    channel = slack.workspace.add_channel("ops", bot=True)
    for number in ("1e999", "-Infinity", "NaN"):
        body = f'{{"channel": "{channel.id}", "text": "x", "metadata": {{"a": {number}}}}}'
        _, _, text = await ask(slack, session, "chat.postMessage", data=body, headers={"Content-Type": JSON})
        assert json.loads(text)["error"] == "invalid_json"


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"POST /api/chat.postMessage HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nchannel=C1",
        b"POST /api/chat.postMessage HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
        b"POST /api/chat.postMessage HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 4\r\n\r\nabcd",
        b"POST /api/files.upload HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data\r\n"
        b"Content-Length: 4\r\n\r\nabcd",
        b"GET /api/auth.test?token=%FF%FE&a=%zz HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01",
    ],
)
async def test_a_broken_request_harms_nobody_else(slack, call: Caller, caplog, request_bytes: bytes) -> None:
    port = int(slack.url.rsplit(":", 1)[1])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request_bytes)
    await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    assert not re.match(rb"HTTP/1.1 5", answer), answer
    await call.ok("auth.test")
    assert not [record for record in caplog.records if record.name.startswith("pack")]


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(["C0", "U0", "1.2", "1700000000.000000", "[]", "{}", "[{}]", '{"a": [1]}', ",", "-1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize("method", sorted(METHODS.keys() - {"auth.revoke", "apps.connections.open"}))
async def test_no_arguments_whatever_make_a_method_fail(slack, session, method: str) -> None:
    names = sorted(FACTS.methods[method].arguments)
    channel = slack.workspace.add_channel("ops", bot=True)
    posted = slack.workspace.say("ops", "here", user="ada")
    real = st.sampled_from([channel.id, "U0FLYTEPACK", posted.ts, "ops"])
    bodies: list[dict[str, Any]] = []

    @settings(max_examples=12, deadline=None, derandomize=True, database=None)
    @given(st.fixed_dictionaries({}, optional=dict.fromkeys(names, VALUES | real)))
    def collect(body: dict[str, Any]) -> None:
        bodies.append(body)

    collect()
    for body in bodies:
        if FACTS.methods[method].json:
            answer = await send_json(slack, session, method, body)
        else:
            form = {
                key: value if isinstance(value, str) else json.dumps(value) for key, value in body.items()
            }
            kind = {"Content-Type": "application/x-www-form-urlencoded"}
            data = urlencode(form, errors="replace")
            _, _, text = await ask(slack, session, method, data=data, headers=kind)
            answer = json.loads(text)
        assert answer.get("error") != "fatal_error", (body, answer)
