"""What an app posts to a ``response_url``."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tests.sandbox.slack.interaction.conftest import interaction, plain

BUTTON = {"type": "button", "action_id": "yes", "text": plain("Yes"), "value": "1"}
BLOCKS = [{"type": "actions", "block_id": "b", "elements": [BUTTON]}]


@pytest.fixture
def post(session):
    async def posting(url: str, body: Any) -> tuple[int, Any]:
        data = body if isinstance(body, (str, bytes)) else json.dumps(body)
        async with session.post(url, data=data, headers={"Content-Type": "application/json"}) as answer:
            text = await answer.text()
            return answer.status, text if answer.content_type == "text/plain" else json.loads(text)

    return posting


@pytest.fixture
def ada(slack) -> str:
    return slack.workspace.user("ada").id


@pytest.fixture
def message(slack, general):
    fields = {"blocks": BLOCKS, "bot_id": slack.bot_id}
    return slack.workspace.post(
        slack.workspace.channel(general), "ok?", user=slack.bot_user_id, fields=fields
    )


async def test_it_is_good_for_five_answers(slack, post, general, ada) -> None:
    url = slack.interactions.response_urls.issue("commands", general, ada)
    for number in range(5):
        assert await post(url, {"text": f"answer {number}"}) == (200, "ok")
    assert await post(url, {"text": "once more"}) == (404, {"ok": False, "error": "used_url"})
    assert len(slack.world.ephemerals.seen_by(ada, general)) == 5


async def test_it_is_good_for_half_an_hour(slack, post, general, ada) -> None:
    url = slack.interactions.response_urls.issue("actions", general, ada)
    slack.clock.advance(1_799)
    assert await post(url, {"text": "just in time"}) == (200, {"ok": True})
    slack.clock.advance(2)
    assert await post(url, {"text": "late"}) == (404, {"ok": False, "error": "expired_url"})


async def test_a_refused_answer_is_not_counted_and_told_as_slack_tells_it(slack, post, general, ada) -> None:
    url = slack.interactions.response_urls.issue("actions", general, ada)
    assert await post(url, {}) == (400, {"ok": False, "error": "no_text"})
    assert await post(url, "no json {") == (400, {"ok": False, "error": "invalid_payload"})
    assert await post(url, "[1]") == (400, {"ok": False, "error": "invalid_payload"})
    assert await post(url, '{"text": ') == (400, {"ok": False, "error": "invalid_payload"})
    assert await post(url, b"\xff\xfe") == (400, {"ok": False, "error": "invalid_payload"})
    status, answer = await post(url, {"blocks": [{"type": "nonsense"}]})
    assert (status, answer["error"]) == (400, "invalid_blocks")
    assert answer["response_metadata"]["messages"]
    assert await post(f"{slack.url}/actions/T1/2/3", {"text": "x"}) == (
        404,
        {"ok": False, "error": "invalid_url"},
    )
    for _ in range(5):
        assert (await post(url, {"text": "x"}))[0] == 200


async def test_forms_are_read_as_well(slack, session, general, ada) -> None:
    url = slack.interactions.response_urls.issue("commands", general, ada)
    for form in ({"text": "plain"}, {"payload": json.dumps({"text": "wrapped"})}):
        async with session.post(url, data=form) as answer:
            assert await answer.text() == "ok"
    assert [message.text for message in slack.world.ephemerals.seen_by(ada)] == ["plain", "wrapped"]


async def test_an_answer_to_the_channel_is_a_message_of_the_bot_and_may_be_a_reply(
    slack, post, general, ada
) -> None:
    root = slack.workspace.say(general, "root")
    url = slack.interactions.response_urls.issue("commands", general, ada)
    await post(url, {"text": "hello *all*", "response_type": "in_channel", "thread_ts": root.ts})
    answer = slack.workspace.messages(general)[-1]
    assert (answer.thread_ts, answer.user) == (root.ts, slack.bot_user_id)
    assert answer.fields["bot_id"] == slack.bot_id
    assert answer.fields["blocks"][0]["type"] == "rich_text"


async def test_the_original_is_replaced_or_deleted(slack, post, general, ada, message) -> None:
    url = slack.interactions.response_urls.issue("actions", general, ada, message_ts=message.ts)
    await post(url, {"text": "beside it"})
    assert message.text == "ok?"
    await post(url, {"text": "done", "replace_original": "true"})
    assert slack.workspace.message(general, message.ts).text == "done"
    assert [block["type"] for block in message.fields["blocks"]] == ["rich_text"]
    await post(url, {"attachments": [{"text": "instead"}], "replace_original": True})
    assert (message.text, "blocks" in message.as_json()) == ("", False)
    assert message.fields["attachments"][0]["text"] == "instead"
    await post(url, {"delete_original": True})
    assert slack.workspace.channel(general).timeline.get(message.ts) is None
    assert await post(url, {"delete_original": True}) == (404, {"ok": False, "error": "message_not_found"})


async def test_an_ephemeral_original_is_replaced_and_deleted_too(
    slack, post, general, ada, connect, do
) -> None:
    socket = await connect()
    command = slack.interactions.response_urls.issue("commands", general, ada)
    await post(command, {"text": "ok?", "blocks": BLOCKS})
    clicking = asyncio.create_task(do("click", element="Yes", channel="general"))
    frame = await interaction(socket)
    await socket.acknowledge(frame)
    assert (await clicking)["accepted"]
    payload = frame["payload"]
    assert payload["container"]["is_ephemeral"] is True
    assert "message" not in payload
    await post(payload["response_url"], {"text": "done", "replace_original": True})
    assert [shown.text for shown in slack.world.ephemerals.seen_by(ada)] == ["done"]
    await post(payload["response_url"], {"delete_original": True})
    assert slack.world.ephemerals.seen_by(ada) == []


async def test_its_address_is_the_one_by_which_the_app_came(slack, session, general, ada) -> None:
    assert slack.interactions.response_urls.issue("actions", general, ada).startswith(slack.url)
    headers = {"Authorization": f"Bearer {slack.app_token}", "Host": "slack.test:8081"}
    async with session.post(f"{slack.api_url}apps.connections.open", headers=headers) as answer:
        assert (await answer.json())["ok"]
    url = slack.interactions.response_urls.issue("actions", general, ada)
    assert url.startswith("http://slack.test:8081/actions/")
