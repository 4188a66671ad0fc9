"""What the simulated Slack sends has the keys and the types of what Slack sends."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from pack.sandbox.slack import SimulatedSlack
from tests.sandbox.slack.caller import Caller, Socket
from tests.sandbox.slack.conftest import open_socket
from tests.sandbox.slack.shapes.events import ENVELOPE, EVENT_ENVELOPE, EVENT_WRAPPER, EVENTS, HELLO
from tests.sandbox.slack.shapes.interactions import INTERACTIONS, SLASH_COMMAND
from tests.sandbox.slack.shapes.matching import faults, keeps
from tests.sandbox.slack.shapes.messages import (
    BOT,
    NAMED_MESSAGE,
    OWN_MESSAGE,
    PERSONS_MESSAGE,
    ROOT_MESSAGE,
)
from tests.sandbox.slack.shapes.objects import (
    BOOKMARK,
    CHANNEL,
    DIRECT,
    FILE_IN_MESSAGE,
    PIN,
    PROFILE,
    SCHEDULED,
    SHARED_FILE,
    USER,
    USERGROUP,
    VIEW,
)
from tests.sandbox.slack.situations.declared import Stage, person
from tests.sandbox.slack.uploading import upload

Json = Any

BUTTON = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}
MENU = {"type": "external_select", "action_id": "which", "min_query_length": 0}
BLOCKS = [{"type": "actions", "block_id": "acts", "elements": [BUTTON, MENU]}]
METADATA = {"event_type": "deployed", "event_payload": {"id": "a1"}}


def modal(**further: Json) -> dict[str, Json]:
    """Return a view with a button, a field, and a menu that gives a response_url."""
    conversation = {"type": "conversations_select", "action_id": "where", "response_url_enabled": True}
    blocks = [
        *BLOCKS,
        {
            "type": "input",
            "block_id": "name",
            "label": _plain("Name"),
            "element": {"type": "plain_text_input"},
        },
        {"type": "input", "block_id": "where", "label": _plain("Where"), "element": conversation},
    ]
    surface = {"type": "modal", "title": _plain("Form"), "submit": _plain("Send"), "notify_on_close": True}
    return {**surface, "blocks": blocks, **further}


def _plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


class App:
    """The app's end of a socket: it takes everything, and keeps it."""

    def __init__(self, socket: Socket) -> None:
        self._socket = socket
        self.frames: list[dict[str, Json]] = []
        self.farewell = asyncio.Event()
        """Set when a token's end was told."""

    async def run(self) -> None:
        while True:
            frame = await self._socket.frame()
            self.frames.append(frame)
            if frame.get("payload", {}).get("event", {}).get("type") == "tokens_revoked":
                self.farewell.set()
            options = [{"text": _plain("One"), "value": "1"}]
            asked = frame.get("payload", {}).get("type") == "block_suggestion"
            await self._socket.acknowledge(frame, **({"options": options} if asked else {}))

    def of_kind(self, kind: str) -> list[dict[str, Json]]:
        return [frame for frame in self.frames if frame["type"] == kind]


@pytest.fixture
async def app(slack: SimulatedSlack, session: aiohttp.ClientSession) -> AsyncIterator[App]:
    socket = await open_socket(slack, session)
    opened = App(socket)
    running = asyncio.create_task(opened.run())
    yield opened
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    await socket.socket.close()


@pytest.fixture
async def do(slack: SimulatedSlack, session: aiohttp.ClientSession):
    async def doing(action: str, **body: Json) -> dict[str, Json]:
        async with session.post(f"{slack.url}/sandbox/{action}", json=body) as response:
            answer = await response.json()
            assert answer["ok"], answer
            return answer

    return doing


@pytest.fixture
async def ops(slack: SimulatedSlack) -> str:
    return slack.workspace.add_channel("ops", bot=True, members=["ada", "bob"]).id


async def test_a_missing_key_a_strange_one_and_a_wrong_type_are_seen() -> None:
    shape = {"a": int, "b?": [str], "c": (str, None)}
    assert faults({"a": 1, "c": None}, shape) == []
    assert faults({"a": True, "b": [1], "d": 0}, shape) == [
        "/c is missing",
        "/a is True",
        "/b/0 is 1",
        "/d is not known",
    ]


async def test_messages(call: Caller, slack: SimulatedSlack, ops: str) -> None:
    said = slack.workspace.say("ops", "see <https://example.com|this>", user="ada")
    plain = await call.ok("chat.postMessage", channel=ops, text="*done*", metadata=METADATA)
    keeps(plain, {"ok": bool, "channel": str, "ts": str, "message": OWN_MESSAGE})
    named = await call.ok("chat.postMessage", channel=ops, text="x", username="Deployer", icon_emoji=":ship:")
    keeps(named["message"], {**NAMED_MESSAGE, "icons": {"emoji": str}})
    await call.ok("reactions.add", channel=ops, timestamp=said.ts, name="eyes")
    reply = {"channel": ops, "text": "re", "thread_ts": plain["ts"]}
    await call.ok("chat.postMessage", reply_broadcast=True, blocks=BLOCKS, **reply)
    await call.ok("chat.update", channel=ops, ts=plain["ts"], text="done again")
    await call.ok("pins.add", channel=ops, timestamp=plain["ts"])
    history = await call.ok("conversations.history", channel=ops)
    shown = {message["ts"]: message for message in history.pop("messages")}
    keeps(history, {"ok": bool, "has_more": bool, "pin_count": int, "channel_actions_ts": None, "*": object})
    keeps(shown[said.ts], {**PERSONS_MESSAGE, "reactions": [dict]})
    keeps(shown[plain["ts"]], {**ROOT_MESSAGE, "edited": dict, "pinned_to": [str], "metadata": dict})
    replies = await call.ok("conversations.replies", channel=ops, ts=plain["ts"])
    keeps(replies["messages"][0], ROOT_MESSAGE)
    keeps(replies["messages"][1], {**OWN_MESSAGE, "thread_ts": str, "root": dict, "parent_user_id": str})
    keeps((await call.ok("pins.list", channel=ops))["items"], [PIN])
    reacted = await call.ok("reactions.get", channel=ops, timestamp=said.ts)
    keeps(reacted["message"], {**PERSONS_MESSAGE, "permalink": str})
    due = int(slack.clock.now().timestamp()) + 600
    await call.ok("chat.scheduleMessage", channel=ops, text="later", post_at=due)
    keeps((await call.ok("chat.scheduledMessages.list"))["scheduled_messages"], [SCHEDULED])


async def test_conversations(call: Caller, slack: SimulatedSlack, ops: str) -> None:
    ada, bob = slack.workspace.user("ada").id, slack.workspace.user("bob").id
    direct = await call.ok("conversations.open", users=ada, return_im=True)
    keeps(direct["channel"], {**DIRECT, "*": object})
    several = await call.ok("conversations.open", users=f"{ada},{bob}", return_im=True)
    keeps(several["channel"], CHANNEL)
    keeps((await call.ok("conversations.create", name="fresh"))["channel"], CHANNEL)
    await call.ok("conversations.setTopic", channel=ops, topic="calm")
    described = await call.ok("conversations.info", channel=ops, include_num_members=True)
    keeps(described["channel"], {**CHANNEL, "num_members": int, "last_read": str})
    kinds = "public_channel,private_channel,im,mpim"
    for method in ("conversations.list", "users.conversations"):
        listed = (await call.ok(method, types=kinds))["channels"]
        keeps(listed, [(CHANNEL, DIRECT)])
        assert {one["id"] for one in listed} >= {ops, direct["channel"]["id"], several["channel"]["id"]}


async def test_people(call: Caller, slack: SimulatedSlack) -> None:
    keeps(await call.ok("users.list"), {"ok": bool, "members": [USER], "cache_ts": int, "*": object})
    found = await call.ok("users.info", user=slack.bot_user_id, include_locale=True)
    keeps(found["user"], {**USER, "locale": str})
    ada = slack.workspace.user("ada").id
    keeps((await call.ok("users.profile.get", user=ada))["profile"], {**PROFILE, "email": str})
    keeps((await call.ok("bots.info", bot=slack.bot_id))["bot"], BOT)
    token = person(Stage(slack, call))
    await call.ok("usergroups.create", name="On call", handle="oncall", token=token)
    listed = await call.ok("usergroups.list", include_users=True, include_count=True)
    keeps(listed["usergroups"], [{**USERGROUP, "users": [str], "user_count": int}])


async def test_files_and_bookmarks(call: Caller, slack: SimulatedSlack, ops: str) -> None:
    file = await upload(call, b"one\ntwo", "notes.txt", channel_id=ops)
    keeps((await call.ok("files.info", file=file))["file"], SHARED_FILE)
    keeps((await call.ok("files.list"))["files"], [SHARED_FILE])
    message = (await call.ok("conversations.history", channel=ops))["messages"][0]
    keeps(message["files"], [FILE_IN_MESSAGE])
    link = {"title": "Board", "type": "link", "link": "https://example.com"}
    made = await call.ok("bookmarks.add", channel_id=ops, emoji=":ship:", **link)
    keeps(made["bookmark"], {**BOOKMARK, "emoji": str})
    keeps((await call.ok("bookmarks.list", channel_id=ops))["bookmarks"], [BOOKMARK])


async def test_the_hello_of_a_socket(call: Caller, session: aiohttp.ClientSession) -> None:
    ticket = await call.ok("apps.connections.open", token="app")
    socket = Socket(await session.ws_connect(ticket["url"], autoping=False))
    keeps(await socket.frame(), HELLO)
    await socket.socket.close()


async def _make_happen(call: Caller, do, slack: SimulatedSlack, ops: str) -> None:
    """Cause every event whose shape is known."""
    await do("metadata-subscriptions", subscriptions=[{"event_type": METADATA["event_type"]}])
    await do("unfurl-domains", domains=["example.com"])
    text = f"<@{slack.bot_user_id}> see https://example.com"
    said = await do("say", channel="#ops", text=text, user="ada")
    await do("react", channel="#ops", ts=said["ts"], name="eyes", user="bob")
    posted = await call.ok("chat.postMessage", channel=ops, text="x", metadata=METADATA)
    place = {"channel": ops, "timestamp": posted["ts"]}
    await call.ok("chat.postMessage", channel=ops, text="x", username="Deployer")
    await call.ok("chat.meMessage", channel=ops, text="waves")
    reply = {"channel": ops, "text": "re", "thread_ts": posted["ts"]}
    broadcast = await call.ok("chat.postMessage", reply_broadcast=True, **reply)
    await call.ok("chat.update", channel=ops, ts=posted["ts"], text="y")
    await call.ok("chat.delete", channel=ops, ts=broadcast["ts"])
    for method in ("reactions.add", "reactions.remove"):
        await call.ok(method, name="wave", **place)
    for method in ("pins.add", "pins.remove"):
        await call.ok(method, **place)
    file = await upload(call, channel_id=ops)
    owner = person(Stage(slack, call))
    shared = await do("upload", name="a.txt", content="a", user="ada", channel="#ops")
    await call.ok("files.sharedPublicURL", file=shared["file"]["id"], token=owner)
    await call.ok("files.delete", file=file)
    await call.ok("conversations.setTopic", channel=ops, topic="t")
    await call.ok("conversations.setPurpose", channel=ops, purpose="p")
    await call.ok("conversations.invite", channel=ops, users=slack.workspace.user("carol").id)
    await do("kick", channel="#ops", user="carol")
    made = (await call.ok("conversations.create", name="fresh"))["channel"]["id"]
    await call.ok("conversations.rename", channel=made, name="newer")
    await call.ok("conversations.archive", channel=made)
    await call.ok("conversations.unarchive", channel=made, token=owner)
    await do("open-home", user="ada")
    await do("open-home", user="ada", tab="messages")
    await call.ok("conversations.open", users=slack.workspace.user("bob").id)
    await call.ok("users.profile.set", profile={"status_text": "away"}, token=owner)
    group = (await call.ok("usergroups.create", name="On call", token=owner))["usergroup"]["id"]
    ada = slack.workspace.user("ada").id
    await call.ok("usergroups.users.update", usergroup=group, users=ada, token=owner)
    await call.ok("auth.revoke", token=owner)


async def test_events(call: Caller, slack: SimulatedSlack, app: App, do, ops: str) -> None:
    await _make_happen(call, do, slack, ops)
    await asyncio.wait_for(app.farewell.wait(), 5)
    seen = set()
    for frame in app.of_kind("events_api"):
        keeps(frame, EVENT_ENVELOPE)
        keeps(frame["payload"], EVENT_WRAPPER)
        event = frame["payload"]["event"]
        kind = f"message/{event['subtype']}" if event.get("subtype") else event["type"]
        if kind in EVENTS:
            assert not (found := faults(event, EVENTS[kind])), (kind, found)
            seen.add(kind)
    assert seen == EVENTS.keys()


async def test_interactions(call: Caller, slack: SimulatedSlack, app: App, do, ops: str) -> None:
    said = slack.workspace.say("ops", "a person's", user="bob")
    menu = await call.ok("chat.postMessage", channel=ops, text="?", blocks=BLOCKS)
    there = {"user": "ada", "channel": "#ops", "ts": menu["ts"]}
    await do("options", element="which", typed="o", **there)
    await do("click", element="which", value="1", **there)
    await do("click", element="go", **there)
    opened = app.of_kind("interactive")[-1]["payload"]["trigger_id"]
    view = (await call.ok("views.open", trigger_id=opened, view=modal()))["view"]
    keeps(view, VIEW)
    await do("click", user="ada", element="Go", view_id=view["id"])
    pushed = app.of_kind("interactive")[-1]["payload"]["trigger_id"]
    keeps((await call.ok("views.push", trigger_id=pushed, view=modal()))["view"], VIEW)
    await do("close", user="ada")
    await do("submit", user="ada", values={"Name": "n", "Where": "#ops"})
    await do("shortcut", user="ada", callback_id="any")
    await do("message-shortcut", callback_id="this", **there)
    await do("message-shortcut", callback_id="this", user="ada", channel="#ops", ts=said.ts)
    home, ada = {"type": "home", "blocks": BLOCKS}, slack.workspace.user("ada").id
    keeps((await call.ok("views.publish", user_id=ada, view=home))["view"], VIEW)
    await do("click", user="ada", element="Go", home=True)
    await do("options", user="ada", element="which", home=True, typed="o")
    await do("slash", user="ada", channel="#ops", command="/deploy", text="web now")
    for frame in app.of_kind("interactive"):
        keeps(frame, ENVELOPE)
        kind = frame["payload"]["type"]
        assert not (found := faults(frame["payload"], INTERACTIONS[kind])), (kind, found)
    assert {frame["payload"]["type"] for frame in app.of_kind("interactive")} == INTERACTIONS.keys()
    (slash,) = app.of_kind("slash_commands")
    keeps(slash, ENVELOPE)
    keeps(slash["payload"], SLASH_COMMAND)
