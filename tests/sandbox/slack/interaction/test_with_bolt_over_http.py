"""A Bolt program with request URLs in place of Socket Mode."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from tests.sandbox.slack.interaction.conftest import option, plain


@pytest.fixture
async def bolt(slack, session, do) -> AsyncIterator[AsyncApp]:
    client = AsyncWebClient(slack.bot_token, base_url=slack.api_url, session=session, retry_handlers=[])
    app = AsyncApp(client=client, signing_secret=slack.signing_secret)

    async def serve(request: web.Request) -> web.Response:
        return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))

    application = web.Application()
    application.router.add_post("/slack/events", serve)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    await do("request-urls", events=f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events")
    yield app
    await runner.cleanup()


async def test_signed_requests_are_answered_and_the_answers_act(bolt, do) -> None:
    @bolt.command("/deploy")
    async def deploy(ack, body, client):
        view = {
            "type": "modal",
            "callback_id": "deploy",
            "title": plain("Deploy"),
            "submit": plain("Go"),
            "blocks": [
                {
                    "type": "input",
                    "block_id": "service",
                    "label": plain("Service"),
                    "element": {"type": "external_select", "action_id": "name", "min_query_length": 0},
                }
            ],
        }
        await client.views_open(trigger_id=body["trigger_id"], view=view)
        await ack(f"asked for {body['text']}")

    @bolt.options("name")
    async def names(ack):
        await ack(options=[option("shop"), option("mail")])

    @bolt.view("deploy")
    async def submitted(ack, view):
        chosen = view["state"]["values"]["service"]["name"]["selected_option"]["value"]
        if chosen == "mail":
            await ack(response_action="errors", errors={"service": "Not today."})
        else:
            await ack()

    answer = await do("slash", channel="general", command="deploy", text="the shop")
    assert [shown["kind"] for shown in answer["shown"]] == ["view", "ephemeral"]
    assert answer["shown"][1]["text"] == "asked for the shop"
    assert (await do("submit", values={"service": "mail"}))["errors"] == {"service": "Not today."}
    assert (await do("submit", values={"service": "Shop"}))["view"] is None


async def test_what_the_program_does_not_know_is_an_error_of_its_address(bolt, do) -> None:
    answer = await do("slash", channel="general", command="unknown")
    assert (answer["accepted"], answer["reason"]) == (False, "http_client_error")


async def test_a_shortcut_and_a_button_reach_it_too(bolt, do, general) -> None:
    seen: list[Any] = []

    @bolt.shortcut("start")
    async def start(ack, body):
        await ack()
        seen.append(body["type"])

    @bolt.action("yes")
    async def yes(ack, body, respond):
        await ack()
        await respond("thanks", replace_original=True)
        seen.append(body["type"])

    assert (await do("shortcut", callback_id="start"))["accepted"]
    button = {"type": "button", "action_id": "yes", "text": plain("Yes")}
    blocks = [{"type": "actions", "elements": [button]}]
    await bolt.client.chat_postMessage(channel=general, text="?", blocks=blocks)
    answer = await do("click", element="Yes", wait=5)
    assert [shown["text"] for shown in answer["shown"]] == ["thanks"]
    assert seen == ["shortcut", "block_actions"]
