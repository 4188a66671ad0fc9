"""The payloads on the wire, and what comes of acknowledgements that Slack does not take."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.sandbox.slack.interaction.conftest import interaction, option, plain

SHORT = plain("Deploy")


class Hand:
    """An app driven by hand: a person does something, the app answers with a payload."""

    def __init__(self, do, socket) -> None:
        self.do = do
        self.socket = socket

    async def __call__(
        self, action: str, acknowledgement: Any = None, **body: Any
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        doing = asyncio.create_task(self.do(action, **body))
        frame = await interaction(self.socket)
        answer = {"envelope_id": frame["envelope_id"]}
        if acknowledgement is not None:
            answer["payload"] = acknowledgement
        await self.socket.socket.send_json(answer)
        return frame, await doing


@pytest.fixture
async def hand(do, connect) -> Hand:
    return Hand(do, await connect())


@pytest.fixture
def channel(slack):
    return slack.workspace.add_channel("ops", members=["ada", "bob"], private=True)


def modal(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "modal", "title": SHORT, "submit": SHORT, "blocks": list(blocks), **more}


def entry(block_id: str, kind: str, optional: bool = False, **more: Any) -> dict[str, Any]:
    element = {"type": kind, "action_id": "a", **more}
    label = plain(block_id.title())
    return {
        "type": "input",
        "block_id": block_id,
        "label": label,
        "element": element,
        "optional": optional,
    }


async def opened(slack, call, view, user="ada", **trigger) -> dict[str, Any]:
    trigger_id = slack.interactions.triggers.issue(slack.workspace.user(user).id, **trigger)
    return (await call.ok("views.open", trigger_id=trigger_id, view=view))["view"]


async def test_a_slash_command_says_where_and_by_whom_it_was_typed(hand, slack, channel) -> None:
    frame, _ = await hand("slash", channel="ops", command="/deploy", text="the shop", user="bob")
    bob = slack.workspace.user("bob")
    payload = frame["payload"]
    assert (frame["type"], frame["accepts_response_payload"]) == ("slash_commands", True)
    trigger, url = payload.pop("trigger_id"), payload.pop("response_url")
    assert [len(part) > 0 for part in trigger.split(".")] == [True] * 3
    assert url.startswith(f"{slack.url}/commands/{slack.team_id}/")
    assert payload == {
        "token": "sandbox-verification-token",
        "team_id": slack.team_id,
        "team_domain": "flyte-sandbox",
        "channel_id": channel.id,
        "channel_name": "privategroup",
        "user_id": bob.id,
        "user_name": "bob",
        "command": "/deploy",
        "text": "the shop",
        "api_app_id": slack.app_id,
        "is_enterprise_install": "false",
    }


async def test_an_answer_in_the_channel_shares_the_command_that_was_typed(hand, slack, channel) -> None:
    typed = {"channel": "ops", "command": "/deploy", "text": "a & <b> @flyte", "user": "bob"}
    _, answer = await hand("slash", {"response_type": "in_channel", "text": "on its way"}, **typed)
    said = [(message.user, message.text) for message in slack.workspace.messages(channel)]
    bob = slack.workspace.user("bob").id
    shared = (bob, "/deploy a &amp; &lt;b&gt; @flyte")
    assert said == [shared, (slack.bot_user_id, "on its way")]
    assert [shown["text"] for shown in answer["shown"]] == ["on its way"]
    await hand("slash", {"response_type": "in_channel"}, channel="ops", command="/only", user="bob")
    assert [message.text for message in slack.workspace.messages(channel)][2:] == ["/only"]
    for body in ({"text": "ephemeral"}, {"response_type": "in_channel", "blocks": [{"type": "nonsense"}]}):
        await hand("slash", body, **typed)
    assert len(slack.workspace.messages(channel)) == 3


async def test_what_is_not_answered_in_three_seconds_failed(do, slack, connect) -> None:
    socket = await connect()
    doing = asyncio.create_task(do("slash", channel="general", command="slow"))
    await interaction(socket)
    slack.clock.advance(3.1)
    answer = await doing
    assert (answer["accepted"], answer["reason"]) == (False, "operation_timeout")
    assert answer["shown"] == [{"kind": "error", "text": '/slow failed with the error "operation_timeout"'}]


async def test_without_an_app_it_fails_at_once(do, slack, call) -> None:
    answer = await do("slash", channel="general", command="x")
    assert (answer["accepted"], answer["reason"]) == (False, "dispatch_failed")
    assert (await do("shortcut", callback_id="x"))["reason"] == "dispatch_failed"
    view = await opened(slack, call, modal())
    answer = await do("submit")
    assert (answer["reason"], answer["view"]["id"]) == ("dispatch_failed", view["id"])
    assert "trouble connecting" in answer["view"]["notice"]


async def test_slash_commands_are_refused_in_threads_and_closed_places(do, refused, slack) -> None:
    root = slack.workspace.say("general", "root")
    answer = await do("slash", channel="general", command="x", thread_ts=root.ts)
    assert (answer["reason"], answer["sent"]) == ("not_supported_in_threads", False)
    assert (await refused("slash", channel="incidents", command="x", user="bob"))["error"] == "not_in_channel"
    slack.workspace.archive("random")
    assert (await refused("slash", channel="random", command="x"))["error"] == "is_archived"
    assert (await refused("slash", channel="general", command="two words"))["error"] == "invalid_arguments"


@pytest.mark.parametrize("nonsense", [[1], 7, {"response_type": "in_channel"}, {}])
async def test_an_answer_without_anything_to_show_shows_nothing(hand, nonsense) -> None:
    _, answer = await hand("slash", nonsense, channel="general", command="x")
    assert (answer["accepted"], answer["shown"]) == (True, [])


async def test_an_answer_that_cannot_be_shown_is_told_to_the_person(hand) -> None:
    _, answer = await hand("slash", {"blocks": [{"type": "no"}]}, channel="general", command="x")
    assert (answer["accepted"], answer["reason"]) == (False, "invalid_blocks")


STATEFUL = [
    (
        "static_select",
        {"options": [option("a"), option("b", "Bee")]},
        "Bee",
        "selected_option",
        option("b", "Bee"),
    ),
    ("users_select", {}, "bob", "selected_user", "bob"),
    ("multi_channels_select", {}, ["#general"], "selected_channels", ["general"]),
    ("datepicker", {}, "2026-12-24", "selected_date", "2026-12-24"),
    ("timepicker", {}, "09:30", "selected_time", "09:30"),
    ("datetimepicker", {}, 1_700_000_000, "selected_date_time", 1_700_000_000),
    ("checkboxes", {"options": [option("a"), option("b")]}, ["b"], "selected_options", [option("b")]),
    ("radio_buttons", {"options": [option("a"), option("b")]}, "a", "selected_option", option("a")),
]


@pytest.mark.parametrize(("kind", "fields", "given", "key", "value"), STATEFUL, ids=lambda one: str(one)[:20])
async def test_a_choice_is_in_the_action_and_in_the_state(
    hand, slack, channel, call, kind, fields, given, key, value
) -> None:
    slack.workspace.join(channel, slack.bot_user_id, inviter="ada")
    element = {"type": kind, "action_id": "pick", **fields}
    blocks = [{"type": "actions", "block_id": "b", "elements": [element]}]
    await call.ok("chat.postMessage", channel=channel.id, text="?", blocks=blocks)
    frame, answer = await hand("click", element="pick", value=given, channel="ops")
    assert answer["accepted"]
    payload = frame["payload"]
    ids = {"bob": slack.workspace.user("bob").id, "general": slack.workspace.channel("general").id}
    expected = (
        [ids.get(one, one) if isinstance(one, str) else one for one in value]
        if isinstance(value, list)
        else (ids.get(value, value) if isinstance(value, str) else value)
    )
    held = payload["state"]["values"]["b"]["pick"]
    assert payload["actions"][0]["type"] == held["type"] == kind
    for found in (payload["actions"][0][key], held[key]):
        assert _bare(found) == _bare(expected)


def _bare(value: Any) -> Any:
    """Leave out what Slack adds to texts."""
    if isinstance(value, dict):
        return {name: _bare(item) for name, item in value.items() if name != "emoji"}
    return [_bare(item) for item in value] if isinstance(value, list) else value


async def test_an_overflow_menu_carries_its_option_and_has_no_state(hand, slack, general, call) -> None:
    menu = {"type": "overflow", "action_id": "more", "options": [option("edit"), option("drop")]}
    blocks = [{"type": "section", "block_id": "b", "text": plain("x"), "accessory": menu}]
    await call.ok("chat.postMessage", channel=general, text="?", blocks=blocks)
    frame, _ = await hand("click", element="more", value="Drop", channel="general")
    assert frame["payload"]["actions"][0]["selected_option"]["value"] == "drop"
    assert frame["payload"]["state"] == {"values": {}}


async def test_what_is_not_there_is_named_with_what_there_is(refused, slack, general, call) -> None:
    menu = {"type": "static_select", "action_id": "stage", "options": [option("prod")]}
    blocks = [{"type": "actions", "block_id": "b", "elements": [menu]}]
    posted = await call.ok("chat.postMessage", channel=general, text="?", blocks=blocks)
    message = (await refused("click", element="nothing", channel="general"))["message"]
    assert message == "ada sees no nothing there, but: stage"
    message = (await refused("click", element="stage", value="test"))["message"]
    assert "prod" in message
    assert (await refused("click", element="stage", ts=posted["ts"]))["error"] == "invalid_arguments"
    wrong = await refused("click", element="stage", channel="general", ts="1.1")
    assert wrong["error"] == "message_not_found"
    assert (await refused("click", element="stage", view_id="V1"))["error"] == "view_not_found"
    assert (await refused("options", element="stage", typed="x"))["error"] == "invalid_arguments"


async def test_an_input_without_dispatch_action_is_only_filled_in(do, slack, call) -> None:
    view = await opened(slack, call, modal(entry("name", "plain_text_input")))
    answer = await do("click", element="Name", value="shop")
    assert (answer["accepted"], answer["sent"]) == (True, False)
    assert answer["view"]["id"] == view["id"]
    assert answer["view"]["state"]["values"]["name"]["a"]["value"] == "shop"


async def test_an_action_in_a_modal_carries_the_view_and_a_trigger_to_push_with(hand, slack, call) -> None:
    button = {"type": "button", "action_id": "more", "text": plain("More")}
    view = modal(entry("name", "plain_text_input"), {"type": "actions", "elements": [button]})
    root = await opened(slack, call, view)
    await hand.do("click", element="Name", value="shop")
    frame, _ = await hand("click", element="More")
    payload = frame["payload"]
    assert payload["container"] == {"type": "view", "view_id": root["id"]}
    assert payload["view"]["state"]["values"]["name"]["a"]["value"] == "shop"
    assert not payload.keys() & {"channel", "message", "response_url", "state"}
    pushed = await call.ok("views.push", trigger_id=payload["trigger_id"], view=modal())
    assert pushed["view"]["previous_view_id"] == root["id"]


async def test_what_was_entered_stays_when_the_app_changes_the_view(do, slack, call) -> None:
    root = await opened(slack, call, modal(entry("name", "plain_text_input"), entry("x", "url_text_input")))
    assert root["state"] == {"values": {}}
    await do("click", element="Name", value="shop")
    changed = modal(entry("name", "plain_text_input"), entry("x", "email_text_input"))
    updated = await call.ok("views.update", view_id=root["id"], view=changed, hash=root["hash"])
    values = updated["view"]["state"]["values"]
    assert values["name"]["a"]["value"] == "shop"
    assert values["x"]["a"] == {"type": "email_text_input", "value": None}
    assert (updated["view"]["id"], updated["view"]["hash"] == root["hash"]) == (root["id"], False)


async def test_slack_itself_refuses_an_incomplete_form(do, slack, call) -> None:
    blocks = [
        entry("name", "plain_text_input", min_length=3),
        entry("mail", "email_text_input", optional=True),
        entry("note", "plain_text_input", optional=True),
    ]
    await opened(slack, call, modal(*blocks))
    answer = await do("submit", values={"mail": "nobody"})
    assert (answer["accepted"], answer["reason"], answer["sent"]) == (False, "invalid_input", False)
    assert set(answer["errors"]) == {"name", "mail"}


@pytest.mark.parametrize(
    "nonsense",
    [
        {"response_action": "errors"},
        {"response_action": "errors", "errors": {"nowhere": "x"}},
        {"response_action": "errors", "errors": {"name": 7}},
        {"response_action": "update"},
        {"response_action": "push", "view": {"type": "home", "blocks": []}},
        {"response_action": "explode"},
        {"text": "thanks"},
        "thanks",
        [1],
    ],
)
async def test_an_answer_that_slack_does_not_take_leaves_the_modal_open(hand, slack, call, nonsense) -> None:
    view = await opened(slack, call, modal(entry("name", "plain_text_input")))
    _, answer = await hand("submit", nonsense, values={"name": "x"})
    assert (answer["accepted"], answer["reason"]) == (False, "invalid_response")
    assert answer["view"]["id"] == view["id"]
    assert answer["view"]["notice"].startswith("We had some trouble connecting")


async def test_a_submission_opens_an_address_for_the_conversation_that_was_chosen(
    hand, slack, call, general, session
) -> None:
    chooser = entry(
        "where",
        "conversations_select",
        response_url_enabled=True,
        default_to_current_conversation=True,
    )
    await opened(slack, call, modal(chooser), channel_id=general)
    frame, _ = await hand("submit")
    (given,) = frame["payload"]["response_urls"]
    assert (given["block_id"], given["action_id"], given["channel_id"]) == ("where", "a", general)
    async with session.post(given["response_url"], json={"text": "done"}) as answer:
        assert await answer.json() == {"ok": True}
    assert slack.world.ephemerals.seen_by(slack.workspace.user("ada").id)[0].channel == general


async def test_a_disabled_button_works_once_something_was_entered(hand, refused, slack, call) -> None:
    text = entry("note", "plain_text_input", optional=True, initial_value="as it was")
    view = await opened(slack, call, modal(text, submit_disabled=True))
    assert view["submit_disabled"] is True
    assert "is disabled until something is entered" in (await refused("submit"))["message"]
    _, answer = await hand("submit", values={"Note": "new"})
    assert answer["accepted"]


async def test_a_form_that_is_being_sent_cannot_be_sent_again(do, refused, connect, slack, call) -> None:
    socket = await connect()
    await opened(slack, call, modal(entry("name", "plain_text_input")))
    doing = asyncio.create_task(do("submit", values={"name": "x"}))
    frame = await interaction(socket)
    assert "is being sent" in (await refused("submit", values={"name": "y"}))["message"]
    errors = {"response_action": "errors", "errors": {"name": "no"}}
    await socket.acknowledge(frame, **errors)
    assert (await doing)["reason"] == "errors"
    doing = asyncio.create_task(do("submit", values={"name": "z"}))
    await socket.acknowledge(await interaction(socket))
    assert (await doing)["accepted"]


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"response_action": "errors", "errors": {"name": "no"}},
        {"response_action": "update", "view": modal(callback_id="new")},
        {"response_action": "push", "view": modal(callback_id="new")},
        {"response_action": "clear"},
        {"response_action": "explode"},
    ],
)
async def test_the_answer_to_a_form_that_was_closed_meanwhile_changes_nothing(
    do, connect, slack, call, answer
) -> None:
    socket = await connect()
    await opened(slack, call, modal(entry("name", "plain_text_input")))
    doing = asyncio.create_task(do("submit", values={"name": "x"}))
    frame = await interaction(socket)
    assert [shown["change"] for shown in (await do("close"))["shown"]] == ["closed"]
    await opened(slack, call, modal(callback_id="another"))
    await socket.acknowledge(frame, **answer)
    told = await doing
    assert (told["accepted"], told["view"]["callback_id"]) == (True, "another")
    assert [shown["change"] for shown in told["shown"]] == ["closed", "opened"]


async def test_the_cross_closes_the_whole_stack_and_tells_those_that_asked(hand, slack, call) -> None:
    root = await opened(slack, call, modal(callback_id="root"))
    trigger = slack.interactions.triggers.issue(slack.workspace.user("ada").id, view_id=root["id"])
    top = modal(callback_id="top", notify_on_close=True)
    await call.ok("views.push", trigger_id=trigger, view=top)
    frame, answer = await hand("close", everything=True)
    assert frame["payload"]["view"]["callback_id"] == "top"
    assert frame["payload"]["is_cleared"] is True
    assert answer["view"] is None
    assert await call.error("views.update", view_id=root["id"], view=modal()) == "not_found"


@pytest.mark.parametrize(
    "nonsense",
    [
        None,
        {},
        {"options": [], "option_groups": []},
        {"options": "many"},
        {"options": [{"text": plain("x")}]},
        {"options": [option("x", "y" * 76)]},
        {"option_groups": [{"options": [option("x")]}]},
        {"option_groups": [{"label": plain("L"), "options": [7]}]},
        {"option_groups": [{"label": plain("L"), "options": []}]},
        {"option_groups": [{"label": "L", "options": [option("x")]}]},
        {"options": [{"text": "bare", "value": "x"}]},
        {"options": [{"text": {"type": "mrkdwn", "text": "*x*"}, "value": "x"}]},
        {"options": [{**option("x"), "description": "bare"}]},
    ],
)
async def test_options_that_slack_does_not_take_are_not_shown(hand, slack, call, nonsense) -> None:
    menu = entry("pick", "external_select", min_query_length=0)
    await opened(slack, call, modal(menu))
    _, answer = await hand("options", nonsense, element="a")
    assert (answer["accepted"], answer["reason"], answer["options"]) == (False, "invalid_response", [])


async def test_options_in_groups_are_offered_and_can_be_submitted(hand, slack, call) -> None:
    menu = entry("pick", "external_select", min_query_length=0)
    await opened(slack, call, modal(menu))
    groups = {"option_groups": [{"label": plain("L"), "options": [option("x"), option("y")]}]}
    frame, answer = await hand("options", groups, element="Pick", typed="q")
    payload = frame["payload"]
    assert (payload["type"], payload["value"], payload["action_id"]) == ("block_suggestion", "q", "a")
    assert [one["value"] for one in answer["options"]] == ["x", "y"]
    frame, answer = await hand("submit", values={"Pick": "y"})
    assert answer["accepted"]
    assert frame["payload"]["view"]["state"]["values"]["pick"]["a"]["selected_option"]["value"] == "y"


async def test_buttons_of_attachments_work_as_they_did(hand, slack, general, call) -> None:
    actions = [
        {"name": "game", "text": "Chess", "type": "button", "value": "chess"},
        {"name": "list", "text": "…", "type": "select", "options": [{"text": "Go", "value": "go"}]},
    ]
    attachment = {"text": "choose", "callback_id": "game", "actions": actions}
    posted = await call.ok("chat.postMessage", channel=general, text="?", attachments=[attachment])
    frame, _ = await hand("click", element="list", value="Go", channel="general")
    assert frame["payload"]["actions"] == [
        {"name": "list", "type": "select", "selected_options": [{"value": "go"}]}
    ]
    frame, answer = await hand("click", {"text": "Chess it is"}, element="Chess", channel="general")
    payload = frame["payload"]
    assert (payload["type"], payload["callback_id"]) == ("interactive_message", "game")
    assert payload["actions"] == [{"name": "game", "type": "button", "value": "chess"}]
    assert payload["original_message"]["ts"] == payload["message_ts"] == posted["ts"]
    assert answer["accepted"]
    assert slack.workspace.message(general, posted["ts"]).text == "Chess it is"


async def test_what_each_person_has_before_them_can_be_read(slack, call, session, general) -> None:
    view = await opened(slack, call, modal(), user="bob")
    ada = slack.workspace.user("ada").id
    home = {"type": "home", "blocks": [{"type": "divider"}]}
    published = (await call.ok("views.publish", user_id=ada, view=home))["view"]
    await call.ok("chat.postEphemeral", channel=general, user=ada, text="psst")
    async with session.get(f"{slack.url}/sandbox/screens") as answer:
        people = {person["name"]: person for person in (await answer.json())["people"]}
    assert [one["id"] for one in people["bob"]["views"]] == [view["id"]]
    assert (people["ada"]["home"]["id"], people["bob"]["home"]) == (published["id"], None)
    assert [(one["text"], one["channel"]) for one in people["ada"]["ephemerals"]] == [("psst", general)]


async def test_a_reset_closes_everything(slack, call, do) -> None:
    await opened(slack, call, modal())
    trigger = slack.interactions.triggers.issue(slack.workspace.user("ada").id)
    await do("reset")
    assert list(slack.interactions.views) == []
    assert await call.error("views.open", trigger_id=trigger, view=modal()) == "invalid_trigger_id"


async def test_without_a_home_tab_nothing_is_published(slack, call, do) -> None:
    home = {"type": "home", "blocks": []}
    ada = slack.workspace.user("ada").id
    await do("home-tab", enabled=False)
    assert await call.error("views.publish", user_id=ada, view=home) == "not_enabled"
    await do("home-tab", enabled=True)
    assert (await call("views.publish", user_id=ada, view=home))["ok"]
    refused = await call("views.publish", user_id="U0", view=home)
    assert refused["response_metadata"]["messages"] == ["invalid `user_id`"]


async def test_what_is_missing_from_a_call_is_named(call) -> None:
    answer = await call("views.open", view=modal())
    assert answer["error"] == "invalid_arguments"
    assert "trigger_id" in answer["response_metadata"]["messages"][0]
    answer = await call("views.update", view=modal())
    assert "view_id" in answer["response_metadata"]["messages"][0]
