"""What people do with their messages, by the control API."""

from __future__ import annotations

from typing import Any

import pytest

from pack.sandbox.slack import SimulatedSlack


@pytest.fixture
def act(slack: SimulatedSlack, session):
    async def acting(name: str, /, **body: Any) -> dict[str, Any]:
        async with session.post(f"{slack.url}/sandbox/{name}", json=body) as response:
            answer: dict[str, Any] = await response.json()
            return answer

    return acting


async def test_what_is_typed_is_worded_as_slacks_client_does_it(slack, act) -> None:
    answer = await act("say", channel="general", text="@flyte a & b in #random")
    message = slack.workspace.message("general", answer["ts"])
    random = slack.workspace.channel("random").id
    assert message.text == f"<@{slack.bot_user_id}> a &amp; b in <#{random}|random>"
    assert message.fields["blocks"][0]["type"] == "rich_text"


async def test_people_post_blocks_and_change_and_delete_what_they_said(slack, act) -> None:
    block = {"type": "section", "text": {"type": "mrkdwn", "text": "x"}}
    said = await act("say", channel="general", text="x", user="bob", blocks=[block])
    place = {"channel": "general", "ts": said["ts"]}
    message = slack.workspace.message(**place)
    assert message.fields["blocks"][0]["type"] == "section"
    assert (await act("edit", **place, text="y", user="ada"))["error"] == "cant_update_message"
    assert (await act("delete", **place, user="ada"))["error"] == "cant_delete_message"
    assert (await act("edit", **place, text=" "))["error"] == "no_text"
    assert await act("edit", **place, text="a > b") == {"ok": True}
    assert (message.text, message.edited["user"]) == ("a &gt; b", slack.workspace.user("bob").id)
    assert await act("delete", **place) == {"ok": True}
    assert (await act("delete", **place))["error"] == "message_not_found"


async def test_the_blocks_of_a_text_follow_its_changes(slack, act) -> None:
    said = await act("say", channel="general", text="before")
    await act("edit", channel="general", ts=said["ts"], text="after")
    blocks = slack.workspace.message("general", said["ts"]).fields["blocks"]
    assert blocks[0]["elements"][0]["elements"] == [{"type": "text", "text": "after"}]


async def test_a_reaction_can_be_taken_back(slack, act) -> None:
    place = {"channel": "general", "ts": (await act("say", channel="general", text="x"))["ts"]}
    await act("react", **place, name="eyes", user="bob")
    assert (await act("unreact", **place, name="eyes", user="ada"))["error"] == "no_reaction"
    assert await act("unreact", **place, name="eyes", user="bob") == {"ok": True}
    assert slack.workspace.message(**place).reactions == {}


async def test_the_app_registers_domains_and_kinds_of_metadata(slack, act) -> None:
    assert await act("unfurl-domains", domains=["Example.com "]) == {"ok": True, "domains": ["example.com"]}
    assert slack.world.notices.domain_of("https://docs.example.com/x") == "example.com"
    assert slack.world.notices.domain_of("https://badexample.com/x") is None
    assert await act("metadata-subscriptions", subscriptions=[{"event_type": "deployed"}]) == {"ok": True}
    assert slack.world.notices.metadata_subscriptions == {("*", "deployed")}
    await act("reset")
    assert slack.world.notices.unfurl_domains == set()
