"""Uploads that were announced: the ticket of each, and what a workspace allows to be uploaded."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.timing import SlackClock
from pack.sandbox.slack.world.file_store import FileStore
from pack.sandbox.slack.world.filetypes import TYPES, FileType, is_kind, type_of_name

TICKET_SECONDS = 3_600.0
"""How long an upload address holds; Slack does not say."""
LARGEST_SNIPPET = 1_000_000
LONGEST_ALT_TEXT = 1_000
LARGEST_FILE = 1024**3
"""The largest file in bytes (Slack's help pages)."""
STORAGE = 5 * LARGEST_FILE
"""What a workspace without a plan may keep, in bytes (files.getUploadURLExternal, storage_limit_reached)."""


@dataclass(slots=True)
class FileRules:
    """What the workspace's administrators allow; a test changes it."""

    uploads: str = "all"
    """``all``, ``images`` or ``none``."""
    refused_types: frozenset[str] = frozenset()
    """Types of file (``zip``, ``binary``…) that may not be uploaded."""
    largest_bytes: int = LARGEST_FILE
    storage_bytes: int = STORAGE
    public_links: bool = True
    """Whether files may be opened to everybody."""
    refused_public_types: frozenset[str] = frozenset()
    """Types of file that may not be opened to everybody."""

    def check_type(self, kind: FileType) -> None:
        """Refuse a type of file.

        Raises:
            Refusal: ``file_type_not_allowed``, ``file_uploads_except_images_disabled``.
        """
        if kind.filetype in self.refused_types:
            raise Refusal("file_type_not_allowed")
        if self.uploads == "images" and not is_kind(kind.filetype, "images"):
            raise Refusal("file_uploads_except_images_disabled")


@dataclass(slots=True)
class Ticket:
    """An announced upload."""

    secret: str
    """The last part of the upload address."""
    file_id: str
    user: str
    name: str
    length: int
    kind: FileType
    alt_txt: str
    host: str
    ends_at: float
    """On the clock's monotonic scale."""
    as_snippet: bool
    uploaded: bool = False


@dataclass
class Uploads:
    """Announced uploads, until they are completed or their tickets have run out."""

    clock: SlackClock
    store: FileStore
    rules: FileRules = field(default_factory=FileRules)
    _tickets: dict[str, Ticket] = field(default_factory=dict)

    def announce(
        self,
        file_id: str,
        user: str,
        name: str,
        length: int,
        *,
        host: str,
        alt_txt: str = "",
        snippet_type: str = "",
    ) -> Ticket:
        """Give out a ticket for so many bytes.

        Raises:
            Refusal: what ``files.getUploadURLExternal`` answers.
        """
        if length <= 0:
            raise Refusal("missing_argument")
        if len(alt_txt) > LONGEST_ALT_TEXT:
            raise Refusal("alt_txt_too_large")
        kind = _snippet_kind(snippet_type, length) if snippet_type else type_of_name(name)
        self._check_rules(kind, length)
        self._forget_old()
        ends_at = self.clock.monotonic() + TICKET_SECONDS
        ticket = Ticket(
            secrets.token_urlsafe(48),
            file_id,
            user,
            name,
            length,
            kind,
            alt_txt,
            host,
            ends_at,
            bool(snippet_type),
        )
        self._tickets[ticket.secret] = ticket
        return ticket

    def find(self, secret: str) -> Ticket | None:
        """Return the ticket of an upload address; None: unknown, used, or too old."""
        ticket = self._tickets.get(secret)
        if ticket is None or ticket.uploaded or ticket.ends_at <= self.clock.monotonic():
            return None
        return ticket

    def of_file(self, file_id: str) -> Ticket | None:
        """Return the ticket of a file that waits for its completion; None: there is none."""
        return next((ticket for ticket in self._tickets.values() if ticket.file_id == file_id), None)

    def finish(self, ticket: Ticket) -> None:
        """Forget a ticket whose file was completed."""
        self._tickets.pop(ticket.secret, None)

    def reset(self) -> None:
        """Forget every ticket, and allow what is allowed at first."""
        self._tickets.clear()
        self.rules = FileRules()

    def _check_rules(self, kind: FileType, length: int) -> None:
        if self.rules.uploads == "none":
            raise Refusal("file_uploads_disabled")
        self.rules.check_type(kind)
        if length > self.rules.largest_bytes:
            raise Refusal("file_upload_size_restricted")
        if self.store.used_bytes + length > self.rules.storage_bytes:
            raise Refusal("storage_limit_reached")

    def _forget_old(self) -> None:
        now = self.clock.monotonic()
        for ticket in [ticket for ticket in self._tickets.values() if ticket.ends_at <= now]:
            self.store.remove(ticket.file_id)
            del self._tickets[ticket.secret]


def _snippet_kind(snippet_type: str, length: int) -> FileType:
    kind = TYPES.get(snippet_type)
    if kind is None or not kind.is_text:
        raise Refusal("unknown_snippet_type")
    if length > LARGEST_SNIPPET:
        raise Refusal("snippet_too_large")
    return kind
