"""Control actions on files, pins and threads: people upload and pin, administrators forbid."""

from __future__ import annotations

import base64
import binascii
from typing import Literal

from pydantic import Field

from pack.sandbox.slack.control.actions import Body, ControlAction, Json, Simulation
from pack.sandbox.slack.kit.rich_text import from_text
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.filetypes import TYPES
from pack.sandbox.slack.world.reactions import LOCKED
from pack.sandbox.slack.world.speech import word
from pack.sandbox.slack.world.uploads import LARGEST_FILE, STORAGE, FileRules


class Upload(Body):
    """Upload a file as a person (None: the first one) and share it, or keep it private without a channel.

    ``content`` is a text, ``content_base64`` anything; one of them has to be there.
    """

    actors = ("user",)
    name: str = Field(min_length=1)
    content: str | None = None
    content_base64: str | None = None
    channel: str | None = None
    user: str | None = None
    title: str | None = None
    text: str = ""
    thread_ts: str | None = None


class DeleteFile(Body):
    """Delete a file, whoever owns it."""

    file: str


class SetFileRules(Body):
    """What administrators allow; what is not given is as at first."""

    uploads: Literal["all", "images", "none"] = "all"
    refused_types: list[str] = Field(default_factory=list)
    largest_bytes: int = Field(LARGEST_FILE, ge=0)
    storage_bytes: int = Field(STORAGE, ge=0)
    public_links: bool = True
    refused_public_types: list[str] = Field(default_factory=list)


class PinMessage(Body):
    """Pin a message, or take the pin off, as a person (None: the first one)."""

    actors = ("user",)
    channel: str
    ts: str
    user: str | None = None
    pinned: bool = True


class LockThread(Body):
    """Lock a thread by its root, so that nobody may react in it, or unlock it."""

    channel: str
    ts: str
    locked: bool = True


def upload(simulation: Simulation, body: Upload) -> dict[str, Json]:
    """Upload a file; returns ``file`` (the file object), and when it was shared ``channel`` and ``ts``."""
    world = simulation.world
    workspace, files = world.workspace, world.files
    user = workspace.user(body.user) if body.user else workspace.people()[0]
    channel = workspace.channel(body.channel) if body.channel else None
    if channel is not None and channel.is_archived:
        raise Refusal("is_archived")
    host = simulation.url.partition("://")[2]
    file = files.put(user.id, body.name, _read_content(body), title=body.title, host=host)
    answer: dict[str, Json] = {"file": files.describe(file)}
    if channel is None:
        files.keep_private(file)
        return answer
    if user.id not in channel.members:
        workspace.join(channel, user)
    text = word(workspace, body.text, world.usergroups.all())
    fields: dict[str, Json] = {"team": world.app.team_id}
    if blocks := from_text(text, lists=True):
        fields["blocks"] = blocks
    message = files.share([file], channel, user.id, text, thread_ts=body.thread_ts, fields=fields)
    return answer | {"channel": channel.id, "ts": message.ts}


def delete_file(simulation: Simulation, body: DeleteFile) -> dict[str, Json]:
    """Delete a file."""
    file = simulation.world.files.find(body.file)
    if file is None:
        raise Refusal("file_not_found")
    if file.deleted:
        raise Refusal("file_deleted")
    simulation.world.files.delete(file)
    return {}


def set_file_rules(simulation: Simulation, body: SetFileRules) -> dict[str, Json]:
    """Set what may be uploaded and opened to everybody."""
    named = {*body.refused_types, *body.refused_public_types}
    if not named <= TYPES.keys():
        raise ValueError(f"there are no such types of file: {', '.join(sorted(named - TYPES.keys()))}")
    simulation.world.files.uploads.rules = FileRules(
        uploads=body.uploads,
        refused_types=frozenset(body.refused_types),
        largest_bytes=body.largest_bytes,
        storage_bytes=body.storage_bytes,
        public_links=body.public_links,
        refused_public_types=frozenset(body.refused_public_types),
    )
    return {}


def pin(simulation: Simulation, body: PinMessage) -> dict[str, Json]:
    """Pin a message, or take its pin off."""
    workspace, pins = simulation.world.workspace, simulation.world.pins
    channel, message = workspace.channel(body.channel), workspace.message(body.channel, body.ts)
    user = workspace.user(body.user) if body.user else workspace.people()[0]
    (pins.add if body.pinned else pins.remove)(channel, message, user.id)
    return {}


def lock_thread(simulation: Simulation, body: LockThread) -> dict[str, Json]:
    """Lock or unlock a thread."""
    simulation.world.workspace.message(body.channel, body.ts).fields[LOCKED] = body.locked
    return {}


def _read_content(body: Upload) -> bytes:
    if (body.content is None) == (body.content_base64 is None):
        raise ValueError("either content or content_base64 has to be there")
    if body.content_base64 is None:
        return (body.content or "").encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(body.content_base64, validate=True)
    except binascii.Error as error:
        raise ValueError(f"content_base64 is no base64: {error}") from error


ACTIONS = (
    ControlAction("upload", Upload, upload, "Upload a file as a person, and share it."),
    ControlAction("delete-file", DeleteFile, delete_file, "Delete a file, whoever owns it."),
    ControlAction("file-rules", SetFileRules, set_file_rules, "Set what administrators allow of files."),
    ControlAction("pin", PinMessage, pin, "Pin a message as a person, or take the pin off."),
    ControlAction("lock-thread", LockThread, lock_thread, "Lock or unlock a thread."),
)
