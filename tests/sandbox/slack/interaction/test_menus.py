"""What menus offer a person, and what nobody can do with an element."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.sandbox.slack.interaction.conftest import interaction, option, plain


@pytest.fixture
async def choose(slack, call, do, general):
    """Choose in a menu of a form, which is sent incomplete so that only its errors and state are seen."""

    async def choosing(kind: str, chosen: Any, user: str = "ada", **more: Any) -> tuple[str, Any]:
        menu = {"type": kind, "action_id": "a", **more}
        blank = {"type": "plain_text_input", "action_id": "blank"}
        blocks = [
            {"type": "input", "block_id": "menu", "label": plain("Menu"), "element": menu},
            {"type": "input", "block_id": "rest", "label": plain("Rest"), "element": blank},
        ]
        view = {"type": "modal", "title": plain("T"), "submit": plain("Go"), "blocks": blocks}
        trigger = slack.interactions.triggers.issue(slack.workspace.user(user).id)
        await call.ok("views.open", trigger_id=trigger, view=view)
        answer = await do("submit", values={"menu": chosen}, user=user)
        return answer["errors"].get("menu", ""), answer["view"]["state"]["values"]["menu"]["a"]

    return choosing


async def test_a_menu_of_channels_has_public_ones_only(slack, choose, general) -> None:
    assert "public channels only" in (await choose("channels_select", "#incidents"))[0]
    assert "public channels only" in (await choose("multi_channels_select", ["general", "incidents"]))[0]
    slack.workspace.archive("random")
    assert "is archived" in (await choose("channels_select", "random"))[0]
    assert (await choose("channels_select", "#general"))[1]["selected_channel"] == general


async def test_a_menu_of_conversations_has_what_the_person_sees_and_the_filter_leaves(
    slack, choose, general
) -> None:
    incidents = slack.workspace.channel("incidents").id
    with_bot = slack.workspace.add_im("ada").id
    private = {"filter": {"include": ["private"]}}
    fault, held = await choose("conversations_select", "incidents", **private)
    assert (fault, held["selected_conversation"]) == ("", incidents)
    assert "its filter leaves it out" in (await choose("conversations_select", "general", **private))[0]
    assert "its filter leaves it out" in (await choose("conversations_select", with_bot, **private))[0]
    assert "bob is not in it" in (await choose("conversations_select", "incidents", user="bob", **private))[0]
    assert (await choose("conversations_select", with_bot))[0] == ""
    no_bots = {"filter": {"exclude_bot_users": True}}
    assert "its filter leaves it out" in (await choose("conversations_select", with_bot, **no_bots))[0]
    assert (await choose("conversations_select", "general", **no_bots))[0] == ""
    slack.workspace.channel("general").connected["T2"] = True
    inside = {"filter": {"exclude_external_shared_channels": True}}
    assert "its filter leaves it out" in (await choose("conversations_select", "general", **inside))[0]


async def test_nothing_is_chosen_twice_and_no_account_that_is_deactivated(slack, choose) -> None:
    options = [option("a"), option("b")]
    fault, _ = await choose("multi_static_select", ["a", "a"], options=options)
    assert fault == "Nothing can be chosen twice."
    assert (await choose("checkboxes", ["a", "A"], options=options))[0] == "Nothing can be chosen twice."
    assert (await choose("multi_static_select", ["a", "b"], options=options))[0] == ""
    slack.workspace.deactivate("bob")
    assert (await choose("users_select", "bob"))[0] == "The account of bob is deactivated."


async def test_a_button_takes_no_value_and_a_menu_needs_one(refused, do, call, connect, general) -> None:
    elements = [
        {"type": "button", "action_id": "go", "text": plain("Go")},
        {"type": "static_select", "action_id": "pick", "options": [option("a")]},
        {"type": "datepicker", "action_id": "when", "initial_date": "2026-11-21"},
    ]
    blocks = [{"type": "actions", "block_id": "b", "elements": elements}]
    await call.ok("chat.postMessage", channel=general, text="?", blocks=blocks)
    assert "without a value" in (await refused("click", element="go", value="extra"))["message"]
    assert "say what is chosen" in (await refused("click", element="pick"))["message"]
    socket = await connect()
    doing = asyncio.create_task(do("click", element="when", value=""))
    frame = await interaction(socket)
    await socket.acknowledge(frame)
    assert frame["payload"]["actions"][0]["selected_date"] is None
    assert (await doing)["accepted"]


@pytest.mark.parametrize("name", ["", "/", "//x", "/x\n", "/a b", "/x/y"])
async def test_a_command_is_one_word(refused, name: str) -> None:
    answer = await refused("slash", channel="general", command=name)
    assert "a command is one word after a slash" in answer["message"]


async def test_a_shortcut_has_a_name(refused) -> None:
    assert "callback_id" in (await refused("shortcut", callback_id=""))["message"]
