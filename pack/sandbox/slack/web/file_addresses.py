"""The addresses of files: where uploads go, and where files are fetched from."""

from __future__ import annotations

import html
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any
from urllib.parse import quote

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from pack.sandbox.slack.faults.calls import UPLOAD, Call
from pack.sandbox.slack.faults.faults import Faults
from pack.sandbox.slack.world.file_objects import File
from pack.sandbox.slack.world.grants import Grant, TokenKind
from pack.sandbox.slack.world.uploads import Ticket
from pack.sandbox.slack.world.world import World

Json = Any

_CHUNK_BYTES = 256 * 1024
_FILE_FIELDS = frozenset({"file", "filename", "body", "content"})
_ENCODINGS = frozenset({"base64", "quoted-printable"})
_SCOPE = "files:read"


class FileAddresses:
    """Serves ``/upload/v1/…``, ``/files-pri/…`` and ``/files-pub/…``.

    A private address opens with the token of somebody who may see the file, in the ``Authorization`` header
    or as ``t`` in the query, or with ``pub_secret`` once the file is public; everybody else is sent to a
    page to sign in, as Slack does: status 302, and behind it an HTML page with status 200. Faults strike
    uploads as they strike calls.
    """

    def __init__(self, world: World, faults: Faults) -> None:
        self._world = world
        self._faults = faults

    def routes(self) -> list[web.RouteDef]:
        """Return the addresses."""
        return [
            web.post("/upload/v1/{secret}", self._upload),
            web.put("/upload/v1/{secret}", self._upload),
            web.get("/files-pri/{reference}/download/{name}", self._download),
            web.get("/files-pri/{reference}/{name}", self._show),
            web.get("/files-pub/{reference}", self._show_public),
            web.get("/signin", self._sign_in),
        ]

    # --- uploading ----------------------------------------------------------------------------------

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        ticket = self._world.files.uploads.find(request.match_info["secret"])
        told: dict[str, Json] = {}
        if ticket is not None:
            told = {"file_id": ticket.file_id, "filename": ticket.name, "length": ticket.length}

        async def answer() -> web.StreamResponse:
            return await self._take(request, ticket)

        return await self._faults.meet(Call(UPLOAD, told), None, request, answer)

    async def _take(self, request: web.Request, ticket: Ticket | None) -> web.StreamResponse:
        if ticket is None:
            return web.Response(status=404, text="no such upload: ask files.getUploadURLExternal for another")
        try:
            size = await self._receive(request, ticket)
        except (ValueError, AssertionError, HttpProcessingError) as error:
            return web.Response(status=400, text=f"the upload cannot be read: {error}")
        except OSError as error:
            return web.Response(status=507, text=f"the upload cannot be kept: {error.strerror}")
        if size != ticket.length:
            return web.Response(
                status=400, text=f"{size} bytes came, and {ticket.length} were announced as length"
            )
        return web.Response(text=f"OK - {size}")

    async def _receive(self, request: web.Request, ticket: Ticket) -> int:
        """Keep what comes, if it is as long as announced, and return how long it is."""
        store = self._world.files.store
        size = 0
        with store.writing(ticket.file_id) as stream:
            async with aclosing(_contents(request)) as chunks:
                async for chunk in chunks:
                    size += len(chunk)
                    if size <= ticket.length:
                        stream.write(chunk)
        ticket.uploaded = size == ticket.length
        if not ticket.uploaded:
            store.remove(ticket.file_id)
        return size

    # --- fetching -----------------------------------------------------------------------------------

    async def _show(self, request: web.Request) -> web.StreamResponse:
        return self._fetch(request, attached=False)

    async def _download(self, request: web.Request) -> web.StreamResponse:
        return self._fetch(request, attached=True)

    def _fetch(self, request: web.Request, *, attached: bool) -> web.StreamResponse:
        team, _, file_id = request.match_info["reference"].partition("-")
        file = self._world.files.find(file_id)
        if team != self._world.app.team_id or file is None:
            return _page("No such file", "There is no file at this address.", status=404)
        public = file.public_url_shared and request.query.get("pub_secret") == file.secret
        grant = self._grant(request)
        if not public and (grant is None or not self._world.files.places.is_visible(file, grant.user_id)):
            raise web.HTTPFound(f"/signin?redir={quote(request.path, safe='')}")
        return self._contents_of(file, attached=attached)

    async def _show_public(self, request: web.Request) -> web.StreamResponse:
        team, _, rest = request.match_info["reference"].partition("-")
        file_id, _, secret = rest.partition("-")
        file = self._world.files.find(file_id)
        known = file is not None and team == self._world.app.team_id and secret == file.secret
        if file is None or not known or not file.public_url_shared:
            return _page("No such file", "There is no file at this address.", status=404)
        return self._contents_of(file, attached=False)

    def _contents_of(self, file: File, *, attached: bool) -> web.StreamResponse:
        path = self._world.files.store.path(file.id)
        if path is None:
            return _page("No such file", "This file was deleted.", status=404)
        kind = f"{file.mimetype}; charset=utf-8" if file.mode == "snippet" else file.mimetype
        headers = {"Content-Type": kind, "Cache-Control": "private, max-age=0"}
        if attached:
            headers["Content-Disposition"] = _attachment(file.name)
        return web.FileResponse(path, headers=headers)

    def _grant(self, request: web.Request) -> Grant | None:
        """Return what the request's token opens, if it opens files."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        text = token.strip() if scheme.lower() == "bearer" else request.query.get("t", "")
        grant = self._world.grants.find(text) if text else None
        if grant is None or grant.refusal or grant.kind is TokenKind.APP or _SCOPE not in grant.scopes:
            return None
        return grant

    async def _sign_in(self, request: web.Request) -> web.StreamResponse:
        name = self._world.app.team_name
        return _page(f"Sign in to {name}", "This file is not for everybody: send a token that may see it.")


async def _contents(request: web.Request) -> AsyncGenerator[bytes, None]:
    """Read the file out of a request: the body, or the file's part of a form."""
    if not request.content_type.startswith("multipart/"):
        async for chunk in request.content.iter_chunked(_CHUNK_BYTES):
            yield chunk
        return
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        if part.filename is None and part.name not in _FILE_FIELDS:
            await part.release()
            continue
        encoded = part.headers.get("Content-Transfer-Encoding", "").lower() in _ENCODINGS
        while chunk := await part.read_chunk(_CHUNK_BYTES):
            yield part.decode(chunk) if encoded else chunk
        return
    raise ValueError("the form has no file")


def _attachment(name: str) -> str:
    plain = "".join(letter if letter.isascii() and letter.isprintable() else "_" for letter in name)
    plain = plain.replace("\\", "_").replace('"', "_")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name.encode('utf-8', 'replace'))}"


def _page(title: str, text: str, *, status: int = 200) -> web.Response:
    title, text = html.escape(title), html.escape(text)
    body = f"<!DOCTYPE html>\n<html><head><title>{title}</title></head><body><p>{text}</p></body></html>\n"
    return web.Response(status=status, text=body, content_type="text/html")
