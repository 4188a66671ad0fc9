"""Reading YAML as Go's ghodss/yaml turns it into JSON."""

from __future__ import annotations

import base64
import binascii
import math
from typing import Any

import yaml

from pack.flows.go_json import DEEPEST_NESTING, FormatError, float_number, whole_number
from pack.flows.go_yaml import resolve, write_float32

Json = Any

LARGEST_YAML = 256 * 1024
"""How many bytes a YAML body may have: reading it is slow, and whatever is larger can be sent as JSON."""
MOST_NODES = 200_000
"""How many values one document may have, aliases counted each time: a few lines can stand for billions."""

_TAGS = "tag:yaml.org,2002:"
_PLAIN = "plain"


class _Nodes(yaml.BaseLoader):
    """Reads nodes, and marks the scalars whose meaning is left to us."""

    def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
        if kind is yaml.ScalarNode:
            return _PLAIN if implicit[0] else f"{_TAGS}str"
        return super().resolve(kind, value, implicit)  # type: ignore[no-untyped-call]


def decode_yaml(data: bytes) -> Json:
    """Read the first YAML document of a body as the JSON that it stands for; an empty body is null.

    Raises:
        FormatError: it is not YAML, or has something that JSON has not: keys that are no scalars, infinity.
    """
    if len(data) > LARGEST_YAML:
        raise FormatError(f"the YAML is larger than {LARGEST_YAML} bytes: send it as JSON")
    try:
        loader = _Nodes(data.decode("utf-8"))
        try:
            node = loader.get_node() if loader.check_node() else None
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        raise FormatError(f"the body is not YAML: {_one_line(error)}") from None
    except UnicodeDecodeError as error:
        raise FormatError(f"the body is not UTF-8: byte {error.start + 1}") from None
    except RecursionError:
        raise FormatError(f"the YAML is nested deeper than {DEEPEST_NESTING} levels") from None
    return None if node is None else _Reader().value(node, 0)


class _Reader:
    """Turns nodes into values."""

    def __init__(self) -> None:
        self._left = MOST_NODES

    def value(self, node: yaml.Node, depth: int) -> Json:
        self._left -= 1
        if self._left < 0:
            raise FormatError(f"the YAML stands for more than {MOST_NODES} values")
        if depth > DEEPEST_NESTING:
            raise FormatError(f"the YAML is nested deeper than {DEEPEST_NESTING} levels, or contains itself")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, depth)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, depth + 1) for item in node.value]
        return _number(_scalar(node))

    def _mapping(self, node: yaml.MappingNode, depth: int) -> dict[str, Json]:
        values: dict[str, Json] = {}
        for key, item in node.value:
            if (
                isinstance(key, yaml.ScalarNode)
                and key.value == "<<"
                and key.tag in (_PLAIN, f"{_TAGS}merge")
            ):
                for merged in item.value if isinstance(item, yaml.SequenceNode) else [item]:
                    if not isinstance(merged, yaml.MappingNode):
                        raise FormatError(f"{_place(item)}: << takes a map, or a list of maps")
                    values.update(self.value(merged, depth + 1))
            else:
                values[_key(key)] = self.value(item, depth + 1)
        return values


def _key(node: yaml.Node) -> str:
    if not isinstance(node, yaml.ScalarNode):
        raise FormatError(
            f"{_place(node)}: a key must be a text; a template has to stand in quotes: '{{{{ … }}}}'"
        )
    key = _scalar(node)
    if isinstance(key, bool):
        return "true" if key else "false"
    if key is None:
        raise FormatError(f"{_place(node)}: a key must be a text, not null")
    if isinstance(key, float):
        return write_float32(key) if math.isfinite(key) else _infinity(key)
    return str(key)


def _infinity(value: float) -> str:
    return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"


def _scalar(node: yaml.Node) -> str | bool | int | float | None:
    text = str(node.value)
    if node.tag == _PLAIN:
        return resolve(text)
    kind = node.tag.removeprefix(_TAGS)
    if kind == "binary":
        try:
            return base64.b64decode(text, validate=False).decode("utf-8", "replace")
        except binascii.Error:
            raise FormatError(f"{_place(node)}: !!binary is not base64") from None
    wanted: dict[str, type | tuple[type, ...]] = {
        "int": int,
        "float": (int, float),
        "bool": bool,
        "null": type(None),
    }
    if kind not in wanted:
        return text
    value = resolve(text)
    if not isinstance(value, wanted[kind]) or (isinstance(value, bool) and kind != "bool"):
        raise FormatError(f"{_place(node)}: {text[:60]!r} is no !!{kind}")
    return value


def _number(value: str | bool | int | float | None) -> Json:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return value
    return whole_number(value) if isinstance(value, int) else float_number(value)


def _place(node: yaml.Node) -> str:
    mark = node.start_mark
    return f"line {mark.line + 1}, column {mark.column + 1}" if mark else "somewhere"


def _one_line(error: yaml.YAMLError) -> str:
    return " ".join(str(error).split())
