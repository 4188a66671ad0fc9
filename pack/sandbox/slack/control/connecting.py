"""Control actions by which other workspaces take part in Slack Connect."""

from __future__ import annotations

from pydantic import Field

from pack.sandbox.slack.control.actions import Body, ControlAction, Json, Simulation


class Received(Body):
    """An invite from another workspace, by its name, into a channel of its own; ``recipient``: an address."""

    team: str = Field(min_length=1)
    channel_name: str
    recipient: str = "ada@example.com"


class Accepted(Body):
    """An invite that another workspace accepts; without ``approval`` it is shared at once."""

    invite_id: str
    team: str = Field(min_length=1)
    approval: bool = True


class Requested(Body):
    """What a member asks for: that somebody be invited into a channel."""

    actors = ("user",)
    channel: str
    email: str
    user: str | None = None
    limited: bool = True


def receive_invite(simulation: Simulation, body: Received) -> dict[str, Json]:
    """Be invited by another workspace; returns ``invite_id`` and ``team_id``."""
    connections = simulation.world.connections
    team = connections.other_team(body.team)
    return {
        "invite_id": connections.receive(team, body.channel_name, body.recipient).id,
        "team_id": team.id,
    }


def accept_invite(simulation: Simulation, body: Accepted) -> dict[str, Json]:
    """Have another workspace accept an invite of this one; returns ``team_id``."""
    connections = simulation.world.connections
    team = connections.other_team(body.team)
    connections.accept_elsewhere(connections.find(body.invite_id), team, approval=body.approval)
    return {"team_id": team.id}


def request_invite(simulation: Simulation, body: Requested) -> dict[str, Json]:
    """Have a member ask for an invite; returns ``invite_id``."""
    workspace = simulation.world.workspace
    user = workspace.user(body.user) if body.user else workspace.people()[0]
    channel = workspace.channel(body.channel)
    request = simulation.world.connections.request(channel, body.email, user, limited=body.limited)
    return {"invite_id": request.id}


ACTIONS = (
    ControlAction(
        "receive-connect-invite", Received, receive_invite, "Be invited to share another workspace's channel."
    ),
    ControlAction(
        "accept-connect-invite", Accepted, accept_invite, "Have another workspace accept an invite."
    ),
    ControlAction(
        "request-connect-invite", Requested, request_invite, "Have a member ask that somebody be invited."
    ),
)
