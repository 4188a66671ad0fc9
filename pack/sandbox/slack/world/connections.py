"""Slack Connect as far as one workspace can see it: invites sent, received and asked for, shared channels."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.invites import (
    Invite,
    OtherTeam,
    Status,
    describe_actor,
    describe_channel,
    describe_stranger,
    describe_user,
)
from pack.sandbox.slack.world.objects import Channel, User
from pack.sandbox.slack.world.workspace import Workspace

Json = Any


class Connections:
    """The invites of Slack Connect by ID; the other workspaces act by what a test says they do."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._invites: dict[str, Invite] = {}

    def reset(self) -> None:
        """Forget every invite."""
        self._invites.clear()

    def invites(self, *, asked: bool = False) -> list[Invite]:
        """Return the invites, or the requests for one, in the order in which they came."""
        return [invite for invite in self._invites.values() if invite.asked is asked]

    def find(self, invite_id: str, *, asked: bool = False) -> Invite:
        """Return an invite, or a request for one.

        Raises:
            Refusal: ``invite_not_found``.
        """
        found = self._invites.get(invite_id)
        if found is None or found.asked is not asked:
            raise Refusal("invite_not_found")
        return found

    def expired(self, invite: Invite) -> bool:
        """Say whether an invite can no longer be accepted."""
        return self._workspace.seconds() >= invite.expires

    def other_team(self, name: str) -> OtherTeam:
        """Return another workspace by name; the same name is the same workspace."""
        domain = "".join(letter if letter.isalnum() else "-" for letter in name.lower()).strip("-")
        known = (team for invite in self._invites.values() for team in _teams(invite))
        found = next((team for team in known if team.name == name), None)
        return found or OtherTeam(self._workspace.new_id("T"), name, domain, self._workspace.seconds())

    # --- invites of this workspace ------------------------------------------------------------------

    def send(self, channel: Channel, recipient: str, user: User, *, limited: bool = True) -> Invite:
        """Invite somebody of another workspace into a channel."""
        return self._add(channel, recipient, user, limited=limited, asked=False)

    def accept_elsewhere(self, invite: Invite, team: OtherTeam, *, approval: bool = True) -> None:
        """Have another workspace accept; without ``approval`` the channel is shared at once.

        Raises:
            Refusal: ``invite_used``, ``invite_not_found``: it has ended.
        """
        if invite.incoming or invite.status is Status.DECLINED or self.expired(invite):
            raise Refusal("invite_not_found")
        if team.id in invite.accepted_by:
            raise Refusal("invite_used")
        channel = self._workspace.channel(invite.channel)
        invite.accepted_by[team.id] = team
        self._move(invite, Status.ACCEPTED)
        channel.awaiting[team.id] = None
        self._tell("accepted", invite, approval_required=approval, accepting_user=describe_stranger(team))
        if not approval:
            self.approve(invite, team.id, self._workspace.user(self._workspace.app.bot_user_id))

    def approve(self, invite: Invite, team_id: str, user: User) -> None:
        """Approve that another workspace has accepted: the channel is shared with it."""
        channel = self._workspace.channel(invite.channel)
        channel.awaiting.pop(team_id, None)
        channel.connected[team_id] = not invite.external_limited
        self._move(invite, Status.APPROVED)
        approved = {"approving_team_id": self._workspace.app.team_id, "approving_user": describe_user(user)}
        self._tell("approved", invite, **approved)
        self._tell_shared(channel, team_id)

    def decline(self, invite: Invite, team_id: str, user: User) -> None:
        """Decline an invite, or that another workspace has accepted it."""
        if invite.channel in self._workspace.channels:
            self._workspace.channel(invite.channel).awaiting.pop(team_id, None)
        self._move(invite, Status.DECLINED)
        declined = {"declining_team_id": self._workspace.app.team_id, "declining_user": describe_user(user)}
        self._tell("declined", invite, **declined)

    # --- invites from elsewhere ---------------------------------------------------------------------

    def receive(self, team: OtherTeam, channel_name: str, recipient: str) -> Invite:
        """Be invited into a channel of another workspace."""
        now = self._workspace.seconds()
        invite = Invite(
            id=self._workspace.new_id("I"),
            team=team,
            user=describe_stranger(team),
            recipient=recipient,
            channel_name=channel_name,
            created=now,
            updated=now,
            channel=self._workspace.new_id("C"),
            incoming=True,
        )
        self._invites[invite.id] = invite
        self._tell("received", invite)
        return invite

    def accept(self, invite: Invite, channel: Channel, user: User) -> None:
        """Accept an invite from elsewhere: from now on the channel is shared with who invited."""
        channel.connected[invite.team.id] = False
        self._move(invite, Status.ACCEPTED)
        self._tell("accepted", invite, approval_required=False, accepting_user=describe_user(user))
        self._tell_shared(channel, invite.team.id)

    # --- requests -----------------------------------------------------------------------------------

    def request(self, channel: Channel, recipient: str, user: User, *, limited: bool = True) -> Invite:
        """Have a member ask that somebody be invited."""
        request = self._add(channel, recipient, user, limited=limited, asked=True)
        self._workspace.tell_bot(
            "shared_channel_invite_requested",
            None,
            actor=describe_actor(user),
            channel_id=channel.id,
            event_type="slack#/events/shared_channel_invite_requested",
            channel_name=channel.name,
            channel_type="private" if channel.private else "public",
            target_users=[{"email": recipient, "invite_id": request.id}],
            teams_in_channel=self._teams_in(channel),
            is_external_limited=limited,
            channel_date_created=channel.created,
            channel_message_latest_counted_timestamp=0,
        )
        return request

    def grant(self, request: Invite, channel: Channel, *, limited: bool) -> Invite:
        """Approve a request: the invite is sent in the name of who asked."""
        self._move(request, Status.APPROVED)
        user = self._workspace.user(str(request.user["id"]))
        return self.send(channel, request.recipient, user, limited=limited)

    def deny(self, request: Invite) -> None:
        """Deny a request."""
        self._move(request, Status.DECLINED)

    # --- parts --------------------------------------------------------------------------------------

    def _add(self, channel: Channel, recipient: str, user: User, *, limited: bool, asked: bool) -> Invite:
        app, now = self._workspace.app, self._workspace.seconds()
        invite = Invite(
            id=self._workspace.new_id("I"),
            team=OtherTeam(app.team_id, app.team_name, app.team_domain, app.created),
            user=describe_user(user),
            recipient=recipient,
            channel_name=channel.name,
            created=now,
            updated=now,
            channel=channel.id,
            external_limited=limited,
            asked=asked,
        )
        self._invites[invite.id] = invite
        return invite

    def _move(self, invite: Invite, status: Status) -> None:
        invite.status, invite.updated = status, self._workspace.seconds()

    def _teams_in(self, channel: Channel) -> list[dict[str, Json]]:
        app = self._workspace.app
        here = OtherTeam(app.team_id, app.team_name, app.team_domain, app.created)
        known = {team.id: team for invite in self._invites.values() for team in _teams(invite)}
        return [here.as_json(), *(known[team].as_json() for team in channel.connected if team in known)]

    def _tell(self, what: str, invite: Invite, **further: Json) -> None:
        channel = self._workspace.channels.get(invite.channel)
        teams = {} if channel is None or what == "received" else {"teams_in_channel": self._teams_in(channel)}
        kind = f"shared_channel_invite_{what}"
        self._workspace.tell_bot(
            kind, None, invite=invite.as_json(), channel=describe_channel(invite, channel), **teams, **further
        )

    def _tell_shared(self, channel: Channel, team_id: str) -> None:
        event = {"type": "channel_shared", "connected_team_id": team_id, "channel": channel.id}
        scope = channel.kind.scope("read")
        to_bot = not channel.private or self._workspace.app.bot_user_id in channel.members
        self._workspace.emit({**event, "event_ts": self._workspace.new_ts()}, channel, scope, to_bot=to_bot)


def _teams(invite: Invite) -> Iterable[OtherTeam]:
    return ([invite.team] if invite.incoming else []) + list(invite.accepted_by.values())
