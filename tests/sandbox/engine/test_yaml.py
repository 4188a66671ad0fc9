"""YAML as Go's yaml.v2 reads and writes it. What is expected here is what that library does."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pack.flows.go_json import FormatError, decode_json, encode_json
from pack.flows.go_yaml import write_float
from pack.flows.yaml_in import LARGEST_YAML, decode_yaml
from pack.sandbox.engine.yaml_out import encode_yaml


def read(text: str) -> Any:
    return decode_yaml(text.encode())


def write(value: Any) -> str:
    return encode_yaml(value).decode()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", True),
        ("Off", False),
        ("y", True),
        ("yEs", "yEs"),
        ("~", None),
        ("", None),
        ("null", None),
        ("010", 8),
        ("0o17", 15),
        ("089", 89),
        ("0x1F", 31),
        ("0b101", 5),
        ("1_000", 1000),
        ("-5", -5),
        ("+5", 5),
        ("1e3", "1e3"),
        ("1e+3", 1000),
        (".5", 0.5),
        ("3.0", 3),
        ("3.", "3."),
        ("12:30", "12:30"),
        ("1.2.3", "1.2.3"),
        ("-", [None]),
        ("--5", "--5"),
        ("2020-01-02", "2020-01-02"),
        ("2020-01-02T03:04:05Z", "2020-01-02T03:04:05Z"),
        ("1669027200.123456", 1669027200.123456),
        ("9007199254740993", 9007199254740992),
        ("9" * 100, 1e100),
        ("'5'", "5"),
        ("!!str 5", "5"),
        ("!!int '5'", 5),
        ("!!binary aGk=", "hi"),
        ("!custom 5", "5"),
        ("{1: a, yes: b, 2.5: c, 0x10: d}", {"1": "a", "true": "b", "2.5": "c", "16": "d"}),
        ("a: &x {b: 1}\nc:\n  <<: *x\n  d: 2", {"a": {"b": 1}, "c": {"b": 1, "d": 2}}),
        ("a: 1\n---\nb: [", {"a": 1}),
        ("a: 1\na: 2", {"a": 2}),
    ],
)
def test_a_scalar_means_what_go_reads(text: str, value: Any) -> None:
    got = read(text)
    assert got == value
    assert type(got) is type(value) or value == got


@pytest.mark.parametrize(
    "text",
    [
        "a: [",
        "a: .inf",
        "a: .nan",
        "{{ x }}",
        "~: a",
        "? [a]\n: b",
        "!!int x",
        "a: *nothing",
        "&a [*a]",
        "a: b: c",
        "\t- a",
        "a: \x01",
        "<<: 3",
        "[" * 5000,
        "[" * 300 + "]" * 300,
        "a" * (LARGEST_YAML + 1),
    ],
)
def test_what_has_no_json_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        read(text)


def test_a_few_lines_that_stand_for_billions_of_values_are_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    with pytest.raises(FormatError, match="more than"):
        read("\n".join(lines))


@pytest.mark.parametrize("opening", ["[", "[\n", "{", "- ", "? "])
def test_what_is_nested_too_deep_is_refused_where_it_becomes_so(opening: str) -> None:
    read("[" * 200 + "]" * 200)
    with pytest.raises(FormatError, match="nested deeper than 200 levels") as refused:
        read(opening * 10_000)
    assert refused.value.place is not None
    assert refused.value.place.line + refused.value.place.column < 500


def test_very_many_values_are_refused_before_they_are_read() -> None:
    assert len(read(f"[{'a,' * 10_000}]")) == 10_000
    with pytest.raises(FormatError, match=r"line 1, column 40000: .* more than 20000 values: send"):
        read(f"[{'a,' * 100_000}]")


def test_bytes_that_are_no_utf_8_are_refused() -> None:
    with pytest.raises(FormatError, match="byte 4"):
        decode_yaml(b"a: \xff")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain\n"),
        ("", '""\n'),
        ("yes", '"yes"\n'),
        ("n", '"n"\n'),
        ("12", '"12"\n'),
        ("1:30", '"1:30"\n'),
        ("2020-01-02", '"2020-01-02"\n'),
        ("2020-13-45", "2020-13-45\n"),
        ("1e3", "1e3\n"),
        ("{{ x }}", "'{{ x }}'\n"),
        ("it's", "it's\n"),
        ("two\nlines", "|-\n  two\n  lines\n"),
        ("grüße", "grüße\n"),
        (None, "null\n"),
        (True, "true\n"),
        (3, "3\n"),
        (1.5, "1.5\n"),
        (1669027200.123456, "1.669027200123456e+09\n"),
        (0.00001, "1e-05\n"),
        (10**20, "1e+20\n"),
        ([], "[]\n"),
        ({}, "{}\n"),
        ({"b": 1, "a": [1, {"c": []}]}, "a:\n- 1\n- c: []\nb: 1\n"),
        ({"a10": 1, "a9": 2, "a-": 3, "aB": 4}, "a-: 3\na9: 2\na10: 1\naB: 4\n"),
        ({"a010": 1, "a10": 2, "a9": 3, "a": 4}, "a: 4\na9: 3\na10: 2\na010: 1\n"),
    ],
)
def test_a_value_is_written_as_go_writes_it(value: Any, text: str) -> None:
    written = write(value)
    assert written.removesuffix("...\n") == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1e6, "1e+06"),
        (123456.0, "123456"),
        (1234567.5, "1.2345675e+06"),
        (0.0001, "0.0001"),
        (-2.5, "-2.5"),
        (0.0, "0"),
    ],
)
def test_a_float_has_the_fewest_digits(value: float, text: str) -> None:
    assert write_float(value) == text


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NUMBERS = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(TEXTS, inside, max_size=4),
    max_leaves=12,
)
AWKWARD = st.text(
    st.sampled_from("ab \n\t:#-'\"{}|>.,!&*%@`\\0159~=?[]yn\r\x00\x85\u2028\ufeff🎉ü\x07"), max_size=12
)
YAML_JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | AWKWARD,
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(AWKWARD, inside, max_size=4),
    max_leaves=12,
)


@settings(deadline=None)
@given(JSON)
def test_json_survives_reading_and_writing(value: Any) -> None:
    once = decode_json(json.dumps(value).encode())
    assert once == value
    assert decode_json(encode_json(once)) == once


@settings(deadline=None)
@given(YAML_JSON)
def test_what_is_written_as_yaml_reads_as_the_same_value(value: Any) -> None:
    value = decode_json(json.dumps(value).encode())
    assert decode_yaml(encode_yaml(value)) == value


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_yaml_or_refused(text: str) -> None:
    try:
        value = decode_yaml(text.encode("utf-8", "replace"))
    except FormatError:
        return
    encode_yaml(value)
    encode_json(value)
