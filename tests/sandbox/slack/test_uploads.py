"""Uploading files: the ticket, the upload, the completion, and the message that shares them."""

from __future__ import annotations

import asyncio
import io
import json
import shutil

import aiohttp
import pytest

from pack.sandbox.slack import SimulatedSlack
from pack.sandbox.slack.world.files import PROCESSING_SECONDS, SHARES_SECONDS
from pack.sandbox.slack.world.uploads import TICKET_SECONDS
from tests.sandbox.slack.caller import Caller
from tests.sandbox.slack.conftest import Connect
from tests.sandbox.slack.uploading import following, send, token_of, upload


@pytest.fixture
def general(slack: SimulatedSlack) -> str:
    slack.workspace.join("general", slack.bot_user_id)
    return slack.workspace.channel("general").id


async def _ticket(call: Caller, length: int = 5, filename: str = "a.bin") -> dict[str, str]:
    return await call.ok("files.getUploadURLExternal", filename=filename, length=length)


async def test_a_file_can_be_sent_as_a_raw_body_with_post_and_with_put(call: Caller) -> None:
    for verb in ("POST", "PUT"):
        ticket = await _ticket(call)
        async with call.session.request(verb, ticket["upload_url"], data=b"12345") as response:
            assert (response.status, await response.text()) == (200, "OK - 5")


@pytest.mark.parametrize("field", ["file", "filename", "body", "anything"])
async def test_a_file_can_be_sent_in_a_form_whatever_its_field_is_called(call: Caller, field: str) -> None:
    ticket = await _ticket(call)
    form = aiohttp.FormData()
    form.add_field("token", "xoxb-not-looked-at")
    form.add_field(field, b"12345", filename="a.bin", content_type="application/octet-stream")
    async with call.session.post(ticket["upload_url"], data=form) as response:
        assert (response.status, await response.text()) == (200, "OK - 5")


async def test_a_form_without_a_file_is_refused(call: Caller) -> None:
    ticket = await _ticket(call)
    form = aiohttp.FormData({"token": "x"}, default_to_multipart=True)
    async with call.session.post(ticket["upload_url"], data=form) as response:
        assert response.status == 400
        assert "no file" in await response.text()


@pytest.mark.parametrize("body", [b"1234", b"123456", b""])
async def test_a_file_of_another_length_is_refused_and_can_be_sent_again(call: Caller, body: bytes) -> None:
    ticket = await _ticket(call)
    async with call.session.post(ticket["upload_url"], data=body) as response:
        assert response.status == 400
        assert f"{len(body)} bytes came, and 5 were announced" in await response.text()
    files = [{"id": ticket["file_id"]}]
    assert await call.error("files.completeUploadExternal", files=files) == "file_not_found"
    async with call.session.post(ticket["upload_url"], data=b"12345") as response:
        assert response.status == 200
    await call.ok("files.completeUploadExternal", files=files)


async def test_an_upload_address_works_once_and_for_a_time(slack: SimulatedSlack, call: Caller) -> None:
    used, late = await _ticket(call), await _ticket(call)
    async with call.session.post(used["upload_url"], data=b"12345") as response:
        assert response.status == 200
    slack.clock.advance(TICKET_SECONDS)
    for url in (used["upload_url"], late["upload_url"], slack.url + "/upload/v1/never"):
        async with call.session.post(url, data=b"12345") as response:
            assert response.status == 404


async def test_a_completion_tells_little_of_the_file_and_files_info_all(
    slack: SimulatedSlack, call: Caller, general: str
) -> None:
    file_id = await send(call, b"%PDF-1.7", "Report 1.PDF", alt_txt="a report")
    files = [{"id": file_id, "title": "The report", "highlight_type": None}]
    answer = await call.ok("files.completeUploadExternal", files=files, channel_id=general)
    (completed,) = answer["files"]
    assert (completed["mimetype"], completed["filetype"], completed["pretty_type"]) == ("", "", "")
    assert (completed["shares"], completed["channels"]) == ({}, [])
    info = (await call.ok("files.info", file=file_id))["file"]
    assert info["shares"] == {}, "the share is told of a moment later"
    slack.clock.advance(SHARES_SECONDS)
    info = await call.ok("files.info", file=file_id)
    assert (info["comments"], info["response_metadata"]) == ([], {"next_cursor": ""})
    file = info["file"]
    assert file["id"] == file_id
    assert (file["name"], file["title"], file["size"]) == ("Report 1.PDF", "The report", 8)
    assert (file["mimetype"], file["filetype"], file["pretty_type"]) == ("application/pdf", "pdf", "PDF")
    assert (file["mode"], file["editable"], file["is_external"]) == ("hosted", False, False)
    assert (file["user"], file["alt_txt"]) == (slack.bot_user_id, "a report")
    assert (file["is_public"], file["channels"], file["ims"], file["groups"]) == (True, [general], [], [])
    message = slack.workspace.messages(general)[-1]
    (share,) = file["shares"]["public"][general]
    assert share["ts"] == message.ts
    assert share["channel_name"] == "general"
    assert completed.keys() <= file.keys()


async def test_files_are_shared_together_in_one_message_per_channel(
    slack: SimulatedSlack, call: Caller, general: str
) -> None:
    ada = slack.workspace.user("ada")
    ids = [await send(call, b"one", "one.txt"), await send(call, b"two", "two.txt")]
    await call.ok(
        "files.completeUploadExternal",
        files=[{"id": file_id} for file_id in ids],
        channels=f"{general},{ada.id}",
        initial_comment="Both *notes*",
    )
    direct = slack.workspace.add_im(ada)
    for channel in (general, direct.id):
        message = slack.workspace.messages(channel)[-1].as_json()
        assert [file["id"] for file in message["files"]] == ids
        assert (message["subtype"], message["text"]) == ("file_share", "Both *notes*")
        assert (message["user"], message["bot_id"]) == (slack.bot_user_id, slack.bot_id)
        assert message["blocks"][0]["type"] == "rich_text"
        assert message["files"][0]["file_access"] == "visible"
    slack.clock.advance(SHARES_SECONDS)
    file = (await call.ok("files.info", file=ids[0]))["file"]
    assert (file["channels"], file["ims"]) == ([general], [direct.id])
    assert file["shares"].keys() == {"public", "private"}


async def test_a_file_can_be_shared_in_a_thread_with_blocks(
    slack: SimulatedSlack, call: Caller, general: str
) -> None:
    root = slack.workspace.say(general, "what happened?")
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "this"}}
    await upload(call, channel_id=general, thread_ts=root.ts, blocks=[section])
    (reply,) = slack.workspace.channel(general).timeline.thread(root.ts)
    assert reply.as_json()["blocks"][0]["text"]["text"] == "this"
    slack.clock.advance(SHARES_SECONDS)
    (file,) = (await call.ok("files.list"))["files"]
    (share,) = file["shares"]["public"][general]
    assert (share["ts"], share["thread_ts"]) == (reply.ts, root.ts)


async def test_text_is_kept_as_a_snippet_with_its_first_lines(slack: SimulatedSlack, call: Caller) -> None:
    lines = "\n".join(f"line <{number}>" for number in range(1, 9))
    file_id = await upload(call, lines.encode(), "notes.py")
    slack.clock.advance(PROCESSING_SECONDS)
    info = await call.ok("files.info", file=file_id)
    file = info["file"]
    assert (file["mode"], file["editable"], file["mimetype"]) == ("snippet", True, "text/plain")
    assert (file["filetype"], file["pretty_type"]) == ("python", "Python")
    assert file["preview"] == "\n".join(lines.split("\n")[:5])
    assert (file["lines"], file["lines_more"], file["preview_is_truncated"]) == (8, 3, True)
    assert "<pre>line &lt;1&gt;</pre>" in file["preview_highlight"]
    assert info["content"] == lines


async def test_a_snippets_type_goes_before_its_name(slack: SimulatedSlack, call: Caller) -> None:
    file_id = await upload(call, b"select 1", "query", token="bot")
    assert (await call.ok("files.info", file=file_id))["file"]["mode"] == "hosted"
    sent = await send(call, b"select 1", "query", snippet_type="sql")
    await call.ok("files.completeUploadExternal", files=json.dumps([{"id": sent}]))
    slack.clock.advance(PROCESSING_SECONDS)
    file = (await call.ok("files.info", file=sent))["file"]
    assert (file["filetype"], file["mode"]) == ("sql", "snippet")


async def test_text_that_is_none_stays_a_file(call: Caller) -> None:
    file_id = await upload(call, b"\xff\xfe\x00", "broken.txt")
    assert (await call.ok("files.info", file=file_id))["file"]["mode"] == "hosted"


async def test_nothing_is_completed_unless_everything_can_be(call: Caller, general: str) -> None:
    sent = await send(call, b"one", "one.txt")
    files = [{"id": sent}, {"id": "F0123"}]
    assert await call.error("files.completeUploadExternal", files=files) == "file_not_found"
    wrong = await call("files.completeUploadExternal", files=[{"id": sent}, {"title": "no ID"}])
    assert wrong["error"] == "invalid_arguments"
    assert wrong["response_metadata"]["messages"] == [
        "[ERROR] missing required field: id [json-pointer:/files/1]"
    ]
    await call.ok("files.completeUploadExternal", files=[{"id": sent}], channel_id=general)


async def test_channel_id_takes_ids_of_conversations_alone(
    slack: SimulatedSlack, call: Caller, general: str
) -> None:
    files = [{"id": await send(call, b"one", "one.txt")}]
    direct = slack.workspace.add_im("ada").id
    ada = slack.workspace.user("ada").id
    for wrong in (ada, "#general", "general", f"{general}\n", f"{general},{direct}"):
        refused = await call("files.completeUploadExternal", files=files, channel_id=wrong)
        assert refused["error"] == "invalid_arguments", wrong
        assert refused["response_metadata"]["messages"] == [
            "[ERROR] input must match regex pattern: ^[CGDZ][A-Z0-9]{8,}$ [json-pointer:/channel_id]"
        ]
    await call.ok("files.completeUploadExternal", files=files, channel_id=direct)


async def test_files_are_named_each_once(call: Caller) -> None:
    file = {"id": await send(call, b"one", "one.txt")}
    for files in ([], [file, {**file, "title": "again"}]):
        assert await call.error("files.completeUploadExternal", files=files) == "invalid_arguments"
    await call.ok("files.completeUploadExternal", files=[file])


async def test_a_person_uploads_and_shares_by_a_token_of_its_own(
    slack: SimulatedSlack, call: Caller, general: str
) -> None:
    ada, token = slack.workspace.user("ada"), token_of(slack, "ada")
    incidents = slack.workspace.channel("incidents").id
    file_id = await upload(call, token=token, channel_id=incidents)
    message = slack.workspace.messages(incidents)[-1].as_json()
    assert message["user"] == ada.id
    assert "bot_id" not in message
    slack.clock.advance(SHARES_SECONDS)
    file = (await call.ok("files.info", token=token, file=file_id))["file"]
    assert (file["user"], file["groups"], file["is_public"]) == (ada.id, [incidents], False)
    assert file["shares"]["private"].keys() == {incidents}
    assert await call.error("files.info", file=file_id) == "file_not_found"


async def test_the_app_is_told_of_a_shared_file(
    slack: SimulatedSlack, call: Caller, connect: Connect, general: str
) -> None:
    socket = await connect()
    file_id = await upload(call, channel_id=general)
    created, events = await following(socket, "file_created", 3)
    assert [event["type"] for event in events] == ["message", "file_public", "file_shared"]
    message, _, shared = events
    assert (created["file_id"], created["file"], created["user_id"]) == (
        file_id,
        {"id": file_id},
        slack.bot_user_id,
    )
    assert (message["subtype"], message["files"][0]["id"]) == ("file_share", file_id)
    assert message["upload"] is False
    assert (shared["file_id"], shared["channel_id"]) == (file_id, general)


async def test_large_files_are_streamed_and_come_back_whole(call: Caller) -> None:
    content = bytes(range(256)) * 80_000
    file_id = await upload(call, content, "large.bin")
    file = (await call.ok("files.info", file=file_id))["file"]
    headers = {"Authorization": f"Bearer {call.slack.bot_token}"}
    async with call.session.get(file["url_private"], headers=headers) as response:
        assert await response.read() == content


async def test_an_upload_that_breaks_off_leaves_nothing(slack: SimulatedSlack, call: Caller) -> None:
    ticket = await _ticket(call, length=1_000_000)
    path = ticket["upload_url"].partition(slack.url)[2]
    host, port = slack.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 1000000\r\n\r\n"
    writer.write(head.encode() + b"x" * 1_000)
    await writer.drain()
    writer.transport.abort()
    assert await reader.read() == b""
    async with call.session.post(ticket["upload_url"], data=io.BytesIO(b"x" * 1_000_000)) as response:
        assert response.status == 200
    assert slack.world.files.store.used_bytes == 1_000_000


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"12345"),
        ("multipart/form-data; boundary=x", b"12345"),
        ("multipart/form-data; boundary=x", b"--x\r\nnonsense\r\n\r\n12345\r\n--x--"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1"),
    ],
)
async def test_a_form_that_cannot_be_read_is_refused(call: Caller, kind: str, body: bytes) -> None:
    ticket = await _ticket(call)
    headers = {"Content-Type": kind}
    async with call.session.post(ticket["upload_url"], data=body, headers=headers) as response:
        assert response.status == 400


async def test_an_upload_that_cannot_be_kept_is_refused(slack: SimulatedSlack, call: Caller) -> None:
    kept = slack.world.files.store.path(await upload(call))
    assert kept is not None
    shutil.rmtree(kept.parent)
    ticket = await _ticket(call)
    async with call.session.post(ticket["upload_url"], data=b"12345") as response:
        assert response.status == 507
        assert "cannot be kept" in await response.text()


async def test_a_name_of_ones_own_stands_at_the_message_with_the_file(
    slack: SimulatedSlack, call: Caller, general: str
) -> None:
    await upload(call, channel_id=general, username="Courier", icon_emoji=":package:")
    message = slack.workspace.messages(general)[-1].as_json()
    assert (message["username"], message["icons"]) == ("Courier", {"emoji": ":package:"})
