"""What the app is told beside message events: links of its domains, metadata of its choice."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from pack.sandbox.slack.world.objects import Channel, Kind
from pack.sandbox.slack.world.timeline import Message
from pack.sandbox.slack.world.workspace import Workspace

Json = Any

_URL = re.compile(r"https?://[^\s<>|\"]+")
ANY_APP = "*"


class Notices:
    """Makes ``link_shared`` and ``message_metadata_posted``, ``…_updated`` and ``…_deleted``.

    As in the app's manifest: ``unfurl_domains`` are the domains whose links it wants to hear of, and
    ``metadata_subscriptions`` pairs of an app's ID (``*``: any) and an ``event_type``. Both are empty at
    first.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.unfurl_domains: set[str] = set()
        self.metadata_subscriptions: set[tuple[str, str]] = set()
        self._workspace = workspace
        self._unfurl_ids: dict[str, tuple[str, str]] = {}
        workspace.witnesses.append(self)

    def reset(self) -> None:
        """Forget the domains, the subscriptions, and the links that were told of."""
        self.unfurl_domains.clear()
        self.metadata_subscriptions.clear()
        self._unfurl_ids.clear()

    def place_of(self, unfurl_id: str) -> tuple[str, str] | None:
        """Return channel and ts of the message that a ``link_shared`` event was about."""
        return self._unfurl_ids.get(unfurl_id)

    def domain_of(self, url: str) -> str | None:
        """Return the registered domain that an address belongs to."""
        try:
            host = urlsplit(url).hostname or ""
        except ValueError:
            return None
        found = [name for name in self.unfurl_domains if host == name or host.endswith(f".{name}")]
        return max(found, key=len, default=None)

    def posted(self, channel: Channel, message: Message) -> None:
        """Tell of a new message's links and metadata."""
        if self.unfurl_domains:
            self._tell_of_links(channel, message)
        if message.metadata and self._wants(message, message.metadata):
            event = {**self._metadata_event("posted", channel, message), "metadata": message.metadata}
            self._emit_metadata(channel, {**event, "event_ts": message.ts})

    def changed(self, channel: Channel, message: Message, previous: dict[str, Json] | None) -> None:
        """Tell of metadata that was changed, added or taken away; ``previous``: what it was before."""
        if message.metadata == previous:
            return
        if not message.metadata:
            self._tell_of_deleted(channel, message, previous)
            return
        if not self._wants(message, message.metadata):
            return
        event = self._metadata_event("updated", channel, message)
        event |= {"metadata": message.metadata, "previous_metadata": previous or {}}
        self._emit_metadata(channel, {**event, "event_ts": self._workspace.new_ts()})

    def deleted(self, channel: Channel, message: Message, previous: dict[str, Json] | None) -> None:
        """Tell that a message with metadata is gone."""
        self._tell_of_deleted(channel, message, previous)

    def _tell_of_deleted(self, channel: Channel, message: Message, previous: dict[str, Json] | None) -> None:
        if not previous or not self._wants(message, previous):
            return
        now = self._workspace.new_ts()
        event = {**self._metadata_event("deleted", channel, message), "previous_metadata": previous}
        self._emit_metadata(channel, {**event, "deleted_ts": now, "event_ts": now})

    def _wants(self, message: Message, metadata: dict[str, Json]) -> bool:
        kind = metadata.get("event_type")
        apps = (ANY_APP, message.fields.get("app_id", ""))
        return any((app, kind) in self.metadata_subscriptions for app in apps)

    def _metadata_event(self, what: str, channel: Channel, message: Message) -> dict[str, Json]:
        app = self._workspace.app
        return {
            "type": f"message_metadata_{what}",
            "app_id": message.fields.get("app_id", ""),
            "bot_id": message.fields.get("bot_id", ""),
            "user_id": message.user or app.bot_user_id,
            "team_id": app.team_id,
            "channel_id": channel.id,
            "message_ts": message.ts,
        }

    def _emit_metadata(self, channel: Channel, event: dict[str, Json]) -> None:
        self._workspace.emit(event, channel, "metadata.message:read")

    def _tell_of_links(self, channel: Channel, message: Message) -> None:
        app = self._workspace.app
        if message.fields.get("app_id") == app.app_id:
            return
        links = [{"url": url, "domain": name} for url in urls_of(message) if (name := self.domain_of(url))]
        if not links:
            return
        member = app.bot_user_id in channel.members
        event = {
            "type": "link_shared",
            "user": message.user or message.fields.get("bot_id", ""),
            "channel": channel.id,
            "message_ts": message.ts,
            "links": links,
            "source": "conversations_history",
            "unfurl_id": self._new_unfurl_id(channel, message),
            "is_bot_user_member": member,
            "event_ts": message.ts,
        }
        if message.is_reply:
            event["thread_ts"] = message.thread_ts
        self._workspace.emit(event, channel, "links:read", to_bot=member or channel.kind is Kind.PUBLIC)

    def _new_unfurl_id(self, channel: Channel, message: Message) -> str:
        digest = hashlib.sha256(f"{channel.id} {message.ts}".encode()).hexdigest()
        unfurl_id = f"{channel.id}.{message.ts}.{digest}"
        self._unfurl_ids[unfurl_id] = (channel.id, message.ts)
        return unfurl_id


def urls_of(message: Message) -> list[str]:
    """Return the web addresses in a message's text and blocks, each once, in order."""
    texts = [message.text, *_strings(message.fields.get("blocks"))]
    found = (match[0].replace("&amp;", "&") for text in texts for match in _URL.finditer(text))
    return list(dict.fromkeys(found))


def _strings(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
