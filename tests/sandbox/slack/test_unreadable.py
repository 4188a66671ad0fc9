"""Requests that nobody can read: the sender is told, and nothing is logged as the sandbox's own failure."""

from __future__ import annotations

import asyncio
import logging

import pytest

from pack.sandbox.slack import SimulatedSlack


@pytest.mark.parametrize("path", ["/api/auth.test", "/sandbox/say"])
@pytest.mark.parametrize(
    "kind", ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
async def test_a_body_that_is_not_encoded_as_it_says_is_a_bad_request(
    slack, session, caplog, path, kind
) -> None:
    headers = {"Content-Encoding": "gzip", "Content-Type": kind}
    async with session.post(slack.url + path, data=b"abc", headers=headers) as response:
        assert response.status == 400
    async with session.get(slack.api_url + "api.test") as response:
        assert response.status == 200
    assert [record for record in caplog.records if record.levelno > logging.INFO] == []


@pytest.mark.parametrize(
    "request_text",
    [
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "GET /api/api.test HTTP/1.1\r\n\r\n",
        "POST /api/api.test HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n\r\n",
        "nonsense\r\n\r\n",
    ],
)
async def test_what_is_no_http_is_a_bad_request(slack: SimulatedSlack, caplog, request_text: str) -> None:
    port = int(slack.url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request_text.encode())
    status = await asyncio.wait_for(reader.readline(), 5)
    writer.close()
    await writer.wait_closed()
    assert b" 400 " in status
    assert [record for record in caplog.records if record.levelno > logging.INFO] == []
