"""slack_sdk's own programs for files, pins, bookmarks and reactions, with only the base URL changed."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from pack.sandbox.slack import SimulatedSlack
from pack.sandbox.slack.world.files import PROCESSING_SECONDS, SHARES_SECONDS


@pytest.fixture
def general(slack: SimulatedSlack) -> str:
    slack.workspace.join("general", slack.bot_user_id)
    return slack.workspace.channel("general").id


@pytest.fixture
def client(slack: SimulatedSlack) -> AsyncWebClient:
    return AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)


async def _fetch(slack: SimulatedSlack, url: str) -> bytes:
    headers = {"Authorization": f"Bearer {slack.bot_token}"}
    async with aiohttp.ClientSession(headers=headers) as session, session.get(url) as response:
        assert response.status == 200
        return await response.read()


async def test_the_synchronous_client_uploads_a_file_and_finds_its_message(
    slack: SimulatedSlack, general: str, tmp_path: Path
) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(b"%PDF-1.7 and more")
    client = WebClient(token=slack.bot_token, base_url=slack.api_url)
    uploaded = await asyncio.to_thread(
        client.files_upload_v2, file=str(path), title="Report", channel=general, initial_comment="Here:"
    )
    file_id = uploaded["file"]["id"]
    assert uploaded["file"]["shares"] == {}
    slack.clock.advance(SHARES_SECONDS)
    file = (await asyncio.to_thread(client.files_info, file=file_id))["file"]
    (share,) = file["shares"]["public"][general]
    message = slack.workspace.message(general, share["ts"])
    assert (message.text, message.fields["files"][0]["id"]) == ("Here:", file_id)
    assert await _fetch(slack, file["url_private_download"]) == b"%PDF-1.7 and more"


async def test_the_asynchronous_client_uploads_two_files_into_a_thread(
    slack: SimulatedSlack, client: AsyncWebClient, general: str
) -> None:
    root = slack.workspace.say(general, "logs?")
    uploads: list[dict[str, Any]] = [
        {"content": "first log", "filename": "first.log", "title": "First"},
        {"file": b"\x1f\x8b second", "filename": "second.gz", "title": "Second"},
    ]
    uploaded = await client.files_upload_v2(file_uploads=uploads, channel=general, thread_ts=root.ts)
    ids = [file["id"] for file in uploaded["files"]]
    (reply,) = slack.workspace.channel(general).timeline.thread(root.ts)
    assert [file["id"] for file in reply.fields["files"]] == ids
    slack.clock.advance(PROCESSING_SECONDS)
    first, second = [(await client.files_info(file=file_id))["file"] for file_id in ids]
    assert (first["title"], first["mode"], second["filetype"]) == ("First", "snippet", "gzip")
    assert await _fetch(slack, first["url_private"]) == b"first log"
    assert await _fetch(slack, second["url_private"]) == b"\x1f\x8b second"


async def test_remote_files_are_added_and_shared(
    slack: SimulatedSlack, client: AsyncWebClient, general: str
) -> None:
    added = await client.files_remote_add(
        external_id="doc-1", external_url="https://example.com/doc", title="A document"
    )
    await client.files_remote_share(external_id="doc-1", channels=general)
    message = slack.workspace.messages(general)[-1]
    assert message.fields["files"][0]["id"] == added["file"]["id"]


async def test_messages_are_reacted_to_pinned_and_bookmarked(
    slack: SimulatedSlack, client: AsyncWebClient, general: str
) -> None:
    message = slack.workspace.say(general, "hello")
    await client.reactions_add(channel=general, timestamp=message.ts, name="eyes")
    (item,) = (await client.reactions_list())["items"]
    assert item["message"]["ts"] == message.ts
    with pytest.raises(SlackApiError, match="already_reacted"):
        await client.reactions_add(channel=general, timestamp=message.ts, name="eyes")
    await client.pins_add(channel=general, timestamp=message.ts)
    assert len((await client.pins_list(channel=general))["items"]) == 1
    await client.bookmarks_add(channel_id=general, title="Home", type="link", link="https://example.com")
    assert len((await client.bookmarks_list(channel_id=general))["bookmarks"]) == 1
