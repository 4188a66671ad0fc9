"""A file of the simulated workspace, and how it looks on the wire."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import Any

from pack.sandbox.slack.world.filetypes import FileType, media_type
from pack.sandbox.slack.world.objects import App

Json = Any

_PREVIEW_LINES = 5
_PREVIEW_CHARACTERS = 1_000


@dataclass(frozen=True, slots=True)
class Share:
    """One message by which a file stands in a conversation."""

    channel: str
    ts: str
    shown_at: float
    """From when on the file object tells of it, on the clock's monotonic scale."""


@dataclass(slots=True)
class File:
    """One file, from its completion on, also when it was deleted."""

    id: str
    user: str
    name: str
    title: str
    kind: FileType
    size: int
    created: int
    host: str
    """The ``host:port`` under which its uploader knows the server; its addresses begin with it."""
    secret: str
    """What opens it to everybody once it is public, ten hexadecimal digits."""
    mode: str = "hosted"
    """``hosted``, ``snippet`` or ``external`` (remote files)."""
    app_id: str = ""
    alt_txt: str = ""
    external_id: str = ""
    external_url: str = ""
    preview: str = ""
    """A snippet's first lines."""
    lines: int = 0
    public_url_shared: bool = False
    deleted: bool = False
    told: bool = False
    """Whether the app was told that it came into being."""
    updated: int = 0
    processed_at: float = 0.0
    """From when on Slack has looked into it, on the clock's monotonic scale."""
    shares: list[Share] = field(default_factory=list)

    @property
    def is_remote(self) -> bool:
        """Whether Slack only knows its address."""
        return self.mode == "external"

    @property
    def slug(self) -> str:
        """The name as addresses carry it: in small letters, other characters as underscores."""
        slug = re.sub(r"[^a-z0-9_.\-]", "_", self.name.lower())
        return slug if slug.strip(".") else "_"

    @property
    def mimetype(self) -> str:
        """The media type."""
        return media_type(self.name, self.kind)

    def as_message_part(self, app: App, *, is_public: bool) -> dict[str, Json]:
        """Return the file object of ``message.files``."""
        if self.deleted:
            return {"id": self.id, "mode": "tombstone"}
        described = self._particulars(app) | {"is_public": is_public}
        described |= {"is_starred": False, "skipped_shares": True, "has_rich_preview": False}
        return described | {"file_access": "visible"}

    def as_json(self, app: App, places: dict[str, Json], *, processed: bool = True) -> dict[str, Json]:
        """Return the file object of the ``files`` methods.

        ``places``: where it was shared, by the keys ``is_public``, ``shares``, ``channels``, ``groups`` and
        ``ims``.
        ``processed`` False: as Slack answers to an upload's completion, before it looked into the file.
        """
        described = self._particulars(app)
        if not processed:
            described |= {"mimetype": "", "filetype": "", "pretty_type": "", "editable": False}
            described["mode"] = "hosted"
            for key in ("preview", "preview_highlight", "edit_link"):
                described.pop(key, None)
        described |= {"comments_count": 0, "is_starred": False, **places, "has_rich_preview": False}
        return described | {"file_access": "visible"}

    def _particulars(self, app: App) -> dict[str, Json]:
        described: dict[str, Json] = {
            "id": self.id,
            "created": self.created,
            "timestamp": self.created,
            "name": self.name,
            "title": self.title,
            "mimetype": self.mimetype,
            "filetype": self.kind.filetype,
            "pretty_type": self.kind.pretty_type,
            "user": self.user,
            "user_team": app.team_id,
            "editable": self.mode == "snippet",
            "size": self.size,
            "mode": self.mode,
            "is_external": self.is_remote,
            "external_type": "app" if self.is_remote else "",
            "is_public": False,
            "public_url_shared": self.public_url_shared,
            "display_as_bot": False,
            "username": "",
            "media_display_type": "unknown",
            **self._addresses(app),
        }
        if self.alt_txt:
            described["alt_txt"] = self.alt_txt
        if self.is_remote:
            described |= {
                "external_id": self.external_id,
                "external_url": self.external_url,
                "app_id": app.app_id,
                "app_name": app.name,
            }
        if self.mode == "snippet":
            described |= self._snippet()
        return described

    def _addresses(self, app: App) -> dict[str, Json]:
        permalink = f"{app.team_url}files/{self.user}/{self.id}/{self.slug}"
        if self.is_remote:
            return {"url_private": self.external_url, "permalink": permalink}
        place = f"http://{self.host}/files-pri/{app.team_id}-{self.id}"
        addresses = {
            "url_private": f"{place}/{self.slug}",
            "url_private_download": f"{place}/download/{self.slug}",
            "permalink": permalink,
            "permalink_public": f"http://{self.host}/files-pub/{app.team_id}-{self.id}-{self.secret}",
        }
        if self.mode == "snippet":
            addresses["edit_link"] = f"{permalink}/edit"
        return addresses

    def _snippet(self) -> dict[str, Json]:
        shown = self.preview.count("\n") + 1
        return {
            "preview": self.preview,
            "preview_highlight": highlight(self.preview),
            "lines": self.lines,
            "lines_more": max(self.lines - shown, 0),
            "preview_is_truncated": self.lines > shown,
        }


def read_preview(text: str) -> tuple[str, int]:
    """Return a snippet's first lines, and how many lines it has."""
    lines = text.splitlines() or [""]
    return "\n".join(lines[:_PREVIEW_LINES])[:_PREVIEW_CHARACTERS], len(lines)


def highlight(text: str) -> str:
    """Return a text as the lines of an HTML listing."""
    rows = "\n".join(f"<div><pre>{html.escape(line)}</pre></div>" for line in text.split("\n"))
    return (
        '<div class="CodeMirror cm-s-default CodeMirrorServer">\n'
        f'<div class="CodeMirror-code">\n{rows}\n</div>\n</div>\n'
    )
