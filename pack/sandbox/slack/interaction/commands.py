"""Slash commands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pack.sandbox.slack.interaction.outcomes import Outcome
from pack.sandbox.slack.interaction.parts import Parts
from pack.sandbox.slack.interaction.payloads import VERIFICATION_TOKEN, channel_name
from pack.sandbox.slack.interaction.responding import read_content, says_something
from pack.sandbox.slack.interaction.response_urls import Opening
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.objects import Channel, User
from pack.sandbox.slack.world.wording import Wording, rewrite

Json = Any

_TYPED = Wording(markup=False, urls=False)
"""How a command reads in the channel: as it was typed, and nobody is mentioned by it."""


class Commands:
    """Runs what a person types after a slash."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def run(self, user: User, channel: Channel, command: str, text: str = "") -> Outcome:
        """Send a command to the app; what it answers is shown to the person, or to the channel.

        An answer ``in_channel`` shares the command too, as a message of the person's, with or without a
        text of its own; what comes later by the ``response_url`` does not
        (docs.slack.dev/interactivity/implementing-slash-commands).

        Raises:
            Refusal: ``not_in_channel``; ``is_archived``.
        """
        parts = self._parts
        parts.check_sees(user, channel)
        if channel.is_archived:
            raise Refusal("is_archived")
        answer = await parts.outlet.ask(
            "slash_commands", self._payload(user, channel, command, text), url_kind="commands"
        )
        if not answer.accepted:
            return self._failed(user, channel, command, answer.reason)
        body = {"text": answer.body} if isinstance(answer.body, str) else answer.body
        if not isinstance(body, dict):
            return Outcome(True, answer=answer.body)
        try:
            self._carry_out(user, channel, f"{command} {text}".rstrip(), body)
        except Refusal as refusal:
            return self._failed(user, channel, command, refusal.code)
        return Outcome(True, answer=answer.body)

    def _carry_out(self, user: User, channel: Channel, typed: str, body: Mapping[str, Json]) -> None:
        """Do what an answer asks for; one that cannot be shown shares nothing."""
        content = read_content(body, self._parts.world) if says_something(body) else None
        if body.get("response_type") == "in_channel":
            self._parts.world.workspace.say(channel, rewrite(typed, _TYPED), user=user)
        if content is not None:
            self._parts.responding.carry_out(Opening("commands", channel.id, user.id, 0.0), body)

    def _payload(self, user: User, channel: Channel, command: str, text: str) -> dict[str, Json]:
        parts, app = self._parts, self._parts.world.app
        return {
            "token": VERIFICATION_TOKEN,
            "team_id": app.team_id,
            "team_domain": app.team_domain,
            "channel_id": channel.id,
            "channel_name": channel_name(channel),
            "user_id": user.id,
            "user_name": user.name,
            "command": command,
            "text": text,
            "api_app_id": app.app_id,
            "is_enterprise_install": "false",
            "response_url": parts.response_urls.issue("commands", channel.id, user.id),
            "trigger_id": parts.triggers.issue(user.id, channel_id=channel.id),
        }

    def _failed(self, user: User, channel: Channel, command: str, reason: str) -> Outcome:
        message = f'{command} failed with the error "{reason}"'
        self._parts.fail(user, message, channel)
        return Outcome(False, reason, message)
