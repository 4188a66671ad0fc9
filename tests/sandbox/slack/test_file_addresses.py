"""Fetching files back."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from pack.sandbox.slack import SimulatedSlack
from pack.sandbox.slack.world.grants import TokenKind
from tests.sandbox.slack.caller import Caller
from tests.sandbox.slack.uploading import token_of, upload

CONTENT = b"\x89PNG and so on"


@pytest.fixture
async def file(call: Caller) -> dict[str, Any]:
    file_id = await upload(call, CONTENT, 'Ärger "1".png')
    described: dict[str, Any] = (await call.ok("files.info", file=file_id))["file"]
    return described


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_a_file_is_fetched_with_a_token(
    slack: SimulatedSlack, session: aiohttp.ClientSession, file: dict[str, Any]
) -> None:
    async with session.get(file["url_private"], headers=_bearer(slack.bot_token)) as response:
        assert (response.status, response.headers["Content-Type"]) == (200, "image/png")
        assert "Content-Disposition" not in response.headers
        assert await response.read() == CONTENT
    async with session.get(file["url_private"], params={"t": slack.bot_token}) as response:
        assert await response.read() == CONTENT


async def test_a_download_says_how_the_file_is_called(
    slack: SimulatedSlack, session: aiohttp.ClientSession, file: dict[str, Any]
) -> None:
    async with session.get(file["url_private_download"], headers=_bearer(slack.bot_token)) as response:
        assert await response.read() == CONTENT
        disposition = response.content_disposition
        assert disposition is not None
        assert (disposition.type, disposition.filename) == ("attachment", 'Ärger "1".png')


async def test_head_and_ranges_are_answered(
    slack: SimulatedSlack, session: aiohttp.ClientSession, file: dict[str, Any]
) -> None:
    headers = _bearer(slack.bot_token)
    async with session.head(file["url_private"], headers=headers) as response:
        assert (response.status, response.content_length) == (200, len(CONTENT))
    async with session.get(file["url_private"], headers=headers | {"Range": "bytes=1-3"}) as response:
        assert (response.status, await response.read()) == (206, b"PNG")
        assert response.headers["Content-Range"] == f"bytes 1-3/{len(CONTENT)}"
    async with session.get(file["url_private"], headers=headers | {"Range": "bytes=900-"}) as response:
        assert response.status == 416


async def test_without_a_token_that_may_see_it_a_page_to_sign_in_comes(
    slack: SimulatedSlack, call: Caller, file: dict[str, Any]
) -> None:
    session, url = call.session, file["url_private"]
    lacking = slack.world.grants.issue(TokenKind.BOT, slack.bot_user_id, {"chat:write"}).token
    strangers = ("xoxb-unknown", slack.app_token, lacking, token_of(slack, "ada"))
    for headers in ({}, {"Authorization": "Basic abc"}, *map(_bearer, strangers)):
        async with session.get(url, headers=headers, allow_redirects=False) as response:
            assert response.status == 302
            assert response.headers["Location"].startswith("/signin?redir=/files-pri/")
    async with session.get(url) as response:
        assert (response.status, response.content_type) == (200, "text/html")
        assert "Sign in to" in await response.text()


async def test_a_text_comes_as_text(slack: SimulatedSlack, call: Caller) -> None:
    file_id = await upload(call, "grüße".encode(), "notes.html")
    file = (await call.ok("files.info", file=file_id))["file"]
    async with call.session.get(file["url_private"], headers=_bearer(slack.bot_token)) as response:
        assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert await response.text() == "grüße"


async def test_a_public_file_is_for_everybody_until_it_is_revoked(
    slack: SimulatedSlack, call: Caller
) -> None:
    token = token_of(slack, "ada")
    file_id = await upload(call, CONTENT, "a.png", token=token)
    before = (await call.ok("files.info", token=token, file=file_id))["file"]
    secret = before["permalink_public"].rpartition("-")[2]
    private = f"{before['url_private']}?pub_secret={secret}"
    assert before["public_url_shared"] is False
    async with call.session.get(before["permalink_public"]) as response:
        assert response.status == 404
    shared = await call.ok("files.sharedPublicURL", token=token, file=file_id)
    assert shared["file"]["public_url_shared"] is True
    await call.ok("files.sharedPublicURL", token=token, file=file_id)
    for url in (before["permalink_public"], private):
        async with call.session.get(url, allow_redirects=False) as response:
            assert (response.status, await response.read()) == (200, CONTENT)
    revoked = await call.ok("files.revokePublicURL", token=token, file=file_id)
    assert revoked["file"]["public_url_shared"] is False
    async with call.session.get(private, allow_redirects=False) as response:
        assert response.status == 302
    again = await call.ok("files.sharedPublicURL", token=token, file=file_id)
    assert again["file"]["permalink_public"] != before["permalink_public"]
    assert await call.error("files.sharedPublicURL", file=file_id) == "not_allowed_token_type"


async def test_a_deleted_file_is_gone(slack: SimulatedSlack, call: Caller, file: dict[str, Any]) -> None:
    await call.ok("files.delete", file=file["id"])
    async with call.session.get(file["url_private"], headers=_bearer(slack.bot_token)) as response:
        assert response.status == 404
    assert slack.world.files.store.used_bytes == 0


@pytest.mark.parametrize("path", ["files-pri/T0-F0/a.txt", "files-pri/x/download/y", "files-pub/T0-F0-x"])
async def test_an_address_of_no_file_is_not_found(
    slack: SimulatedSlack, session: aiohttp.ClientSession, path: str
) -> None:
    async with session.get(f"{slack.url}/{path}", headers=_bearer(slack.bot_token)) as response:
        assert (response.status, response.content_type) == (404, "text/html")


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("..", "_"),
        ("a/../b.txt", "a_.._b.txt"),
        ("Grüße 2.TXT", "gr__e_2.txt"),
        ("half \ud800.bin", "half__.bin"),
        ("data:x\r\nX-Evil: y/z,", "data_x__x-evil__y_z_"),
    ],
)
async def test_any_name_makes_an_address_that_works(
    slack: SimulatedSlack, session: aiohttp.ClientSession, name: str, slug: str
) -> None:
    files = slack.world.files
    file = files.put(slack.bot_user_id, name, CONTENT, host=slack.url.removeprefix("http://"))
    url = files.describe(file)["url_private_download"]
    assert url.endswith(f"/download/{slug}")
    async with session.get(url, headers=_bearer(slack.bot_token)) as response:
        assert (response.status, await response.read()) == (200, CONTENT)
        assert "X-Evil" not in response.headers
