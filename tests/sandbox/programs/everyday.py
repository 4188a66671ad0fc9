"""A day's work of an ordinary bot, written with slack_sdk's blocking client and nothing else."""

from __future__ import annotations

import time
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.models.blocks import ActionsBlock, ButtonElement, ContextBlock, HeaderBlock, SectionBlock
from slack_sdk.models.metadata import Metadata


def refused(call: Any, **arguments: Any) -> str:
    """Return the code with which a call is refused."""
    try:
        call(**arguments)
    except SlackApiError as error:
        return str(error.response["error"])
    raise AssertionError("it was not refused")


def find_channel(client: WebClient, name: str) -> str:
    for page in client.conversations_list(types="public_channel,private_channel", limit=1):
        for channel in page["channels"]:
            if channel["name"] == name:
                return str(channel["id"])
    raise AssertionError(f"there is no #{name}")


def find_user(client: WebClient, name: str) -> str:
    return next(str(user["id"]) for user in client.users_list()["members"] if user["name"] == name)


def talk(client: WebClient) -> dict[str, Any]:
    """Post, thread, edit, react, pin, look up, delete."""
    general, ada = find_channel(client, "general"), find_user(client, "ada")
    client.conversations_join(channel=general)
    posted = client.chat_postMessage(
        channel=general,
        text="Deploy finished",
        blocks=[
            HeaderBlock(text="Deploy"),
            SectionBlock(text=f"for <@{ada}>"),
            ContextBlock(elements=[{"type": "mrkdwn", "text": "just now"}]),
            ActionsBlock(elements=[ButtonElement(text="Roll back", action_id="roll_back", value="42")]),
        ],
        metadata=Metadata(event_type="deploy", event_payload={"id": 42}),
    )
    ts = posted["ts"]
    reply = client.chat_postMessage(channel=general, thread_ts=ts, text="details", reply_broadcast=True)
    client.chat_update(channel=general, ts=ts, text="Deploy finished, and checked")
    client.reactions_add(channel=general, timestamp=ts, name="white_check_mark")
    client.pins_add(channel=general, timestamp=ts)
    client.chat_postEphemeral(channel=general, user=ada, text="only for you")
    client.chat_meMessage(channel=general, text="is pleased")
    history = client.conversations_history(channel=general, include_all_metadata=True)["messages"]
    root = next(message for message in history if message["ts"] == ts)
    thread = client.conversations_replies(channel=general, ts=ts)["messages"]
    found = {
        "root": root,
        "thread": [message["text"] for message in thread],
        "broadcast": reply["message"].get("subtype"),
        "link": client.chat_getPermalink(channel=general, message_ts=ts)["permalink"],
        "pins": [item["message"]["ts"] for item in client.pins_list(channel=general)["items"]],
        "reactions": client.reactions_get(channel=general, timestamp=ts)["message"]["reactions"],
        "again": refused(client.reactions_add, channel=general, timestamp=ts, name="white_check_mark"),
        "texts": [message["text"] for message in history],
    }
    client.reactions_remove(channel=general, timestamp=ts, name="white_check_mark")
    client.pins_remove(channel=general, timestamp=ts)
    client.chat_delete(channel=general, ts=reply["ts"])
    found["left"] = len(client.conversations_replies(channel=general, ts=ts)["messages"])
    return found


def keep_house(client: WebClient) -> dict[str, Any]:
    """Make a channel, fill it, rename it, close it down."""
    ada, bob = find_user(client, "ada"), find_user(client, "bob")
    channel = client.conversations_create(name="incident-7")["channel"]["id"]
    client.conversations_invite(channel=channel, users=[ada, bob])
    client.conversations_setTopic(channel=channel, topic="Disk full")
    client.conversations_setPurpose(channel=channel, purpose="Get it running")
    client.bookmarks_add(channel_id=channel, title="Runbook", type="link", link="https://example.com/run")
    client.conversations_kick(channel=channel, user=bob)
    client.conversations_rename(channel=channel, name="incident-7-solved")
    info = client.conversations_info(channel=channel, include_num_members=True)["channel"]
    found = {
        "info": info,
        "members": client.conversations_members(channel=channel)["members"],
        "bookmarks": [one["title"] for one in client.bookmarks_list(channel_id=channel)["bookmarks"]],
        "mine": [one["name"] for one in client.users_conversations()["channels"]],
        "taken": refused(client.conversations_create, name="incident-7-solved"),
    }
    client.conversations_archive(channel=channel)
    found["archived"] = refused(client.chat_postMessage, channel=channel, text="x")
    found["brought_back"] = refused(client.conversations_unarchive, channel=channel)
    direct = client.conversations_open(users=[ada])["channel"]["id"]
    client.chat_postMessage(channel=direct, text="thank you")
    found["direct"] = client.conversations_history(channel=direct)["messages"][0]["text"]
    client.conversations_close(channel=direct)
    return found


def plan_ahead(client: WebClient) -> dict[str, Any]:
    """Schedule two messages and take one back."""
    general = find_channel(client, "general")
    client.conversations_join(channel=general)
    due = int(time.time()) + 3_600
    first = client.chat_scheduleMessage(channel=general, text="first", post_at=due)
    second = client.chat_scheduleMessage(channel=general, text="second", post_at=due + 60)
    client.chat_deleteScheduledMessage(channel=general, scheduled_message_id=second["scheduled_message_id"])
    listed = client.chat_scheduledMessages_list()["scheduled_messages"]
    return {
        "ids": [one["id"] for one in listed],
        "first": first["scheduled_message_id"],
        "past": refused(client.chat_scheduleMessage, channel=general, text="x", post_at=1_000),
    }


def hand_over_files(client: WebClient) -> dict[str, Any]:
    """Upload two files with a comment and look at one of them."""
    general = find_channel(client, "general")
    client.conversations_join(channel=general)
    uploaded = client.files_upload_v2(
        channel=general,
        initial_comment="the logs",
        file_uploads=[
            {"content": "line one\n", "filename": "one.log", "title": "One"},
            {"content": "line two\n", "filename": "two.log", "title": "Two"},
        ],
    )
    ids = [file["id"] for file in uploaded["files"]]
    end = time.monotonic() + 5
    while len(listed := client.files_list(channel=general)["files"]) < len(ids) and time.monotonic() < end:
        time.sleep(0.1)  # Slack shares an uploaded file a moment after the upload is complete.
    return {
        "titles": [file["title"] for file in listed],
        "info": client.files_info(file=ids[0])["file"],
        "ids": ids,
    }


def look_around(client: WebClient) -> dict[str, Any]:
    """Ask about people, the team and the app itself."""
    ada = find_user(client, "ada")
    me = client.auth_test()
    return {
        "me": me.data,
        "ada": client.users_info(user=ada)["user"],
        "by_email": client.users_lookupByEmail(email="ada@example.com")["user"]["id"],
        "profile": client.users_profile_get(user=ada)["profile"],
        "presence": client.users_getPresence(user=ada)["presence"],
        "team": client.team_info()["team"],
        "bot": client.bots_info(bot=me["bot_id"])["bot"],
        "emoji": client.emoji_list()["emoji"],
        "groups": client.usergroups_list()["usergroups"],
        "dnd": client.dnd_info(user=ada)["dnd_enabled"],
        "unknown": refused(client.users_info, user="U404"),
    }
