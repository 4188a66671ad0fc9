"""Uploaded pictures in blocks: which ones Slack shows, and what it says of the others."""

from __future__ import annotations

from typing import Any

from pack.sandbox.slack import SimulatedSlack
from tests.sandbox.slack.caller import Caller
from tests.sandbox.slack.uploading import send, token_of, upload

Json = Any


def image(**slack_file: str) -> dict[str, Json]:
    return {"type": "image", "alt_text": "A build", "slack_file": slack_file}


async def post(call: Caller, block: Json, **others: Any) -> dict[str, Json]:
    return await call("chat.postMessage", channel="general", blocks=[block], **others)


def is_refused(answer: dict[str, Json], place: str = "/blocks/0/slack_file") -> bool:
    fault = f"invalid slack file [json-pointer:{place}]"
    assert answer["ok"] is False, answer
    assert (answer["error"], answer["errors"]) == ("invalid_blocks", [fault])
    return bool(answer["response_metadata"]["messages"] == [f"[ERROR] {fault}"])


async def test_a_file_that_nobody_knows_is_refused(slack: SimulatedSlack, call: Caller) -> None:
    slack.workspace.join("general", slack.bot_user_id)
    assert is_refused(await post(call, image(id="F00NOPE00")))
    assert is_refused(await post(call, image(url="https://files.slack.com/files-pri/T1-F1/x.png")))
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "x"}, "accessory": image(id="F0")}
    assert is_refused(await post(call, section), "/blocks/0/accessory/slack_file")


async def test_a_picture_can_be_shown_once_it_is_processed(slack: SimulatedSlack, call: Caller) -> None:
    slack.workspace.join("general", slack.bot_user_id)
    announced = await send(call, b"picture", "build.png")
    assert is_refused(await post(call, image(id=announced)))
    await call.ok("files.completeUploadExternal", files=[{"id": announced}])
    assert is_refused(await post(call, image(id=announced)))
    fresh = (await call.ok("files.info", file=announced))["file"]
    assert fresh["mimetype"] == ""
    slack.clock.advance(2)
    file = (await call.ok("files.info", file=announced))["file"]
    assert file["mimetype"] == "image/png"
    for named in ({"id": announced}, {"url": file["url_private"]}, {"url": file["permalink"]}):
        assert (await post(call, image(**named)))["ok"] is True
    await call.ok("files.delete", file=announced)
    assert is_refused(await post(call, image(id=announced)))


async def test_what_is_no_picture_cannot_be_shown(slack: SimulatedSlack, call: Caller) -> None:
    slack.workspace.join("general", slack.bot_user_id)
    file_id = await upload(call, name="notes.txt")
    slack.clock.advance(2)
    assert is_refused(await post(call, image(id=file_id)))


async def test_somebody_elses_private_picture_cannot_be_shown(slack: SimulatedSlack, call: Caller) -> None:
    slack.workspace.join("general", slack.bot_user_id)
    bob = token_of(slack, "bob", "chat:write")
    file_id = await upload(call, name="mine.png", token=bob)
    slack.clock.advance(2)
    assert is_refused(await post(call, image(id=file_id)))
    assert (await post(call, image(id=file_id), token=bob))["ok"] is True


async def test_a_home_tab_is_refused_for_an_unknown_file(slack: SimulatedSlack, call: Caller) -> None:
    view = {"type": "home", "blocks": [image(id="F00NOPE00")]}
    answer = await call("views.publish", user_id=slack.workspace.user("bob").id, view=view)
    fault = "[ERROR] invalid slack file [json-pointer:/view/blocks/0/slack_file]"
    assert (answer["error"], answer["response_metadata"]["messages"]) == ("invalid_arguments", [fault])
