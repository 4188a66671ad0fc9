"""What an app's answer does: a message for one person or the channel, or the original changed or deleted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pack.sandbox.slack.interaction.response_urls import Opening
from pack.sandbox.slack.kit.attachments import read_attachments
from pack.sandbox.slack.kit.block_text import to_text
from pack.sandbox.slack.kit.blocks import read_blocks
from pack.sandbox.slack.kit.rich_text import from_text
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.ephemerals import Ephemeral
from pack.sandbox.slack.world.objects import Channel
from pack.sandbox.slack.world.timeline import Message
from pack.sandbox.slack.world.world import World

Json = Any

_TEXT_KEPT = 40_000


@dataclass(frozen=True, slots=True)
class Content:
    """What a message payload says."""

    text: str
    fields: dict[str, Json]
    """Its ``blocks`` and ``attachments``."""


class Responding:
    """Carries out message payloads that answer an interaction."""

    def __init__(self, world: World) -> None:
        self._world = world

    def carry_out(self, opening: Opening, body: Mapping[str, Json]) -> None:
        """Do what a payload asks for: ``response_type``, ``replace_original``, ``delete_original``.

        Raises:
            Refusal: ``no_text``; ``invalid_blocks``; ``too_many_attachments``; ``channel_not_found``;
                ``is_archived``; ``message_not_found``: the original is gone.
        """
        channel = self._world.workspace.channels.get(opening.channel_id)
        if channel is None:
            raise Refusal("channel_not_found")
        if opening.message_ts and is_true(body.get("delete_original")):
            self._delete(channel, opening.message_ts)
            return
        content = read_content(body, self._world)
        replaces = body.get("replace_original")
        # Without an original, as after a slash command, replacing posts anew.
        if opening.message_ts and (opening.replaces if replaces is None else is_true(replaces)):
            self._replace(channel, opening.message_ts, content)
        elif body.get("response_type") == "in_channel":
            self._post(channel, content, body.get("thread_ts"))
        else:
            self._show(channel, opening.user_id, content, body.get("thread_ts"))

    def _delete(self, channel: Channel, ts: str) -> None:
        if not self._world.ephemerals.remove(channel.id, ts):
            self._world.workspace.delete(channel, ts)

    def _replace(self, channel: Channel, ts: str, content: Content) -> None:
        ephemeral = self._world.ephemerals.find(channel.id, ts)
        if ephemeral is not None:
            self._replace_ephemeral(ephemeral, content)
            return
        # What the new version lacks goes away with the old one.
        gone: dict[str, Json] = {"blocks": None, "attachments": None}
        self._world.workspace.edit(
            channel, ts, content.text, by=self._world.app.bot_user_id, **{**gone, **content.fields}
        )

    def _replace_ephemeral(self, ephemeral: Ephemeral, content: Content) -> None:
        message = ephemeral.message
        message.text = content.text
        for name in ("blocks", "attachments"):
            message.fields.pop(name, None)
        message.fields.update(content.fields)
        self._world.ephemerals.show_again(ephemeral)

    def _post(self, channel: Channel, content: Content, thread_ts: Json) -> None:
        if channel.is_archived:
            raise Refusal("is_archived")
        self._world.workspace.post(
            channel,
            content.text,
            user=self._world.app.bot_user_id,
            thread_ts=str(thread_ts) if thread_ts else None,
            fields={**self._bot_fields(), **content.fields},
        )

    def _show(self, channel: Channel, user_id: str, content: Content, thread_ts: Json) -> None:
        message = Message(
            ts=self._world.workspace.new_ts(),
            channel=channel.id,
            text=content.text,
            user=self._world.app.bot_user_id,
            thread_ts=str(thread_ts) if thread_ts else None,
            fields={"is_ephemeral": True, **self._bot_fields(), **content.fields},
        )
        self._world.ephemerals.show(message, user_id)

    def _bot_fields(self) -> dict[str, Json]:
        app = self._world.app
        return {
            "bot_id": app.bot_id,
            "app_id": app.app_id,
            "team": app.team_id,
            "bot_profile": app.bot_profile(),
        }


def is_true(value: Json) -> bool:
    """Read a flag of a payload, which may be a text."""
    return value is True or (isinstance(value, str) and value.lower() in ("true", "1"))


def says_something(body: Mapping[str, Json]) -> bool:
    """Say whether a payload has anything to show."""
    return any(body.get(name) for name in ("text", "blocks", "attachments", "delete_original"))


def read_content(body: Mapping[str, Json], world: World) -> Content:
    """Return what a payload says.

    Raises:
        Refusal: ``no_text``; ``invalid_blocks``; ``too_many_attachments``.
    """
    text = body.get("text")
    text = "" if text is None else str(text)
    fields: dict[str, Json] = {}
    blocks = read_blocks(body.get("blocks"), world.app_shows)
    attachments = read_attachments(body.get("attachments"), world.app_shows)
    if attachments:
        fields["attachments"] = attachments
    if not text.strip() and not blocks and not attachments:
        raise Refusal("no_text")
    # A message without a text gets the one that its blocks say, and the other way round.
    if blocks and not text.strip():
        text = to_text(blocks)
    blocks = blocks or (from_text(text, lists=False) if text.strip() else [])
    if blocks:
        fields["blocks"] = blocks
    return Content(text[:_TEXT_KEPT], fields)
