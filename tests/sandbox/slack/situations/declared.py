"""How a situation that ends in an error code is written down."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from pack.sandbox.slack import SimulatedSlack
from pack.sandbox.slack.world.grants import TokenKind
from tests.sandbox.slack.caller import Caller


@dataclass(frozen=True)
class Stage:
    """What a situation is made of: the simulated Slack, and a strict client of it."""

    slack: SimulatedSlack
    call: Caller

    @property
    def general(self) -> str:
        """The ID of #general, which the bot is a member of once this was asked for."""
        self.slack.workspace.join("general", self.slack.bot_user_id)
        return self.slack.workspace.channel("general").id


Cause = Callable[[Stage], Awaitable[dict[str, Any]]]
"""Brings about the situation and returns the answer of the call that is refused."""


@dataclass(frozen=True)
class Situation:
    method: str
    code: str
    cause: Cause


class Situations:
    """The situations of one family; ``@situations("chat.update", "cant_update_message")`` adds one."""

    def __init__(self) -> None:
        self.all: list[Situation] = []

    def __call__(self, method: str, *codes: str) -> Callable[[Cause], Cause]:
        def add(cause: Cause) -> Cause:
            self.all.extend(Situation(method, code, cause) for code in codes)
            return cause

        return add


def person(stage: Stage, name: str = "ada") -> str:
    """Return a token of a person, with every scope that people's tokens can have."""
    scopes = {
        scope for method in stage.call.facts.methods.values() for scope in method.scopes.get("user", ())
    }
    user = stage.slack.workspace.user(name).id
    return stage.slack.world.grants.issue(TokenKind.USER, user, scopes).token
