"""Every key, value and character of a text has the place at which it is written."""

from __future__ import annotations

import json
import re
from pathlib import Path as FilePath
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pack.flows.document import Document, Position, read_document
from pack.flows.go_json import FormatError, decode_json
from pack.flows.spans import Style
from pack.flows.yaml_in import decode_yaml

GOLDEN = FilePath(__file__).parents[1] / "golden"
LETTERS = st.text(st.sampled_from("abcXYZ019 \n\t\"'\\{}%|:#-é\u00a0\u20ac\U0001f600"), max_size=40)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 10**6) | LETTERS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(LETTERS, inner, max_size=4),
    max_leaves=12,
)


def read(text: str, *, yaml: bool = True) -> Document:
    return read_document(text.encode(), yaml=yaml)


def at(document: Document, place: Position) -> str:
    """Return the text from a place on, found by counting as an editor does."""
    lines = document.text.split("\n")
    return "\n".join([lines[place.line - 1][place.column - 1 :], *lines[place.line :]])


def characters(document: Document, path: tuple[str | int, ...], text: str) -> list[tuple[str, str]]:
    """Return each character of a value with the source from its place on."""
    found, line, column = [], 1, 1
    for character in text:
        found.append((character, at(document, document.inside(path, line, column))))
        line, column = (line + 1, 1) if character == "\n" else (line, column + 1)
    return found


def check_json_text(document: Document, path: tuple[str | int, ...], text: str) -> None:
    for character, source in characters(document, path, text):
        escape = re.match(r"(?:\\u[dD][89abAB]..\\u....)|\\u....|\\.|.", source, re.DOTALL)
        assert escape
        assert json.loads(f'"{escape[0]}"') == character


@given(JSON, st.booleans(), st.sampled_from([None, 1, 4]))
def test_every_character_of_a_json_text_is_found(value: Any, ascii_only: bool, indent: int | None) -> None:
    document = read(json.dumps(value, ensure_ascii=ascii_only, indent=indent), yaml=False)
    assert document.value == value
    for path, item in document.paths():
        if isinstance(item, str):
            check_json_text(document, path, item)
        source = at(document, document.position(path))
        assert json.JSONDecoder().raw_decode(source)[0] == item
        if path and isinstance(path[-1], str):
            assert json.JSONDecoder().raw_decode(at(document, document.key(path)))[0] == path[-1]


def test_every_kind_of_escape_in_json_counts_as_one_character() -> None:
    document = read(r'{"a": "\n\\\"\/\u00e9\ud83d\ude00\ud83dz\tend"}', yaml=False)
    assert document.value == {"a": '\n\\"/é😀\ufffdz\tend'}
    column = document.text.index("end") + 1
    assert document.inside(("a",), 2, len('\\"/é😀\ufffdz\t') + 1) == Position(1, column)


STYLES = {None: "plain", "'": "single", '"': "double", "|": "literal", ">": "folded"}


@pytest.mark.parametrize("style", STYLES, ids=STYLES.values())
@given(
    value=st.dictionaries(LETTERS, LETTERS | st.lists(LETTERS, max_size=3), max_size=4),
    width=st.integers(5, 100),
    unicode=st.booleans(),
)
def test_every_character_of_a_yaml_text_is_found(
    style: str | None, value: Any, width: int, unicode: bool
) -> None:
    text = yaml.dump(value, default_style=style, width=width, allow_unicode=unicode, sort_keys=False)
    document = read(text)
    assert document.value == decode_yaml(text.encode())
    for path, item in document.paths():
        if isinstance(item, str):
            for character, source in characters(document, path, item):
                assert is_source_of(character, source, document.written(path)), (path, character, source)


def is_source_of(character: str, source: str, written: tuple[str, Style] | None) -> bool:
    if written and written[1] is Style.DOUBLE and source.startswith("\\"):
        return yaml.safe_load(f'"{re.match(ESCAPE, source)[0]}"') == character  # type: ignore[index]
    return source[0] == character or (character == " " and source[0] == "\n")


ESCAPE = r"\\(?:x..|u....|U........|.)"

BLOCKS = """\
name: first
steps:
- plain: one {{ two }}
    three

    four
  single: 'it''s {{ "x" }}
    folded'
  double: "tab\\t {{ x }} caf\\u00e9 \\
    joined \\U0001F600 end"
  literal: |
    {% if x %}
      deeper
    {% endif %}
  strip: |-2
     led by a space
    {{ here }}

  folded: >-
    {{ one }}
    {{ two }}

    {{ three }}
      {{ kept }}
    {{ four }}
"""


@pytest.mark.parametrize(
    ("name", "word"),
    [
        *[("plain", word) for word in ("one", "two", "three", "four")],
        *[("single", word) for word in ("it", "s {{", '"x"', "folded")],
        *[("double", word) for word in ("tab", "x }", "caf", "joined", "end")],
        *[("literal", word) for word in ("{% if", "deeper", "{% endif")],
        *[("strip", word) for word in (" led", "{{ here")],
        *[("folded", word) for word in ("one", "two", "three", "kept", "four }}")],
    ],
)
def test_a_word_in_each_yaml_style_is_found_where_it_stands(name: str, word: str) -> None:
    document = read(BLOCKS)
    value = document.value["steps"][0][name]
    before = value[: value.index(word)]
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    assert at(document, document.inside(("steps", 0, name), line, column)).startswith(word)


def test_the_place_behind_a_text_is_where_it_ends() -> None:
    document = read('{"a": "xy", "b": ""}', yaml=False)
    assert document.inside(("a",), 1, 3) == Position(1, 10)
    assert document.inside(("a",), 7, 9) == Position(1, 10)
    assert document.inside(("b",), 1, 1) == Position(1, 18)


def test_windows_line_ends_and_a_byte_order_mark_shift_nothing() -> None:
    document = read("\ufeffname: x\r\ntext: |\r\n  one\r\n  two\r\n")
    assert document.value == {"name": "x", "text": "one\ntwo\n"}
    assert document.key(("name",)) == Position(1, 1)
    assert document.inside(("text",), 2, 2) == Position(4, 4)


def test_an_alias_and_a_merge_point_to_what_they_stand_for() -> None:
    document = read("base: &b {x: one}\ncopy: *b\nmerged:\n  <<: *b\n  z: two\ntext: &t hello\nagain: *t\n")
    assert document.position(("copy", "x")) == Position(1, 14)
    assert document.position(("merged", "x")) == Position(1, 14)
    assert document.key(("merged", "z")) == Position(5, 3)
    assert document.inside(("again",), 1, 3) == Position(6, 12)
    assert not document.places.repeated


def test_a_tag_is_no_part_of_a_text() -> None:
    document = read("a: !!str 010\nb: &x !!str |\n  text\n")
    assert document.value == {"a": "010", "b": "text\n"}
    assert document.written(("a",)) == ("010", Style.TAGGED)
    assert document.inside(("b",), 1, 2) == Position(3, 4)


def test_what_is_missing_is_where_it_should_be() -> None:
    document = read("name: x\nsteps:\n- event: {name: E}\n")
    assert document.position(("steps", 0, "event", "packName")) == Position(3, 10)
    assert document.position(("steps", 7)) == document.position(("steps",)) == Position(3, 1)
    assert document.key(("steps", 0)) == Position(3, 3)


def test_a_field_is_found_whatever_its_case() -> None:
    document = read('{"steps": [{"DependsON": ["a"]}]}', yaml=False)
    assert document.position(("steps", 0, "dependsOn", 0)) == Position(1, 27)
    assert document.key(("steps", 0, "dependsOn")) == Position(1, 13)


@pytest.mark.parametrize("is_yaml", [False, True])
def test_the_last_of_two_equal_keys_counts_and_the_first_is_told(is_yaml: bool) -> None:
    document = read('{"a": {"x": 1}, "b": 2, "a": {"z": 3}}', yaml=is_yaml)
    assert document.value == {"a": {"z": 3}, "b": 2}
    [(path, span)] = document.places.repeated
    assert (path, document.place(span.start)) == (("a",), (1, 2))
    assert document.key(("a",)) == Position(1, 25)
    assert document.position(("a", "x")) == document.position(("a",)) == Position(1, 30)


@pytest.mark.parametrize(
    ("text", "rest"),
    [("a: 1\n", None), ("---\na: 1\n...\n", None), ("a: 1\n---\nb: 2\n", 5), ("a: 1\n--- {\n", 5)],
)
def test_a_second_yaml_document_is_told(text: str, rest: int | None) -> None:
    document = read(text)
    assert document.value == {"a": 1}
    assert document.places.rest == rest


@pytest.mark.parametrize(
    ("text", "is_yaml", "place"),
    [
        ('{\n  "a": 1,\n}', False, (3, 1)),
        ('{"a": 1} x', False, (1, 10)),
        ("\n{'a': 1}", False, (2, 2)),
        ("a: [1,\n", True, (2, 1)),
        ("a:\n\tb: 1\n", True, (2, 1)),
        ("é: \x00", True, (1, 4)),
        ("a: {{ b }}\n", True, (1, 5)),
        ("a: 1\n? [b]\n: 2\n", True, (2, 3)),
    ],
)
def test_what_cannot_be_read_says_where(text: str, is_yaml: bool, place: tuple[int, int]) -> None:
    with pytest.raises(FormatError) as refused:
        read(text, yaml=is_yaml)
    assert refused.value.place == place
    assert str(refused.value).startswith(f"line {place[0]}, column {place[1]}: ")


def test_bytes_that_are_no_utf_8_say_where_in_yaml() -> None:
    with pytest.raises(FormatError, match="not UTF-8") as refused:
        read_document("é: ".encode() + b"\xff", yaml=True)
    assert refused.value.place == (1, 4)


def recorded() -> list[tuple[bytes, bool]]:
    bodies = []
    for file in (GOLDEN / "rest").glob("*.json"):
        for step in json.loads(file.read_text("utf-8"))["steps"]:
            request = step.get("request", {})
            body = json.dumps(request["json"]) if "json" in request else request.get("text")
            if body is not None:
                bodies.append((body.encode(), "yaml" in str(request.get("headers"))))
    for case in json.loads((GOLDEN / "templates.json").read_text("utf-8"))["cases"]:
        bodies.append((json.dumps(case).encode(), False))
        if "yaml" in case:
            bodies.append((b"value: " + case["template"].encode(), True))
    return bodies


def test_a_document_is_what_the_engine_reads_from_every_recorded_body() -> None:
    read_well = 0
    for body, is_yaml in recorded():
        try:
            value = decode_yaml(body) if is_yaml else decode_json(body, whole=True)
        except FormatError as error:
            with pytest.raises(FormatError, match=re.escape(error.reason)):
                read_document(body, yaml=is_yaml)
            continue
        document = read_document(body, yaml=is_yaml)
        assert document.value == value
        assert {path for path, _ in document.paths()} == set(document.places.values)
        read_well += 1
    assert read_well > 600
