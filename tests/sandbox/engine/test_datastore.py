from __future__ import annotations

import pytest

from pack.sandbox.engine.database import Database
from pack.sandbox.engine.documents import Documents
from pack.sandbox.engine.shelves import Datastore, Item
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
        (value(b"")[:-7] + value(b"x"), FORM),
        (value(b"x").replace(b'filename="v"', b'filename=""'), FORM),
        (value(b"x")[:-8], FORM),
        (value(b"x").replace(b"filename", b"other"), FORM),
        (b"--x\r\n" + b"a" * 100_000, FORM),
        (b"--x\r\nContent-Disposition\r\n\r\nx\r\n--x--\r\n", FORM),
        (value(b"x").replace(b"--x--", b"--y--"), FORM),
        (value(b"x"), "multipart/form-data"),
        (b"{}", "application/json"),
        (b"value=x", "application/x-www-form-urlencoded"),
    ],
)
async def test_what_has_no_file_named_value_is_refused(body: bytes, content_type: str, call: Caller) -> None:
    answer = await put(call, "k", body, content_type)
    assert answer.status == 400, answer.text
    assert "multipart/form-data with a file field 'value'" in answer.error
    assert (await call.get("/v1/datastore")).json["datastore"] == []


@pytest.mark.parametrize(
    ("encoding", "sent", "kept"),
    [
        ("base64", b"aGVsbG8=", b"aGVsbG8="),
        ("base64", b"no base64", b"no base64"),
        ("nonsense", b"x", b"x"),
        ("Quoted-Printable", b"a=3Db=\r\nc", b"a=bc"),
    ],
)
async def test_of_all_encodings_only_quoted_printable_is_known(
    encoding: str, sent: bytes, kept: bytes, call: Caller
) -> None:
    head = f"\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode()
    assert (await put(call, "k", value(sent).replace(b"\r\n\r\n", head, 1))).status == 201
    assert (await call.get("/v1/datastore/k")).body == kept


async def test_of_many_descriptions_the_first_counts_and_the_one_in_the_query_is_the_first(
    call: Caller,
) -> None:
    two = b"".join(
        b'--x\r\nContent-Disposition: form-data; name="description"\r\n\r\n%s\r\n' % text
        for text in (b"first", b"second")
    )
    await put(call, "form", two + value(b"x"))
    await put(call, "query?description=asked", two + value(b"x"))
    await put(call, "none", value(b"x"))
    items = (await call.get("/v1/datastore")).json["datastore"]
    assert [item.get("description") for item in items] == ["first", "asked", None]


async def test_a_key_that_is_no_utf_8_is_not_the_one_that_looks_like_its_escape(call: Caller) -> None:
    for key in ("%25FF", "%FF"):
        assert (await put(call, key, value(key.encode()))).status == 201
    keys = [item["key"] for item in (await call.get("/v1/datastore")).json["datastore"]]
    assert keys == ["%FF", "\ufffd"]
    assert (await call.get("/v1/datastore/%25FF")).body == b"%25FF"


def test_a_document_is_read_once_until_it_is_replaced_or_deleted() -> None:
    store = Datastore(Database())
    documents = Documents(store)
    large = b"[0]" + b" " * 5_000_000
    store.put(Item("k", "application/json", "", b'{"a": 1}'))
    store.put(Item("text", "text/plain", "", b"\xff"))
    first = documents.lookup("k")
    assert first == {"a": 1}
    assert documents.lookup("text") == "\ufffd"
    assert documents.lookup("k") is first
    store.put(Item("k", "application/json", "", b'{"a": 2}'))
    assert documents.lookup("k") == {"a": 2}
    store.put(Item("large", "text/plain", "", large))
    assert documents.lookup("large") is documents.lookup("large")
    assert documents.lookup("k") == {"a": 2}
    store.put(Item("k", "application/json", "", large))
    with pytest.raises(ValueError, match="must be a JSON object, not a list"):
        documents.lookup("k")
    assert store.remove("k")
    with pytest.raises(LookupError, match="has no 'k'"):
        documents.lookup("k")
