"""Whatever is refused says why, as JSON, with the real server's status."""

from __future__ import annotations

import asyncio
import json
import logging

import pytest

from pack.sandbox.engine import EmbeddedEngine
from tests.sandbox.engine.caller import Caller, step

NO_SUCH = [
    ("GET", "/v1/nothing"),
    ("POST", "/"),
    ("GET", "/v1/packs/"),
    ("GET", "//v1"),
    ("PUT", "/v1/packs"),
    ("GET", "/v1/packs/Src/events"),
    ("OPTIONS", "/v1/flows"),
    ("PATCH", "/v1/datastore/key"),
]


@pytest.mark.parametrize(("method", "path"), NO_SUCH)
async def test_what_is_not_served_is_refused_with_what_there_is(method: str, path: str, call: Caller) -> None:
    answer = await call.send(method, path)
    assert answer.status in (404, 405)
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    advice = "GET /v1 lists what there is" if answer.status == 404 else f"{method} is not for {path!r}; use "
    assert advice in answer.json["error"]


@pytest.mark.parametrize(
    ("path", "status"),
    [("/v1/nothing", 404), ("/v1/packs/Nobody", 404), ("/v1/packs/Src/actions/take", 405), ("/v1", 200)],
)
async def test_a_head_has_the_status_and_no_body(path: str, status: int, call: Caller) -> None:
    answer = await call.send("HEAD", path)
    assert (answer.status, answer.body) == (status, b"")


async def send_bytes(engine: EmbeddedEngine, request: bytes) -> bytes:
    """Send bytes as they are; return the answer with its head."""
    host, port = engine.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    lines = (line.split(b":") for line in head.lower().split(b"\r\n"))
    length = next(int(line[1]) for line in lines if line[0] == b"content-length")
    body = await reader.readexactly(length)
    writer.close()
    await writer.wait_closed()
    return head + body


@pytest.mark.parametrize(
    ("request_bytes", "status", "reason"),
    [
        (b"\x16\x03\x01\x02\x00\r\n\r\n", 400, "HTTPS traffic"),
        (b"GET\r\n\r\n", 400, "cannot be read as HTTP"),
        (b"GET /v1 HTTP/9.9\r\nHost: x\r\n\r\n", 400, "cannot be read as HTTP"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n", 400, "Content-Length"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 1_100_000 + b"\r\n\r\n", 400, "more than 1048576"),
        (b"GET /v1/\xff HTTP/1.1\r\nHost: x\r\n\r\n", 400, "url path"),
        (b"GET /v1 HTTP/1.1\r\nHost: x\r\nExpect: tea\r\n\r\n", 417, "Unknown Expect: tea"),
        (
            b"POST /v1/packs HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            400,
            "chunk size",
        ),
    ],
)
async def test_what_is_no_good_http_is_explained(
    request_bytes: bytes, status: int, reason: str, engine: EmbeddedEngine
) -> None:
    head, body = (await send_bytes(engine, request_bytes)).split(b"\r\n\r\n")
    assert b"Content-Type: application/json; charset=utf-8" in head
    answered, error = int(head.split()[1]), json.loads(body)["error"]
    assert (answered, reason in error, len(error) < 250) == (status, True, True), error


async def test_a_bad_request_is_one_line_in_the_log(
    engine: EmbeddedEngine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await send_bytes(engine, b"GET\r\n\r\n")
    (record,) = [record for record in caplog.records if record.levelno >= logging.INFO]
    assert "cannot be read as HTTP" in record.getMessage()
    assert record.exc_info is None


async def test_a_caller_that_goes_away_amid_its_body_is_no_bug_of_the_engine(
    packs: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    host, port = packs.engine.url.removeprefix("http://").split(":")
    for path in ("events", "actions/take"):
        reader, writer = await asyncio.open_connection(host, int(port))
        head = f"POST /v1/packs/Src/{path} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n"
        writer.write(f"{head}Content-Type: application/x-www-form-urlencoded\r\n".encode())
        writer.write(b"Expect: 100-continue\r\n\r\n")
        assert b"100 Continue" in await reader.readline()
        writer.write(b"{")
        assert (await packs.get("/v1")).status == 200
        writer.transport.abort()
    assert (await packs.get("/v1")).status == 200
    await packs.engine.stop()
    assert [record.getMessage() for record in caplog.records if record.levelno > logging.INFO] == []


async def test_long_lines_and_headers_are_heard(packs: Caller) -> None:
    labels = ",".join(f"label{number}:value" for number in range(5_000))
    assert await packs.executions(f"?actionPackLabels={labels}") == []
    assert (await packs.get("/v1", Authorization="x" * 500_000)).status == 200


async def test_a_body_that_is_not_what_its_headers_say_is_refused(call: Caller) -> None:
    for encoding in ("gzip", "deflate"):
        answer = await call.send("POST", "/v1/packs", text="x" * 50, headers={"Content-Encoding": encoding})
        assert (answer.status, "cannot be read as its headers say" in answer.error) == (400, True)


async def test_bytes_that_are_no_utf_8_are_names_like_others(packs: Caller) -> None:
    for path in ("/v1/packs/%FF", "/v1/flows/%ED%A0%80", "/v1/datastore/%FF", "/v1/audit/flows/%ED%A0%80"):
        assert "there is no" in (answer := await packs.get(path)).error or "has no" in answer.error
    assert await packs.executions("?flowName=%ED%A0%80&stepId=%FF") == []
    assert await packs.take(query="?actionName=%ED%A0%80") is None
    request = b"GET /v1 HTTP/1.1\r\nHost: \xff\r\nAccept: application/x-yaml\r\n\r\n"
    assert b"href: http://?/v1/packs" in await send_bytes(packs.engine, request)
    form = '--x\r\nContent-Disposition: form-data; name="value"; filename="v"\r\nContent-Type: a/\udcff\r\n'
    text = (form + "\r\nhi\r\n--x--\r\n").encode("utf-8", "surrogateescape")
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    assert (await packs.send("PUT", "/v1/datastore/odd", text=text, headers=headers)).status == 201
    assert (await packs.get("/v1/datastore/odd")).body == b"hi"


async def test_a_lost_jwt_is_explained_wherever_it_is_missing(packs: Caller) -> None:
    async with EmbeddedEngine(jwt="right") as engine:
        for method, path in (("GET", "/v1"), ("POST", "/v1/packs/P/actions/take"), ("PUT", "/nowhere")):
            refused = await Caller(engine, packs.session).send(method, path)
            assert (refused.status, "Authorization: Bearer" in refused.error) == (401, True)


async def test_a_result_for_an_action_of_another_pack_is_no_crash(packs: Caller) -> None:
    await packs.store(step("s"))
    await packs.happen()
    action = await packs.take()
    path = action["links"][0]["href"].removeprefix(packs.engine.url).replace("/Slack/", "/Src/")
    refused = await packs.send("POST", path, {"event": "E"})
    assert (refused.status, "cannot complete it" in refused.error) == (404, True)
