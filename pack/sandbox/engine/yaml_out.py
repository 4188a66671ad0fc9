"""Writing YAML as Go's ghodss/yaml writes it: sorted keys, and quotes only where they are needed."""

from __future__ import annotations

from functools import cmp_to_key
from typing import Any

import yaml

from pack.flows.go_yaml import needs_quotes, write_float

Json = Any

_TEXT = "tag:yaml.org,2002:str"
_SEQUENCE = "tag:yaml.org,2002:seq"
_MAPPING = "tag:yaml.org,2002:map"
_OTHER_BREAKS = frozenset("\r\x85\u2028\u2029")
"""YAML's further line breaks: they survive only between double quotes."""
_SMALLEST_INTEGER = -(2**63)
_LARGEST_INTEGER = 2**64 - 1


def encode_yaml(value: Json) -> bytes:
    """Write a JSON value as YAML."""
    return str(yaml.serialize(_node(value), Dumper=yaml.BaseDumper, allow_unicode=True)).encode()


def _node(value: Json) -> yaml.Node:
    if isinstance(value, dict):
        keys = sorted(value, key=cmp_to_key(_compare))
        return yaml.MappingNode(_MAPPING, [(_node(key), _node(value[key])) for key in keys], flow_style=False)
    if isinstance(value, list):
        return yaml.SequenceNode(_SEQUENCE, [_node(item) for item in value], flow_style=False)
    if isinstance(value, str):
        return yaml.ScalarNode(_TEXT, value, style=_style(value))
    return yaml.ScalarNode(_TEXT, _bare(value))


def _style(text: str) -> str | None:
    if not _OTHER_BREAKS.isdisjoint(text):
        return '"'
    if "\n" in text:
        return "|"
    return '"' if needs_quotes(text) else None


def _bare(value: bool | int | float | None) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and _SMALLEST_INTEGER <= value <= _LARGEST_INTEGER:
        return str(value)
    return write_float(float(value))


def _compare(left: str, right: str) -> int:
    """Compare two keys: letters by themselves, other characters before letters, digits by their number."""
    for index, (a, b) in enumerate(zip(left, right, strict=False)):
        if a == b:
            continue
        if a.isalpha() or b.isalpha():
            if a.isalpha() and b.isalpha():
                return -1 if a < b else 1
            return -1 if b.isalpha() else 1
        return _compare_numbers(left, right, index)
    return len(left) - len(right)


def _compare_numbers(left: str, right: str, index: int) -> int:
    left_number, right_number = _digits(left, index), _digits(right, index)
    if "0" in (left[index], right[index]) and _follows_digit(left, index):
        left_number, right_number = f"1{left_number}", f"1{right_number}"
    left_rank = (_size(left_number), len(left_number), left[index])
    right_rank = (_size(right_number), len(right_number), right[index])
    return -1 if left_rank < right_rank else 1


def _size(digits: str) -> tuple[int, str]:
    significant = digits.lstrip("0")
    return len(significant), significant


def _digits(text: str, begin: int) -> str:
    end = begin
    while end < len(text) and text[end] in "0123456789":
        end += 1
    return text[begin:end]


def _follows_digit(text: str, index: int) -> bool:
    """Say whether the number that this position is in began before it, with more than zeros."""
    for character in reversed(text[:index]):
        if character not in "0123456789":
            return False
        if character != "0":
            return True
    return False
