"""People upload and pin, administrators forbid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pack.sandbox.slack.client.calling import Calling
from pack.sandbox.slack.client.results import Uploaded, made


class Files(Calling):
    """Files, pins and locked threads."""

    async def upload(
        self,
        name: str,
        *,
        content: str | None = None,
        content_base64: str | None = None,
        channel: str | None = None,
        user: str | None = None,
        title: str | None = None,
        text: str = "",
        thread_ts: str | None = None,
    ) -> Uploaded:
        """Upload a file and share it, or keep it private without a channel.

        ``content`` is a text, ``content_base64`` anything; one of them has to be there.
        """
        fields = {"name": name, "content": content, "content_base64": content_base64, "channel": channel}
        fields |= {"user": user, "title": title, "text": text, "thread_ts": thread_ts}
        return made(Uploaded, await self._do("upload", fields))

    async def delete_file(self, file: str) -> None:
        """Delete a file by its ID, whoever owns it."""
        await self._do("delete-file", {"file": file})

    async def file_rules(
        self,
        *,
        uploads: Literal["all", "images", "none"] = "all",
        refused_types: Sequence[str] = (),
        largest_bytes: int | None = None,
        storage_bytes: int | None = None,
        public_links: bool = True,
        refused_public_types: Sequence[str] = (),
    ) -> None:
        """Set what administrators allow of files; what is not given is as at first."""
        fields = {"uploads": uploads, "largest_bytes": largest_bytes, "storage_bytes": storage_bytes}
        types = {"refused_types": [*refused_types], "refused_public_types": [*refused_public_types]}
        await self._do("file-rules", {**fields, **types, "public_links": public_links})

    async def pin(self, channel: str, ts: str, *, user: str | None = None, pinned: bool = True) -> None:
        """Pin a message, or take the pin off."""
        await self._do("pin", {"channel": channel, "ts": ts, "user": user, "pinned": pinned})

    async def lock_thread(self, channel: str, ts: str, *, locked: bool = True) -> None:
        """Lock a thread by its root, so that nobody may react in it, or unlock it."""
        await self._do("lock-thread", {"channel": channel, "ts": ts, "locked": locked})
