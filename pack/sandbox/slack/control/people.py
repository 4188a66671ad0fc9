"""Control actions by which people act: they speak, change their mind, react, and bring others in and out."""

from __future__ import annotations

from pack.sandbox.slack.control.actions import Body, ControlAction, Json, Simulation
from pack.sandbox.slack.kit.blocks import read_blocks
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.pictures import can_show
from pack.sandbox.slack.world.speech import reword, speak, take_back
from pack.sandbox.slack.world.timeline import Message
from pack.sandbox.slack.world.world import World


class Say(Body):
    """Say something in a channel; ``@BOT`` is the direct message with the bot."""

    actors = ("user",)
    channel: str
    text: str
    user: str | None = None
    thread_ts: str | None = None
    subtype: str | None = None
    blocks: list[dict[str, Json]] | None = None


class Edit(Body):
    """Change a message; ``user``: who does it (None: its author)."""

    actors = ("user",)
    channel: str
    ts: str
    text: str
    user: str | None = None
    blocks: list[dict[str, Json]] | None = None


class Delete(Body):
    """Delete a message; ``user``: who does it (None: its author)."""

    actors = ("user",)
    channel: str
    ts: str
    user: str | None = None


class React(Body):
    """React to a message."""

    actors = ("user",)
    channel: str
    ts: str
    name: str
    user: str | None = None


class Membership(Body):
    """Invite or remove a user (None: the app's bot); ``by``: who does it."""

    channel: str
    user: str | None = None
    by: str | None = None


def say(simulation: Simulation, body: Say) -> dict[str, Json]:
    """Say something as a user; returns ``ts`` and ``channel``."""
    world = simulation.world
    blocks = _read_blocks(world, body)
    message = speak(
        world.workspace,
        body.channel,
        body.text,
        user=body.user,
        thread_ts=body.thread_ts,
        subtype=body.subtype,
        groups=world.usergroups.all(),
        **({"blocks": blocks} if blocks else {}),
    )
    return {"ts": message.ts, "channel": message.channel}


def edit(simulation: Simulation, body: Edit) -> dict[str, Json]:
    """Change a message as a user."""
    blocks = _read_blocks(simulation.world, body)
    fields = {"blocks": blocks} if blocks else {}
    reword(simulation.world.workspace, _message(simulation, body), body.text, user=body.user, **fields)
    return {}


def delete(simulation: Simulation, body: Delete) -> dict[str, Json]:
    """Delete a message as a user."""
    take_back(simulation.world.workspace, _message(simulation, body), user=body.user)
    return {}


def react(simulation: Simulation, body: React) -> dict[str, Json]:
    """React to a message as a user."""
    simulation.world.workspace.react(body.channel, body.ts, body.name, user=body.user)
    return {}


def unreact(simulation: Simulation, body: React) -> dict[str, Json]:
    """Take a reaction back as a user."""
    simulation.world.workspace.unreact(body.channel, body.ts, body.name, user=body.user)
    return {}


def invite(simulation: Simulation, body: Membership) -> dict[str, Json]:
    """Invite a user; ``changed`` tells whether it was not there before."""
    workspace = simulation.world.workspace
    inviter = body.by or workspace.people()[0]
    return {"changed": workspace.join(body.channel, body.user or workspace.app.bot_user_id, inviter=inviter)}


def kick(simulation: Simulation, body: Membership) -> dict[str, Json]:
    """Remove a user; ``changed`` tells whether it was there."""
    workspace = simulation.world.workspace
    remover = body.by or workspace.people()[0]
    return {"changed": workspace.leave(body.channel, body.user or workspace.app.bot_user_id, by=remover)}


def _read_blocks(world: World, body: Say | Edit) -> list[dict[str, Json]] | None:
    return read_blocks(body.blocks, lambda slack_file: can_show(world.files, slack_file, None))


def _message(simulation: Simulation, body: Edit | Delete) -> Message:
    workspace = simulation.world.workspace
    message = workspace.message(body.channel, body.ts)
    author = workspace.users.get(message.user or "")
    if author is not None and author.deleted:
        raise Refusal("user_is_deactivated")
    return message


ACTIONS = (
    ControlAction("say", Say, say, "Say something as a user."),
    ControlAction("edit", Edit, edit, "Change a message as its author."),
    ControlAction("delete", Delete, delete, "Delete a message as its author."),
    ControlAction("react", React, react, "React to a message as a user."),
    ControlAction("unreact", React, unreact, "Take a reaction back as a user."),
    ControlAction("invite", Membership, invite, "Invite the bot, or a user, into a channel."),
    ControlAction("kick", Membership, kick, "Remove the bot, or a user, from a channel."),
)
