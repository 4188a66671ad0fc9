"""The files of the simulated workspace: uploaded, shared, opened to everybody, deleted."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.timing import SlackClock
from pack.sandbox.slack.world.file_objects import File, Share, read_preview
from pack.sandbox.slack.world.file_places import FilePlaces
from pack.sandbox.slack.world.file_store import FileStore
from pack.sandbox.slack.world.filetypes import is_kind, type_of_name
from pack.sandbox.slack.world.objects import Channel, Kind
from pack.sandbox.slack.world.timeline import Message
from pack.sandbox.slack.world.uploads import LARGEST_SNIPPET, Ticket, Uploads
from pack.sandbox.slack.world.workspace import Workspace

Json = Any

SHARES_SECONDS = 1.0
"""How long after a file was shared its object tells of it; Slack needs a moment, and says not how long."""
PROCESSING_SECONDS = 1.0
"""How long Slack takes to look into an upload: until then its type is not told, nor is it shown in blocks."""
_SCOPE = "files:read"


class Files:
    """All files by ID, deleted ones included; what happens to them is told to the app."""

    def __init__(self, workspace: Workspace, clock: SlackClock) -> None:
        self.store = FileStore()
        self.uploads = Uploads(clock, self.store)
        self.places = FilePlaces(workspace, clock)
        self._workspace = workspace
        self._clock = clock
        self._files: dict[str, File] = {}

    def reset(self) -> None:
        """Forget every file and every upload."""
        self._files.clear()
        self.uploads.reset()
        self.store.clear()

    # --- finding ------------------------------------------------------------------------------------

    def all(self) -> list[File]:
        """Return the files that are not deleted, oldest first."""
        return [file for file in self._files.values() if not file.deleted]

    def find(self, file_id: str) -> File | None:
        """Return a file, deleted or not."""
        return self._files.get(file_id)

    def find_remote(self, external_id: str) -> File | None:
        """Return the remote file to which the app gave this ID."""
        return next((file for file in self.all() if file.is_remote and file.external_id == external_id), None)

    def is_processed(self, file: File) -> bool:
        """Say whether Slack has looked into a file."""
        return file.processed_at <= self._clock.monotonic()

    def describe(self, file: File) -> dict[str, Json]:
        """Return the file object of the ``files`` methods, without its type until it is processed."""
        places = self.places.describe(file)
        return file.as_json(self._workspace.app, places, processed=self.is_processed(file))

    # --- coming and going ---------------------------------------------------------------------------

    def new_id(self) -> str:
        """Return an ID for a file to come."""
        return self._workspace.new_id("F")

    def complete(
        self, ticket: Ticket, title: str | None, *, processing_seconds: float = PROCESSING_SECONDS
    ) -> File:
        """Make a file of an upload that has arrived; :meth:`share` or :meth:`keep_private` it then.

        Raises:
            Refusal: the workspace does not allow such files (any more).
        """
        self.uploads.rules.check_type(ticket.kind)
        file = File(
            id=ticket.file_id,
            user=ticket.user,
            name=ticket.name,
            title=title or ticket.name,
            kind=ticket.kind,
            size=ticket.length,
            created=self._workspace.seconds(),
            host=ticket.host,
            secret=secrets.token_hex(5),
            alt_txt=ticket.alt_txt,
            processed_at=self._clock.monotonic() + processing_seconds,
        )
        self.uploads.finish(ticket)
        if ticket.kind.is_text and (ticket.as_snippet or ticket.length <= LARGEST_SNIPPET):
            self._make_snippet(file)
        self._keep(file)
        return file

    def keep_private(self, file: File) -> None:
        """Leave a new file with its owner alone."""
        self._tell_created(file, None)

    def put(self, user: str, name: str, content: bytes, *, title: str | None = None, host: str) -> File:
        """Upload contents as a person does in Slack's own client; share them or keep them private then.

        Raises:
            Refusal: the workspace does not allow it, or they are empty (``missing_argument``).
        """
        ticket = self.uploads.announce(self.new_id(), user, name, len(content), host=host)
        with self.store.writing(ticket.file_id) as stream:
            stream.write(content)
        return self.complete(ticket, title, processing_seconds=0)

    def add_remote(self, user: str, external_id: str, external_url: str, title: str, filetype: str) -> File:
        """Register a file that lies elsewhere; one of the same external ID is changed."""
        known = self.find_remote(external_id)
        if known is not None:
            self.change_remote(known, title=title, external_url=external_url, filetype=filetype)
            return known
        kind = type_of_name(f"_.{filetype}" if filetype else title)
        file = File(
            id=self.new_id(),
            user=user,
            name=title,
            title=title,
            kind=kind,
            size=0,
            created=self._workspace.seconds(),
            host="",
            secret="",
            mode="external",
            external_id=external_id,
            external_url=external_url,
        )
        self._keep(file)
        self.keep_private(file)
        return file

    def change_remote(
        self, file: File, *, title: str = "", external_url: str = "", filetype: str = ""
    ) -> None:
        """Change what was registered of a remote file; what is empty stays."""
        before = (file.title, file.external_url, file.kind)
        if title:
            file.title = file.name = title
        file.external_url = external_url or file.external_url
        if filetype:
            file.kind = type_of_name(f"_.{filetype}")
        if (file.title, file.external_url, file.kind) != before:
            self._change(file)

    def share(
        self,
        files: Sequence[File],
        channel: Channel,
        user: str,
        text: str = "",
        *,
        thread_ts: str | None = None,
        fields: Mapping[str, Json] | None = None,
    ) -> Message:
        """Share files in a conversation, in one message."""
        newly_public = [
            file for file in files if channel.kind is Kind.PUBLIC and not self.places.is_public(file)
        ]
        public = channel.kind is Kind.PUBLIC
        parts = [
            file.as_message_part(self._workspace.app, is_public=public or self.places.is_public(file))
            for file in files
        ]
        for file in files:
            self._tell_created(file, channel)
        message = self._workspace.post(
            channel,
            text,
            user=user,
            thread_ts=thread_ts,
            subtype="file_share",
            fields={**(fields or {}), "files": parts, "upload": False, "display_as_bot": False},
        )
        shown_at = self._clock.monotonic() + SHARES_SECONDS
        for file in files:
            file.shares.append(Share(channel.id, message.ts, shown_at))
            if file in newly_public:
                self._emit("file_public", file, channel)
            self._emit("file_shared", file, channel, channel_id=channel.id)
        return message

    def delete(self, file: File) -> None:
        """Delete a file: its contents go, and the messages that carry it show that it is gone."""
        channels = list(dict.fromkeys(share.channel for share in self.places.live(file)))
        aware = self._is_seen_by_bot(file)
        file.deleted = True
        self.store.remove(file.id)
        self._refresh_messages(file)
        event: dict[str, Json] = {"type": "file_deleted", "file_id": file.id, "user_id": file.user}
        event |= {"channel_ids": channels, "event_ts": self._workspace.new_ts()}
        place = self._workspace.channels.get(channels[0]) if channels else None
        self._workspace.emit(event, place, _SCOPE, to_bot=aware, only_for=file.user)

    def publish(self, file: File) -> None:
        """Open a file to everybody who has its public address.

        Raises:
            Refusal: ``not_allowed``, ``public_file_type_not_allowed``, ``public_video_not_allowed``.
        """
        rules = self.uploads.rules
        if not rules.public_links:
            raise Refusal("not_allowed")
        if file.kind.filetype in rules.refused_public_types:
            video = is_kind(file.kind.filetype, "videos")
            raise Refusal("public_video_not_allowed" if video else "public_file_type_not_allowed")
        if not file.public_url_shared:
            file.public_url_shared = True
            self._change(file)

    def revoke(self, file: File) -> None:
        """Close a file's public address; the next one is another."""
        if file.public_url_shared:
            file.public_url_shared = False
            file.secret = secrets.token_hex(5)
            self._change(file)

    # --- inside -------------------------------------------------------------------------------------

    def _make_snippet(self, file: File) -> None:
        path = self.store.path(file.id)
        assert path is not None
        try:
            file.preview, file.lines = read_preview(path.read_text(encoding="utf-8"))
        except ValueError:
            return
        file.mode = "snippet"

    def _keep(self, file: File) -> None:
        file.updated = file.created
        self._files[file.id] = file

    def _tell_created(self, file: File, channel: Channel | None) -> None:
        if not file.told:
            file.told = True
            self._emit("file_created", file, channel)

    def _change(self, file: File) -> None:
        file.updated = self._workspace.seconds()
        self._refresh_messages(file)
        self._emit("file_change", file)

    def _refresh_messages(self, file: File) -> None:
        """Bring a file up to date in every message that carries it."""
        part = file.as_message_part(self._workspace.app, is_public=self.places.is_public(file))
        for share in self.places.live(file):
            message = self._workspace.message(share.channel, share.ts)
            parts = [part if other["id"] == file.id else other for other in message.fields["files"]]
            self._workspace.amend(share.channel, share.ts, files=parts)

    def _is_seen_by_bot(self, file: File) -> bool:
        return self.places.is_visible(file, self._workspace.app.bot_user_id)

    def _emit(self, kind: str, file: File, channel: Channel | None = None, **further: Json) -> None:
        """Tell of a file, those who can see it: in the channel given, or else where it stands."""
        if channel is None:
            share = next(iter(self.places.live(file)), None)
            channel = self._workspace.channels[share.channel] if share is not None else None
        event: dict[str, Json] = {
            "type": kind,
            "file_id": file.id,
            "user_id": file.user,
            "file": {"id": file.id},
            **further,
            "event_ts": self._workspace.new_ts(),
        }
        bot = self._workspace.app.bot_user_id
        to_bot = self._is_seen_by_bot(file) or (channel is not None and bot in channel.members)
        self._workspace.emit(event, channel, _SCOPE, to_bot=to_bot, only_for=file.user)
