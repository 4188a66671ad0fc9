"""Where elements can stand, and what a person cannot do with them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.sandbox.slack.interaction.conftest import interaction, option, plain

YES = {"type": "button", "action_id": "yes", "text": plain("Yes"), "value": "1"}
ACTIONS = {"type": "actions", "block_id": "b", "elements": [YES]}


@pytest.fixture
async def click(do, connect):
    """Use an element as a person, acknowledge it as the app; returns the payload."""
    socket = await connect()

    async def clicking(**body: Any) -> dict[str, Any]:
        doing = asyncio.create_task(do("click", **body))
        frame = await interaction(socket)
        await socket.acknowledge(frame)
        assert (await doing)["accepted"]
        return frame["payload"]

    return clicking


async def test_a_button_below_an_attachment_tells_which_one(click, call, general) -> None:
    attachments = [{"text": "first"}, {"blocks": [ACTIONS]}]
    await call.ok("chat.postMessage", channel=general, text="?", attachments=attachments)
    payload = await click(element="yes")
    assert payload["container"]["type"] == "message_attachment"
    assert payload["container"]["attachment_id"] == 2
    assert payload["container"]["is_app_unfurl"] is False


async def test_a_button_in_a_thread_tells_the_thread(click, call, slack, general) -> None:
    root = slack.workspace.say(general, "root")
    await call.ok("chat.postMessage", channel=general, text="?", blocks=[ACTIONS], thread_ts=root.ts)
    assert (await click(element="Yes", block_id="b"))["container"]["thread_ts"] == root.ts


async def test_feedback_buttons_are_clicked_by_text_or_value(click, refused, call, general) -> None:
    element = {
        "type": "feedback_buttons",
        "action_id": "rate",
        "positive_button": {"text": plain("Good"), "value": "up"},
        "negative_button": {"text": plain("Bad"), "value": "down"},
    }
    blocks = [{"type": "context_actions", "block_id": "c", "elements": [element]}]
    await call.ok("chat.postMessage", channel=general, text="?", blocks=blocks)
    for given, value in (("Good", "up"), ("down", "down")):
        action = (await click(element="rate", value=given))["actions"][0]
        assert (action["type"], action["value"]) == ("feedback_buttons", value)
    assert "by its value or text" in (await refused("click", element="rate"))["message"]


async def test_what_a_menu_does_not_take_is_explained(refused, call, general) -> None:
    menus = [
        {"type": "users_select", "action_id": "who", "placeholder": plain("Who")},
        {"type": "channels_select", "action_id": "where", "placeholder": plain("Where")},
        {"type": "overflow", "action_id": "more", "options": [option("a"), option("b")]},
        {"type": "datepicker", "action_id": "when"},
    ]
    blocks = [{"type": "actions", "block_id": "b", "elements": menus}]
    await call.ok("chat.postMessage", channel=general, text="?", blocks=blocks)
    for element, given, why in (
        ("Who", "zoe", "There is no user zoe"),
        ("Where", "#none", "There is no channel #none"),
        ("more", "c", "There is no option c; there are: a (A), b (B)"),
        ("more", None, "say which option"),
        ("when", "tomorrow", "Must be a date"),
    ):
        assert why in (await refused("click", element=element, value=given))["message"]


async def test_a_menu_of_an_attachment_names_its_options(refused, call, general) -> None:
    menu = {"name": "list", "text": "…", "type": "select", "options": [{"text": "Go", "value": "go"}]}
    attachments = [{"text": "choose", "callback_id": "game", "actions": [menu]}]
    await call.ok("chat.postMessage", channel=general, text="?", attachments=attachments)
    assert "there are: go" in (await refused("click", element="list", value="chess"))["message"]


async def test_a_click_that_nobody_hears_of_is_shown_as_failed(do, call, general, session, slack) -> None:
    await call.ok("chat.postMessage", channel=general, text="?", blocks=[ACTIONS])
    answer = await do("click", element="yes")
    assert (answer["accepted"], answer["reason"]) == (False, "dispatch_failed")
    assert answer["shown"] == [{"kind": "error", "text": "Yes did not work (dispatch_failed)"}]
    home = {"type": "home", "blocks": [ACTIONS]}
    ada = slack.workspace.user("ada").id
    await call.ok("views.publish", user_id=ada, view=home)
    assert (await do("click", element="yes", home=True))["reason"] == "dispatch_failed"


async def test_nobody_clicks_where_nobody_can_look(refused, slack) -> None:
    slack.workspace.join("incidents", slack.bot_user_id, inviter="ada")
    slack.workspace.post(
        slack.workspace.channel("incidents"), "?", user=slack.bot_user_id, fields={"blocks": [ACTIONS]}
    )
    assert "ada sees no" in (await refused("click", element="no"))["message"]
    assert "bob sees no yes" in (await refused("click", element="yes", user="bob"))["message"]
    answer = await refused("click", element="yes", channel="incidents", user="bob")
    assert answer["error"] == "not_in_channel"


async def test_the_topmost_modal_is_used_before_messages_and_a_lower_one_cannot_be_sent(
    click, call, slack, general, refused
) -> None:
    await call.ok("chat.postMessage", channel=general, text="?", blocks=[ACTIONS])
    view = {"type": "modal", "title": plain("T"), "submit": plain("Go"), "blocks": [ACTIONS]}
    ada = slack.workspace.user("ada").id
    trigger = slack.interactions.triggers.issue(ada)
    root = (await call.ok("views.open", trigger_id=trigger, view=view))["view"]
    payload = await click(element="yes")
    assert payload["container"] == {"type": "view", "view_id": root["id"]}
    assert (await click(element="yes", channel="general"))["container"]["type"] == "message"
    pushed = {"type": "modal", "title": plain("U"), "blocks": []}
    await call.ok("views.push", trigger_id=payload["trigger_id"], view=pushed)
    assert "is not the topmost" in (await refused("submit", view_id=root["id"]))["message"]
    assert "has no submit button" in (await refused("submit"))["message"]
    other = await refused("submit", view_id=root["id"], user="bob")
    assert other["error"] == "view_not_found"


async def test_a_form_is_filled_in_by_block_and_action_and_emptied_by_nothing(
    do, refused, call, slack
) -> None:
    menu = {"type": "static_select", "action_id": "stage", "options": [option("prod"), option("test")]}
    people = {"type": "multi_users_select", "action_id": "who", "max_selected_items": 1}
    blocks = [
        {"type": "actions", "block_id": "several", "elements": [menu, YES]},
        {"type": "input", "block_id": "people", "label": plain("People"), "element": people},
    ]
    view = {"type": "modal", "title": plain("T"), "submit": plain("Go"), "blocks": blocks}
    trigger = slack.interactions.triggers.issue(slack.workspace.user("ada").id)
    await call.ok("views.open", trigger_id=trigger, view=view)
    answer = await do("submit", values={"several": {"stage": "prod"}, "people": ["bob", "carol"]})
    assert (answer["reason"], list(answer["errors"])) == ("invalid_input", ["people"])
    held = answer["view"]["state"]["values"]["several"]["stage"]
    assert held["selected_option"]["value"] == "prod"
    answer = await do("submit", values={"stage": None})
    assert answer["errors"] == {"people": "Please complete this required field."}
    assert answer["view"]["state"]["values"]["several"]["stage"]["selected_option"] is None
    wrong = (await refused("submit", values={"nothing": 1}))["message"]
    assert wrong == "the view has no input nothing; there are: several (stage), people (People)"


async def test_commands_are_typed_to_the_bot_as_well(do, connect, slack) -> None:
    socket = await connect()
    doing = asyncio.create_task(do("slash", channel="@flyte", command="/help", user="bob"))
    frame = await interaction(socket)
    await socket.acknowledge(frame, text="at your service")
    answer = await doing
    assert frame["payload"]["channel_name"] == "directmessage"
    assert frame["payload"]["channel_id"] == slack.workspace.add_im("bob").id
    assert [shown["text"] for shown in answer["shown"]] == ["at your service"]


async def test_an_old_trigger_is_forgotten_in_the_end(slack, call) -> None:
    ada = slack.workspace.user("ada").id
    old = slack.interactions.triggers.issue(ada)
    view = {"type": "modal", "title": plain("T"), "blocks": []}
    slack.clock.advance(3_000)
    assert await call.error("views.open", trigger_id=old, view=view) == "expired_trigger_id"
    slack.clock.advance(3_000)
    slack.interactions.triggers.issue(ada)
    assert await call.error("views.open", trigger_id=old, view=view) == "invalid_trigger_id"
