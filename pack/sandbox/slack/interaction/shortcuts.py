"""Shortcuts: those that a person starts anywhere, and those on a message."""

from __future__ import annotations

from typing import Any

from pack.sandbox.slack.interaction.outcomes import Outcome
from pack.sandbox.slack.interaction.parts import Parts
from pack.sandbox.slack.world.objects import Channel, User
from pack.sandbox.slack.world.timeline import Message

Json = Any


class Shortcuts:
    """Starts shortcuts of the app."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def start(self, user: User, callback_id: str) -> Outcome:
        """Start a global shortcut: the app gets a trigger, and no channel."""
        parts = self._parts
        payload = {
            **parts.payloads.head("shortcut", user),
            "action_ts": parts.payloads.action_ts(),
            "callback_id": callback_id,
            "trigger_id": parts.triggers.issue(user.id),
        }
        payload["user"].pop("name")
        payload.pop("api_app_id")
        return await self._ask(user, callback_id, payload)

    async def start_on(self, user: User, channel: Channel, message: Message, callback_id: str) -> Outcome:
        """Start a shortcut on a message.

        Raises:
            Refusal: ``not_in_channel``.
        """
        parts = self._parts
        parts.check_sees(user, channel)
        payload = {
            **parts.payloads.head("message_action", user),
            "action_ts": parts.payloads.action_ts(),
            "channel": parts.payloads.channel(channel),
            "callback_id": callback_id,
            "trigger_id": parts.triggers.issue(user.id, channel_id=channel.id),
            "response_url": parts.response_urls.issue("app", channel.id, user.id),
            "message_ts": message.ts,
            "message": message.as_json(metadata=True),
        }
        payload.pop("api_app_id")
        return await self._ask(user, callback_id, payload)

    async def _ask(self, user: User, callback_id: str, payload: dict[str, Json]) -> Outcome:
        answer = await self._parts.outlet.ask("interactive", payload, url_kind="interactivity")
        message = f"{self._parts.world.app.name}: {callback_id} did not work ({answer.reason})"
        if not answer.accepted:
            self._parts.fail(user, message)
        return Outcome.of(answer, message)
