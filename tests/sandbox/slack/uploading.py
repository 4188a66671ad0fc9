"""Uploads to the simulated Slack by hand, step by step."""

from __future__ import annotations

import io
from typing import Any

from pack.sandbox.slack import SimulatedSlack
from pack.sandbox.slack.world.grants import TokenKind
from tests.sandbox.slack.caller import Caller, Socket

FILE_SCOPES = frozenset({"files:read", "files:write", "remote_files:read", "remote_files:share"})


async def send(call: Caller, content: bytes, name: str = "notes.txt", **announced: Any) -> str:
    """Announce and upload a file; returns its ID."""
    length = announced.pop("length", len(content))
    ticket = await call.ok("files.getUploadURLExternal", filename=name, length=length, **announced)
    async with call.session.post(ticket["upload_url"], data=io.BytesIO(content)) as response:
        assert (response.status, await response.text()) == (200, f"OK - {len(content)}")
    return ticket["file_id"]


async def upload(
    call: Caller, content: bytes = b"some notes", name: str = "notes.txt", **complete: Any
) -> str:
    """Upload and complete a file; returns its ID."""
    token = {"token": complete["token"]} if "token" in complete else {}
    file_id = await send(call, content, name, **token)
    await call.ok("files.completeUploadExternal", files=[{"id": file_id}], **complete)
    return file_id


def token_of(slack: SimulatedSlack, name: str, *scopes: str) -> str:
    """Return a token of a person, with the scopes for files and the given ones."""
    user = slack.workspace.user(name)
    return slack.world.grants.issue(TokenKind.USER, user.id, FILE_SCOPES | set(scopes)).token


async def following(socket: Socket, kind: str, count: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Pass over events until one of a type comes; returns it and so many after it."""
    while (event := await socket.event())["type"] != kind:
        pass
    return event, [await socket.event() for _ in range(count)]
