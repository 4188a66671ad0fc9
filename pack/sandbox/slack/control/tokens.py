"""Control actions on the app's tokens and the workspace's emoji."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from pack.sandbox.slack.control.actions import Body, ControlAction, Json, Nothing, Simulation
from pack.sandbox.slack.reference.facts import load_facts
from pack.sandbox.slack.world.grants import Grant, TokenKind
from pack.sandbox.slack.world.revocation import REVOKED, revoke_token

_APP_LEVEL_SCOPES = frozenset({"connections:write"})


class NewToken(Body):
    """A token for the bot, for a person, or for Socket Mode (``app``).

    ``user``: the person, by ID or name; ``scopes`` None: all that the reference knows for that kind;
    ``token``: its text; ``expires_in``: so many seconds later it is refused.
    """

    kind: Literal["bot", "user", "app"] = "user"
    user: str | None = None
    scopes: list[str] | None = None
    token: str | None = Field(default=None, min_length=1)
    expires_in: float | None = Field(default=None, gt=0)


class Revoked(Body):
    """A token, and the code that it is refused with from now on."""

    token: str
    error: Literal["token_revoked", "token_expired", "account_inactive", "invalid_auth"] = "token_revoked"


class Scopes(Body):
    """A token, and its scopes from now on."""

    token: str
    scopes: list[str]


class NewEmoji(Body):
    """An emoji: the address of its image, or ``alias:NAME``."""

    name: str
    value: str = "https://emoji.slack-edge.com/T0SANDBOX01/custom/0000000000.png"


class GoneEmoji(Body):
    """An emoji that is to go."""

    name: str


def list_tokens(simulation: Simulation, body: Nothing) -> dict[str, Json]:
    """Return every token that was issued."""
    return {"tokens": [_described(grant) for grant in simulation.world.grants.all()]}


def issue_token(simulation: Simulation, body: NewToken) -> dict[str, Json]:
    """Issue a token and return it."""
    world = simulation.world
    kind = TokenKind(body.kind)
    if (kind is TokenKind.USER) != (body.user is not None):
        raise ValueError("a token of kind user needs a user, by ID or name; the other kinds have none")
    user_id = {TokenKind.BOT: world.app.bot_user_id, TokenKind.APP: ""}.get(kind)
    if body.user is not None:
        user_id = world.workspace.user(body.user).id
    scopes = _all_scopes(kind) if body.scopes is None else body.scopes
    grant = world.grants.issue(kind, user_id or "", scopes, token=body.token, expires_in=body.expires_in)
    return _described(grant)


def end_token(simulation: Simulation, body: Revoked) -> dict[str, Json]:
    """Have a token refused; ``changed`` tells whether it held before."""
    grant = _found(simulation, body.token)
    if body.error == REVOKED:
        return {"changed": revoke_token(simulation.world, grant)}
    held = not grant.refusal
    grant.refusal = body.error
    return {"changed": held}


def set_scopes(simulation: Simulation, body: Scopes) -> dict[str, Json]:
    """Give a token other scopes, as if the app were installed anew."""
    grant = _found(simulation, body.token)
    grant.scopes = frozenset(body.scopes)
    return _described(grant)


def add_emoji(simulation: Simulation, body: NewEmoji) -> dict[str, Json]:
    """Add an emoji of the workspace's own."""
    simulation.world.emoji.add(body.name, body.value)
    return {}


def remove_emoji(simulation: Simulation, body: GoneEmoji) -> dict[str, Json]:
    """Remove an emoji of the workspace's own."""
    simulation.world.emoji.remove(body.name)
    return {}


def _found(simulation: Simulation, token: str) -> Grant:
    grant = simulation.world.grants.find(token)
    if grant is None:
        raise ValueError("no such token was issued; /sandbox/tokens lists them")
    return grant


def _all_scopes(kind: TokenKind) -> frozenset[str]:
    facts = load_facts()
    if kind is TokenKind.APP:
        return _APP_LEVEL_SCOPES
    return facts.bot_scopes() if kind is TokenKind.BOT else facts.user_scopes()


def _described(grant: Grant) -> dict[str, Json]:
    return {
        "token": grant.token,
        "kind": grant.kind.value,
        "user": grant.user_id or None,
        "scopes": sorted(grant.scopes),
        "refusal": grant.refusal or None,
    }


ACTIONS = (
    ControlAction("tokens", Nothing, list_tokens, "List the app's tokens."),
    ControlAction(
        "issue-token", NewToken, issue_token, "Issue a token for the bot, a person or Socket Mode."
    ),
    ControlAction("revoke-token", Revoked, end_token, "Have a token refused from now on."),
    ControlAction("token-scopes", Scopes, set_scopes, "Give a token other scopes."),
    ControlAction("add-emoji", NewEmoji, add_emoji, "Add an emoji of the workspace's own."),
    ControlAction("remove-emoji", GoneEmoji, remove_emoji, "Remove an emoji of the workspace's own."),
)
