"""Control actions by which channels appear, change and go, and people open direct messages."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import Field

from pack.sandbox.slack.control.actions import Body, ControlAction, Json, Simulation
from pack.sandbox.slack.methods.channels import checked_name
from pack.sandbox.slack.world.objects import Channel
from pack.sandbox.slack.world.workspace import Workspace


class NewChannel(Body):
    """A channel: ``members`` None: all people; ``bot``: the app's bot is in it; ``by``: who makes it.

    With ``by`` it is made as a person makes it, who then is its only member, besides those invited.
    """

    name: str
    private: bool = False
    members: list[str] | None = None
    bot: bool = False
    archived: bool = False
    topic: str = Field(default="", max_length=250)
    purpose: str = Field(default="", max_length=250)
    by: str | None = None


class ChannelBy(Body):
    """A channel by ID or name, and who acts (None: the first person)."""

    channel: str
    by: str | None = None


class GoneChannel(Body):
    """A channel that is to go."""

    channel: str


class Renaming(ChannelBy):
    """A channel's new name."""

    name: str


class Remarking(ChannelBy):
    """A channel's new topic or purpose."""

    text: str = Field(max_length=250)


class Posting(ChannelBy):
    """Whether only admins may post in a channel."""

    read_only: bool = True


class Moving(Body):
    """A person who joins or leaves a channel by itself."""

    actors = ("user",)
    channel: str
    user: str


class Direct(Body):
    """People in a direct message; ``owner``: who opens it (None: the app's bot)."""

    actors = ("owner",)
    users: list[str] = Field(min_length=1, max_length=8)
    owner: str | None = None


class Reading(Body):
    """How far a person has read a channel; ``ts`` None: all."""

    actors = ("user",)
    channel: str
    user: str
    ts: str | None = None


def create_channel(simulation: Simulation, body: NewChannel) -> dict[str, Json]:
    """Make a channel; returns it as ``conversations.info`` does, with its ``members``."""
    workspace = simulation.world.workspace
    name = checked_name(body.name.removeprefix("#"))
    if body.by is None:
        channel = workspace.add_channel(
            name,
            private=body.private,
            members=body.members,
            bot=body.bot,
            topic=body.topic,
            purpose=body.purpose,
        )
        if body.archived:
            channel.is_archived = True
    else:
        channel = _make_by(workspace, name, body)
    return _described(workspace, channel)


def archive(simulation: Simulation, body: ChannelBy) -> dict[str, Json]:
    """Archive a channel."""
    simulation.world.workspace.archive(body.channel, by=body.by)
    return {}


def unarchive(simulation: Simulation, body: ChannelBy) -> dict[str, Json]:
    """Bring an archived channel back."""
    simulation.world.workspace.unarchive(body.channel, by=body.by)
    return {}


def delete_channel(simulation: Simulation, body: GoneChannel) -> dict[str, Json]:
    """Delete a channel and what was said in it."""
    simulation.world.workspace.delete_channel(body.channel)
    return {}


def rename_channel(simulation: Simulation, body: Renaming) -> dict[str, Json]:
    """Give a channel another name."""
    name = checked_name(body.name.removeprefix("#"))
    simulation.world.workspace.rename(body.channel, name, by=body.by)
    return {}


def set_topic(simulation: Simulation, body: Remarking) -> dict[str, Json]:
    """Set a channel's topic."""
    simulation.world.workspace.set_topic(body.channel, body.text, by=body.by)
    return {}


def set_purpose(simulation: Simulation, body: Remarking) -> dict[str, Json]:
    """Set a channel's purpose."""
    simulation.world.workspace.set_purpose(body.channel, body.text, by=body.by)
    return {}


def make_private(simulation: Simulation, body: ChannelBy) -> dict[str, Json]:
    """Turn a public channel into a private one."""
    simulation.world.workspace.make_private(body.channel, by=body.by)
    return {}


def restrict_posting(simulation: Simulation, body: Posting) -> dict[str, Json]:
    """Let only admins post in a channel, or everybody again."""
    simulation.world.workspace.restrict_posting(body.channel, body.read_only, by=body.by)
    return {}


def join(simulation: Simulation, body: Moving) -> dict[str, Json]:
    """Have a person join a channel; ``changed`` tells whether it was not there before."""
    return {"changed": simulation.world.workspace.join(body.channel, body.user)}


def leave(simulation: Simulation, body: Moving) -> dict[str, Json]:
    """Have a person leave a channel; ``changed`` tells whether it was there."""
    return {"changed": simulation.world.workspace.leave(body.channel, body.user)}


def open_direct(simulation: Simulation, body: Direct) -> dict[str, Json]:
    """Open a direct message; returns its ID as ``channel``, and whether it was open already."""
    channel, was_open = simulation.world.workspace.open_direct(body.users, body.owner)
    return {"channel": channel.id, "already_open": was_open}


def close_direct(simulation: Simulation, body: Moving) -> dict[str, Json]:
    """Take a direct message out of a person's list; ``changed`` tells whether it was there."""
    workspace = simulation.world.workspace
    channel = workspace.channel(body.channel)
    if not channel.kind.direct:
        raise ValueError("channel has to be a direct message")
    return {"changed": workspace.close_direct(channel, body.user)}


def mark_read(simulation: Simulation, body: Reading) -> dict[str, Json]:
    """Note how far a person has read."""
    workspace = simulation.world.workspace
    workspace.mark(body.channel, body.user, workspace.new_ts() if body.ts is None else body.ts)
    return {}


def _make_by(workspace: Workspace, name: str, body: NewChannel) -> Channel:
    channel = workspace.create(name, body.by, private=body.private)
    invited = [workspace.user(member).id for member in body.members or ()]
    for member in [*invited, *([workspace.app.bot_user_id] if body.bot else [])]:
        workspace.join(channel, member, inviter=body.by)
    marks: tuple[tuple[str, Callable[..., None]], ...] = (
        (body.topic, workspace.set_topic),
        (body.purpose, workspace.set_purpose),
    )
    for text, set_text in marks:
        if text:
            set_text(channel, text, by=body.by)
    if body.archived:
        workspace.archive(channel, by=body.by)
    return channel


def _described(workspace: Workspace, channel: Channel) -> dict[str, Json]:
    described = channel.as_json(workspace.app.bot_user_id, num_members=True)
    return {"channel": {**described, "members": list(channel.members)}}


ACTIONS = (
    ControlAction("create-channel", NewChannel, create_channel, "Make a channel."),
    ControlAction("archive", ChannelBy, archive, "Archive a channel."),
    ControlAction("unarchive", ChannelBy, unarchive, "Bring an archived channel back."),
    ControlAction("delete-channel", GoneChannel, delete_channel, "Delete a channel."),
    ControlAction("rename-channel", Renaming, rename_channel, "Give a channel another name."),
    ControlAction("set-topic", Remarking, set_topic, "Set a channel's topic."),
    ControlAction("set-purpose", Remarking, set_purpose, "Set a channel's purpose."),
    ControlAction("make-private", ChannelBy, make_private, "Turn a public channel into a private one."),
    ControlAction("restrict-posting", Posting, restrict_posting, "Let only admins post, or everybody."),
    ControlAction("join", Moving, join, "Have a person join a channel by itself."),
    ControlAction("leave", Moving, leave, "Have a person leave a channel by itself."),
    ControlAction("open-direct", Direct, open_direct, "Open a direct message with one or several."),
    ControlAction("close-direct", Moving, close_direct, "Close a direct message."),
    ControlAction("mark-read", Reading, mark_read, "Note how far a person has read."),
)
