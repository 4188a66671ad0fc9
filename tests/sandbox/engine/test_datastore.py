from __future__ import annotations

import pytest

from tests.sandbox.engine.caller import Answer, Caller

FORM = "multipart/form-data; boundary=x"


async def put(call: Caller, key: str, body: bytes, content_type: str = FORM) -> Answer:
    return await call.send("PUT", f"/v1/datastore/{key}", text=body, headers={"Content-Type": content_type})


def value(data: bytes, content_type: str = "") -> bytes:
    kind = f"Content-Type: {content_type}\r\n".encode() if content_type else b""
    head = b'--x\r\nContent-Disposition: form-data; name="value"; filename="v"\r\n'
    return head + kind + b"\r\n" + data + b"\r\n--x--\r\n"


async def test_bytes_and_type_come_back_as_they_were_stored(call: Caller) -> None:
    data = bytes(range(256)) * 10
    assert (await put(call, "k", value(data, "application/octet-stream"))).status == 201
    got = await call.get("/v1/datastore/k")
    assert (got.headers["Content-Type"], got.body) == ("application/octet-stream", data)


async def test_a_replaced_item_keeps_its_place_in_the_list(call: Caller) -> None:
    for key in ("a", "b", "a"):
        await put(call, key, value(b"x"))
    keys = [item["key"] for item in (await call.get("/v1/datastore")).json["datastore"]]
    assert keys == ["a", "b"]


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", FORM),
        (b"nonsense", FORM),
        (value(b""), FORM),
        (value(b"x")[:-8], FORM),
        (value(b"x").replace(b"filename", b"other"), FORM),
        (b"--x\r\n" + b"a" * 100_000, FORM),
        (b"--x\r\nContent-Disposition\r\n\r\nx\r\n--x--\r\n", FORM),
        (value(b"x").replace(b"--x--", b"--y--"), FORM),
        (value(b"x"), "multipart/form-data"),
        (value(b"x").replace(b"\r\n\r\n", b"\r\nContent-Transfer-Encoding: nonsense\r\n\r\n"), FORM),
        (b"{}", "application/json"),
        (b"value=x", "application/x-www-form-urlencoded"),
    ],
)
async def test_what_has_no_file_named_value_is_refused(body: bytes, content_type: str, call: Caller) -> None:
    answer = await put(call, "k", body, content_type)
    assert answer.status == 400, answer.text
    assert "multipart/form-data with a file field 'value'" in answer.error
    assert (await call.get("/v1/datastore")).json["datastore"] == []
