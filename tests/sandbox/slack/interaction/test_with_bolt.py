"""Ordinary programs in Bolt for Python, and persons who use them."""

from __future__ import annotations

from typing import Any

from tests.sandbox.slack.interaction.conftest import option, plain

MODAL = {
    "type": "modal",
    "callback_id": "deploy",
    "private_metadata": "secret",
    "title": plain("Deploy"),
    "submit": plain("Go"),
    "close": plain("Not now"),
    "notify_on_close": True,
    "blocks": [
        {
            "type": "input",
            "block_id": "service",
            "label": plain("Service"),
            "element": {"type": "plain_text_input", "action_id": "name", "max_length": 10},
        },
        {
            "type": "input",
            "block_id": "where",
            "label": plain("Where to"),
            "element": {
                "type": "static_select",
                "action_id": "stage",
                "options": [option("prod", "Production"), option("test")],
            },
        },
    ],
}


async def test_a_slash_command_opens_a_modal_whose_errors_are_shown_until_it_is_right(bolt, do) -> None:
    seen: list[Any] = []

    @bolt.command("/deploy")
    async def deploy(ack, body, client):
        await ack()
        opened = await client.views_open(trigger_id=body["trigger_id"], view=MODAL)
        seen.append(opened["view"])

    @bolt.view("deploy")
    async def submitted(ack, view, body):
        seen.append((view, body))
        if view["state"]["values"]["service"]["name"]["value"] == "none":
            await ack(response_action="errors", errors={"service": "No such service."})
        else:
            await ack()

    answer = await do("slash", channel="#general", command="/deploy", text="now", user="bob", wait=5)
    assert answer["accepted"]
    assert [shown["kind"] for shown in answer["shown"]] == ["view"]
    assert answer["view"]["title"]["text"] == "Deploy"
    refused = await do("submit", user="bob", values={"Service": "none", "Where to": "Production"})
    assert (refused["accepted"], refused["reason"]) == (False, "errors")
    assert refused["errors"] == refused["view"]["errors"] == {"service": "No such service."}
    sent = await do("submit", user="bob", values={"service": "shop"})
    assert (sent["accepted"], sent["view"]) == (True, None)
    opened, _, (view, body) = seen
    assert view["id"] == opened["id"] == opened["root_view_id"]
    assert view["private_metadata"] == "secret"
    assert view["state"]["values"]["service"] == {"name": {"type": "plain_text_input", "value": "shop"}}
    assert view["state"]["values"]["where"]["stage"]["selected_option"]["value"] == "prod"
    assert (body["type"], body["response_urls"], body["user"]["name"]) == ("view_submission", [], "bob")


async def test_a_slash_command_answers_its_person_or_the_channel(bolt, do, slack, general) -> None:
    @bolt.command("/echo")
    async def echo(ack, command, respond):
        if command["text"] == "loud":
            await ack(text="for all", response_type="in_channel")
        else:
            await ack("for you")
            await respond("later", response_type="in_channel")

    quiet = await do("slash", channel="general", command="echo")
    assert "for you" in [shown["text"] for shown in quiet["shown"]]
    assert slack.world.ephemerals.seen_by(slack.workspace.user("ada").id)[0].text == "for you"
    loud = await do("slash", channel="general", command="echo", text="loud", user="carol")
    assert "for all" in [shown["text"] for shown in loud["shown"]]
    texts = [message.text for message in slack.workspace.messages(general)]
    assert texts[-3:] == ["later", "/echo loud", "for all"]
    assert slack.workspace.messages(general)[-1].fields["bot_id"] == slack.bot_id


async def test_a_click_on_a_message_can_replace_it(bolt, do, slack, general) -> None:
    actions: list[dict[str, Any]] = []

    @bolt.action("approve")
    async def approve(ack, body, respond, action):
        await ack()
        actions.append((body, action))
        await respond("approved", replace_original=True)

    buttons = [
        {
            "type": "button",
            "action_id": "approve",
            "text": plain("Approve"),
            "value": "42",
            "style": "primary",
        },
        {"type": "button", "action_id": "reject", "text": plain("Reject")},
    ]
    blocks = [{"type": "actions", "block_id": "decide", "elements": buttons}]
    posted = await bolt.client.chat_postMessage(channel=general, text="ok?", blocks=blocks)
    answer = await do("click", element="Approve", channel="general", user="carol", wait=5)
    assert (answer["accepted"], answer["shown"][-1]["text"]) == (True, "approved")
    message = slack.workspace.message(general, posted["ts"])
    assert message.text == "approved"
    assert [block["type"] for block in message.fields["blocks"]] == ["rich_text"]
    body, action = actions[0]
    carol = slack.workspace.user("carol")
    assert body["user"] == {"id": carol.id, "username": "carol", "name": "carol", "team_id": slack.team_id}
    assert body["container"] == {
        "type": "message",
        "message_ts": posted["ts"],
        "channel_id": general,
        "is_ephemeral": False,
    }
    assert body["message"]["ts"] == posted["ts"]
    assert body["channel"] == {"id": general, "name": "general"}
    assert body["state"] == {"values": {}}
    assert {name: action[name] for name in ("type", "action_id", "block_id", "value", "style")} == {
        "type": "button",
        "action_id": "approve",
        "block_id": "decide",
        "value": "42",
        "style": "primary",
    }
    assert float(action["action_ts"]) > float(posted["ts"])


async def test_views_are_pushed_and_updated_by_acknowledgements(bolt, do) -> None:
    @bolt.shortcut("start")
    async def start(ack, shortcut, client):
        await client.views_open(trigger_id=shortcut["trigger_id"], view=MODAL)
        await ack()

    step = {**MODAL, "callback_id": "confirm", "blocks": [], "clear_on_close": True}

    @bolt.view("deploy")
    async def next_step(ack):
        await ack(response_action="push", view={**step, "title": plain("Sure?")})

    @bolt.view("confirm")
    async def confirmed(ack, view):
        if view["title"]["text"] == "Sure?":
            await ack(response_action="update", view={**step, "title": plain("Done")})
        else:
            await ack(response_action="clear")

    started = await do("shortcut", callback_id="start")
    root = started["view"]
    pushed = await do("submit", values={"service": "shop", "where": "test"})
    assert pushed["view"]["title"]["text"] == "Sure?"
    assert pushed["view"]["previous_view_id"] == pushed["view"]["root_view_id"] == root["id"]
    updated = await do("submit")
    assert updated["view"]["title"]["text"] == "Done"
    assert updated["view"]["id"] == pushed["view"]["id"]
    assert updated["view"]["hash"] != pushed["view"]["hash"]
    cleared = await do("submit")
    assert (cleared["accepted"], cleared["view"]) == (True, None)


async def test_menus_ask_the_app_for_options_and_give_them_back_when_chosen(bolt, do, general) -> None:
    typed: list[str] = []
    chosen: list[Any] = []

    @bolt.options("service")
    async def services(ack, payload):
        typed.append(payload["value"])
        await ack(options=[option("shop", "The shop"), option("mail")])

    @bolt.action("service")
    async def picked(ack, action, body):
        await ack()
        chosen.append((action["selected_option"]["value"], body["state"]["values"]))

    menu = {
        "type": "external_select",
        "action_id": "service",
        "placeholder": plain("Which one?"),
        "min_query_length": 2,
    }
    blocks = [{"type": "section", "block_id": "s", "text": plain("Service"), "accessory": menu}]
    await bolt.client.chat_postMessage(channel=general, text="?", blocks=blocks)
    asked = await do("options", element="service", channel="general", typed="sh")
    assert [one["value"] for one in asked["options"]] == ["shop", "mail"]
    assert (await do("options", element="service", typed="s"))["reason"] == "query_too_short"
    picked_there = await do("click", element="Which one?", channel="general", value="The shop")
    assert picked_there["accepted"]
    assert typed == ["sh"]
    value, values = chosen[0]
    assert value == "shop"
    shown = {**plain("The shop"), "emoji": True}
    assert values["s"]["service"]["selected_option"] == {"text": shown, "value": "shop"}


async def test_home_tabs_are_published_and_used(bolt, do, slack) -> None:
    pressed: list[Any] = []

    @bolt.action("refresh")
    async def refresh(ack, body):
        await ack()
        pressed.append(body)

    ada = slack.workspace.user("ada").id
    button = {"type": "button", "action_id": "refresh", "text": plain("Refresh")}
    home = {"type": "home", "blocks": [{"type": "actions", "elements": [button]}]}
    published = await bolt.client.views_publish(user_id=ada, view=home)
    assert slack.interactions.home_view(ada) == published["view"]
    assert (await do("click", element="refresh", home=True))["accepted"]
    body = pressed[0]
    assert body["container"] == {"type": "view", "view_id": published["view"]["id"]}
    assert body["view"]["type"] == "home"
    assert not body.keys() & {"channel", "message", "response_url", "state"}


async def test_a_shortcut_on_a_message_knows_the_message(bolt, do, slack, general) -> None:
    bodies: list[Any] = []

    @bolt.shortcut("translate")
    async def translate(ack, body, respond):
        await ack()
        bodies.append(body)
        await respond("bonjour")

    message = slack.workspace.say(general, "hello", user="bob")
    answer = await do("message-shortcut", callback_id="translate", channel=general, ts=message.ts, wait=5)
    assert [shown["text"] for shown in answer["shown"]] == ["bonjour"]
    assert (bodies[0]["type"], bodies[0]["message_ts"]) == ("message_action", message.ts)
    assert bodies[0]["message"]["text"] == "hello"


async def test_closing_a_modal_is_told_to_an_app_that_asked_for_it(bolt, do) -> None:
    closings: list[Any] = []

    @bolt.shortcut("start")
    async def start(ack, shortcut, client):
        await client.views_open(trigger_id=shortcut["trigger_id"], view=MODAL)
        await ack()

    @bolt.view_closed("deploy")
    async def closed(ack, body):
        await ack()
        closings.append(body)

    await do("shortcut", callback_id="start")
    answer = await do("close")
    assert (answer["accepted"], answer["sent"], answer["view"]) == (True, True, None)
    assert (closings[0]["type"], closings[0]["is_cleared"]) == ("view_closed", False)
