"""Files that are there: listing, deleting, remote ones, and what people do with them."""

from __future__ import annotations

import base64
import gc
from pathlib import Path
from typing import Any

import pytest

from pack.sandbox.slack import SimulatedSlack
from pack.sandbox.slack.world.file_store import FileStore
from pack.sandbox.slack.world.files import SHARES_SECONDS
from tests.sandbox.slack.caller import Caller
from tests.sandbox.slack.conftest import Connect
from tests.sandbox.slack.uploading import following, token_of, upload

PAPER = {"external_id": "paper-1", "external_url": "https://example.com/paper", "title": "A paper"}


@pytest.fixture
def general(slack: SimulatedSlack) -> str:
    slack.workspace.join("general", slack.bot_user_id)
    return slack.workspace.channel("general").id


async def _control(call: Caller, action: str, **body: Any) -> dict[str, Any]:
    async with call.session.post(f"{call.slack.url}/sandbox/{action}", json=body) as response:
        answer: dict[str, Any] = await response.json()
        return answer


async def _names(call: Caller, **filters: Any) -> list[str]:
    return [file["name"] for file in (await call.ok("files.list", **filters))["files"]]


async def test_files_are_listed_newest_first_and_filtered(
    slack: SimulatedSlack, call: Caller, general: str
) -> None:
    ada = slack.workspace.user("ada").id
    await upload(call, name="a.png")
    first = slack.workspace.seconds()
    slack.clock.advance(100)
    await upload(call, name="b.py", channel_id=general)
    await _control(call, "upload", name="c.zip", content="zip", user="ada", channel="general")
    await _control(call, "upload", name="hidden.pdf", content="pdf", user="ada")
    slack.clock.advance(SHARES_SECONDS)
    assert await _names(call) == ["c.zip", "b.py", "a.png"]
    assert await _names(call, types="images,zips") == ["c.zip", "a.png"]
    assert await _names(call, types="snippets") == ["b.py"]
    assert await _names(call, types="all,pdfs") == ["c.zip", "b.py", "a.png"]
    assert await _names(call, user=ada) == ["c.zip"]
    assert await _names(call, channel=general) == ["c.zip", "b.py"]
    assert await _names(call, ts_to=str(first + 50)) == ["a.png"]
    assert await _names(call, ts_from=str(first + 50), ts_to="now") == ["c.zip", "b.py"]


async def test_a_list_of_files_has_numbered_pages(call: Caller) -> None:
    for number in range(5):
        await upload(call, name=f"{number}.txt")
    answer = await call.ok("files.list", count=2, page="2")
    assert [file["name"] for file in answer["files"]] == ["2.txt", "1.txt"]
    assert answer["paging"] == {"count": 2, "total": 5, "page": 2, "pages": 3}
    assert await _names(call, count="2", page=9) == []
    assert len(await _names(call, count=0)) == 1


async def test_a_deleted_file_leaves_a_tombstone_in_its_messages(
    slack: SimulatedSlack, call: Caller, connect: Connect, general: str
) -> None:
    file_id = await upload(call, channel_id=general)
    socket = await connect()
    await call.ok("files.delete", file=file_id)
    _, events = await following(socket, "file_shared", 2)
    changed, deleted = events
    assert changed["subtype"] == "message_changed"
    assert changed["message"]["files"] == [{"id": file_id, "mode": "tombstone"}]
    assert "edited" not in changed["message"]
    assert (deleted["type"], deleted["file_id"]) == ("file_deleted", file_id)
    (message,) = (await call.ok("conversations.history", channel=general, limit=1))["messages"]
    assert message["files"] == [{"id": file_id, "mode": "tombstone"}]
    assert await _names(call) == []


async def test_a_file_whose_message_is_deleted_is_no_longer_shared(
    slack: SimulatedSlack, call: Caller, general: str
) -> None:
    answer = await _control(call, "upload", name="a.txt", content="a", user="ada", channel="general")
    slack.clock.advance(SHARES_SECONDS)
    file = (await call.ok("files.info", file=answer["file"]["id"]))["file"]
    assert file["channels"] == [general]
    slack.workspace.say(general, "what is this?", thread_ts=answer["ts"])
    slack.workspace.delete(general, answer["ts"])
    assert await call.error("files.info", file=file["id"]) == "file_not_found", "only a tombstone is left"


async def test_people_upload_and_delete_by_control_actions(
    slack: SimulatedSlack, call: Caller, connect: Connect, general: str
) -> None:
    socket = await connect()
    content = base64.b64encode(b"\x00\x01").decode()
    shared = await _control(
        call, "upload", name="a.bin", content_base64=content, channel="general", text="@flyte R&D", title="A"
    )
    assert (shared["ok"], shared["channel"]) == (True, general)
    created, (shown, mention, *_) = await following(socket, "file_created", 4)
    assert (mention["type"], mention["ts"]) == ("app_mention", shared["ts"])
    assert (created["file_id"], shown["ts"]) == (shared["file"]["id"], shared["ts"])
    message = slack.workspace.message(general, shared["ts"])
    assert (message.user, message.text) == (
        slack.workspace.people()[0].id,
        f"<@{slack.bot_user_id}> R&amp;D",
    )
    assert message.fields["blocks"][0]["elements"][0]["elements"][0]["type"] == "user"
    url, headers = shared["file"]["url_private"], {"Authorization": f"Bearer {slack.bot_token}"}
    async with call.session.get(url, headers=headers) as response:
        assert await response.read() == b"\x00\x01"
    assert (await _control(call, "delete-file", file=shared["file"]["id"]))["ok"]
    assert (await _control(call, "delete-file", file=shared["file"]["id"]))["error"] == "file_deleted"
    assert (await _control(call, "delete-file", file="F0123"))["error"] == "file_not_found"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"name": "a.txt"}, "invalid_arguments"),
        ({"name": "a.txt", "content": "a", "content_base64": "YQ=="}, "invalid_arguments"),
        ({"name": "a.txt", "content_base64": "?"}, "invalid_arguments"),
        ({"name": "a.txt", "content": ""}, "missing_argument"),
        ({"name": "a.txt", "content": "a", "user": "nobody"}, "user_not_found"),
        ({"name": "a.txt", "content": "a", "channel": "nowhere"}, "channel_not_found"),
    ],
)
async def test_an_upload_that_cannot_be_is_refused(call: Caller, body: dict[str, str], error: str) -> None:
    assert (await _control(call, "upload", **body))["error"] == error


async def test_administrators_forbid_and_allow_again(slack: SimulatedSlack, call: Caller) -> None:
    assert (await _control(call, "file-rules", uploads="none"))["ok"]
    asked = {"filename": "a.txt", "length": 1}
    assert await call.error("files.getUploadURLExternal", **asked) == "file_uploads_disabled"
    wrong = await _control(call, "file-rules", refused_types=["poem"])
    assert "poem" in wrong["message"]
    assert (await _control(call, "file-rules"))["ok"]
    await call.ok("files.getUploadURLExternal", **asked)


async def test_remote_files_are_registered_changed_shared_and_removed(
    slack: SimulatedSlack, call: Caller, connect: Connect, general: str
) -> None:
    added = (await call.ok("files.remote.add", **PAPER, filetype="pdf"))["file"]
    assert (added["mode"], added["is_external"], added["external_type"]) == ("external", True, "app")
    assert (added["external_id"], added["url_private"]) == ("paper-1", "https://example.com/paper")
    assert (await call.ok("files.remote.add", **PAPER))["file"]["id"] == added["id"]
    renamed = await call.ok("files.remote.update", external_id="paper-1", title="Our paper")
    assert renamed["file"]["title"] == "Our paper"
    socket = await connect()
    await call.ok("files.remote.share", external_id="paper-1", channels=general)
    _, (message,) = await following(socket, "file_change", 1)
    assert (message["files"][0]["id"], message["files"][0]["title"]) == (added["id"], "Our paper")
    slack.clock.advance(SHARES_SECONDS)
    info = (await call.ok("files.remote.info", file=added["id"]))["file"]
    assert info["channels"] == [general]
    assert await _names(call) == [], "remote files have a list of their own"
    await call.ok("files.remote.remove", file=added["id"])
    assert await call.error("files.remote.info", external_id="paper-1") == "file_not_found"
    assert slack.workspace.messages(general)[-1].fields["files"] == [{"id": added["id"], "mode": "tombstone"}]


async def test_remote_files_are_listed_page_by_page(call: Caller) -> None:
    for number in range(3):
        await call.ok("files.remote.add", **{**PAPER, "external_id": f"{number}", "title": f"{number}"})
    first = await call.ok("files.remote.list", limit=2)
    assert [file["title"] for file in first["files"]] == ["2", "1"]
    cursor = first["response_metadata"]["next_cursor"]
    last = await call.ok("files.remote.list", limit=2, cursor=cursor)
    assert [file["title"] for file in last["files"]] == ["0"]
    assert last["response_metadata"]["next_cursor"] == ""


async def test_a_reset_forgets_files_and_their_contents(slack: SimulatedSlack, call: Caller) -> None:
    file_id = await upload(call)
    path = slack.world.files.store.path(file_id)
    assert path is not None
    assert path.exists()
    slack.reset()
    assert not path.parent.exists()
    assert await call.error("files.info", file=file_id) == "file_not_found"
    await upload(call)


def test_the_directory_of_files_goes_with_its_store() -> None:
    store = FileStore()
    with store.writing("F1") as stream:
        stream.write(b"content")
    place = store.path("F1")
    assert place is not None
    directory: Path = place.parent
    assert directory.exists()
    del store
    gc.collect()
    assert not directory.exists()


async def test_somebody_else_sees_a_file_where_it_is_shared(
    slack: SimulatedSlack, call: Caller, general: str
) -> None:
    carol, bob = token_of(slack, "carol"), token_of(slack, "bob")
    slack.workspace.join("incidents", slack.bot_user_id)
    incidents = slack.workspace.channel("incidents").id
    file_id = await upload(call, channel_id=incidents)
    await call.ok("files.info", token=carol, file=file_id)
    assert await call.error("files.info", token=bob, file=file_id) == "file_not_found"


async def test_the_app_is_not_told_of_files_that_it_cannot_see(
    slack: SimulatedSlack, call: Caller, connect: Connect, general: str
) -> None:
    socket = await connect()
    await _control(call, "upload", name="diary.txt", content="dear diary", user="bob")
    await _control(call, "upload", name="plan.txt", content="secret", user="carol", channel="incidents")
    shown = await _control(call, "upload", name="a.txt", content="a", user="ada", channel="general")
    created, _ = await following(socket, "file_created", 0)
    assert created["file_id"] == shown["file"]["id"]


async def test_a_guest_sees_only_the_files_of_its_own_channels(slack: SimulatedSlack, call: Caller) -> None:
    workspace = slack.workspace
    workspace.add_user("guest", is_restricted=True)
    shared = workspace.add_channel("shared", members=["guest", "ada"])
    await _control(call, "upload", name="ours.txt", content="a", user="ada", channel=shared.id)
    await _control(call, "upload", name="theirs.txt", content="a", user="ada", channel="general")
    assert await _names(call, token=token_of(slack, "guest")) == ["ours.txt"]
    assert await _names(call, token=token_of(slack, "bob")) == ["theirs.txt", "ours.txt"]


async def test_an_admin_deletes_what_others_uploaded(
    slack: SimulatedSlack, call: Caller, general: str
) -> None:
    file_id = await upload(call, channel_id=general)
    slack.workspace.user("ada").is_admin = True
    bob, ada = token_of(slack, "bob"), token_of(slack, "ada")
    assert await call.error("files.delete", token=bob, file=file_id) == "cant_delete_file"
    await call.ok("files.delete", token=ada, file=file_id)
