"""Control actions by which people act: they speak, react, and bring others in and out."""

from __future__ import annotations

from pack.sandbox.slack.control.actions import Body, ControlAction, Json, Simulation
from pack.sandbox.slack.world.speech import speak


class Say(Body):
    """Say something in a channel; ``@BOT`` is the direct message with the bot."""

    channel: str
    text: str
    user: str | None = None
    thread_ts: str | None = None
    subtype: str | None = None


class React(Body):
    """React to a message."""

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
    message = speak(
        simulation.world.workspace,
        body.channel,
        body.text,
        user=body.user,
        thread_ts=body.thread_ts,
        subtype=body.subtype,
    )
    return {"ts": message.ts, "channel": message.channel}


def react(simulation: Simulation, body: React) -> dict[str, Json]:
    """React to a message as a user."""
    simulation.world.workspace.react(body.channel, body.ts, body.name, user=body.user)
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


ACTIONS = (
    ControlAction("say", Say, say, "Say something as a user."),
    ControlAction("react", React, react, "React to a message as a user."),
    ControlAction("invite", Membership, invite, "Invite the bot, or a user, into a channel."),
    ControlAction("kick", Membership, kick, "Remove the bot, or a user, from a channel."),
)
