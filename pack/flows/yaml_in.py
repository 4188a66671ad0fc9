"""Reading YAML as Go's ghodss/yaml turns it into JSON."""

from __future__ import annotations

import base64
import binascii
import math
from typing import Any, NamedTuple

import yaml
from yaml.reader import ReaderError

from pack.flows.go_json import DEEPEST_NESTING, FormatError, float_number, whole_number
from pack.flows.go_yaml import resolve, write_float32
from pack.flows.paths import Position, place_in

Json = Any

LARGEST_YAML = 256 * 1024
"""How many bytes a YAML body may have: reading it is slow, and whatever is larger can be sent as JSON."""
MOST_WRITTEN_NODES = 20_000
"""How many values may be written in a document; a flow of the size above has about the half of that."""
MOST_NODES = 200_000
"""How many values one document may have, aliases counted each time: a few lines can stand for billions."""

_TAGS = "tag:yaml.org,2002:"
PLAIN = "plain"
"""The tag of a scalar without quotes and without a tag of its own: what it is, its letters tell."""


class _Nodes(yaml.BaseLoader):
    """Reads nodes, not too many and not too deep, and marks the scalars whose meaning is left to us."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._left = MOST_WRITTEN_NODES
        self._depth = -1

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        self._left -= 1
        self._depth += 1
        if self._left < 0 or self._depth > DEEPEST_NESTING:
            bound = f"has more than {MOST_WRITTEN_NODES} values: send it as JSON"
            deepest = f"is nested deeper than {DEEPEST_NESTING} levels"
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            place = Position(mark.line + 1, mark.column + 1)
            raise FormatError(f"the YAML {bound if self._left < 0 else deepest}", place)
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node

    def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
        if kind is yaml.ScalarNode:
            return PLAIN if implicit[0] else f"{_TAGS}str"
        return super().resolve(kind, value, implicit)  # type: ignore[no-untyped-call]


class Composed(NamedTuple):
    """A YAML text read as nodes; ``rest`` is where a second document begins, None when there is none."""

    node: yaml.Node | None
    rest: int | None


def decode_yaml(data: bytes) -> Json:
    """Read the first YAML document of a body as the JSON that it stands for; an empty body is null.

    Raises:
        FormatError: it is not YAML, or has something that JSON has not: keys that are no scalars, infinity.
    """
    return yaml_value(compose(yaml_text(data)).node)


def yaml_text(data: bytes) -> str:
    """Return a body as text, without the mark that may begin it.

    Raises:
        FormatError: it is too large, or not UTF-8.
    """
    if len(data) > LARGEST_YAML:
        raise FormatError(f"the YAML is larger than {LARGEST_YAML} bytes: send it as JSON")
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        raise FormatError(
            f"the body is not UTF-8: byte {error.start + 1}", place_in(before, len(before))
        ) from None


def compose(text: str) -> Composed:
    """Read the first document of a text as nodes.

    Raises:
        FormatError: it is not YAML.
    """
    try:
        loader = _Nodes(text)
        try:
            node = loader.get_node() if loader.check_node() else None
            return Composed(node, _second_document(loader))
        finally:
            loader.dispose()
    except ReaderError as error:
        problem = f"the character U+{int(error.character):04X} must not be in YAML"
        raise FormatError(f"the body is not YAML: {problem}", place_in(text, error.position)) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = place_in(text, mark.index) if mark else None
        raise FormatError(f"the body is not YAML: {_problem(error)}", place) from None
    except yaml.YAMLError as error:
        raise FormatError(f"the body is not YAML: {' '.join(str(error).split())}") from None
    except RecursionError:
        raise FormatError(f"the YAML is nested deeper than {DEEPEST_NESTING} levels") from None


def yaml_value(node: yaml.Node | None) -> Json:
    """Return what a document stands for.

    Raises:
        FormatError: it has something that JSON has not.
    """
    return None if node is None else _Reader().value(node, 0)


def is_merge(key: yaml.Node) -> bool:
    """Say whether a key is ``<<``: the entries of another map."""
    return isinstance(key, yaml.ScalarNode) and key.value == "<<" and key.tag in (PLAIN, f"{_TAGS}merge")


def _second_document(loader: _Nodes) -> int | None:
    try:
        event: Any = loader.peek_event()  # type: ignore[no-untyped-call]
    except yaml.MarkedYAMLError as error:
        return error.problem_mark.index if error.problem_mark else None
    return None if event is None or isinstance(event, yaml.StreamEndEvent) else event.start_mark.index


def _problem(error: yaml.MarkedYAMLError) -> str:
    return ", ".join(" ".join(part.split()) for part in (error.context, error.problem) if part)


class _Reader:
    """Turns nodes into values."""

    def __init__(self) -> None:
        self._left = MOST_NODES

    def value(self, node: yaml.Node, depth: int) -> Json:
        self._left -= 1
        if self._left < 0:
            raise FormatError(f"the YAML stands for more than {MOST_NODES} values")
        if depth > DEEPEST_NESTING:
            reason = f"the YAML is nested deeper than {DEEPEST_NESTING} levels, or contains itself"
            raise FormatError(reason, _place(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, depth)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, depth + 1) for item in node.value]
        try:
            return _number(_scalar(node))
        except FormatError as error:
            raise FormatError(error.reason, error.place or _place(node)) from None

    def _mapping(self, node: yaml.MappingNode, depth: int) -> dict[str, Json]:
        values: dict[str, Json] = {}
        for key, item in node.value:
            if is_merge(key):
                for merged in item.value if isinstance(item, yaml.SequenceNode) else [item]:
                    if not isinstance(merged, yaml.MappingNode):
                        raise FormatError("<< takes a map, or a list of maps", _place(item))
                    values.update(self.value(merged, depth + 1))
            else:
                values[key_text(key)] = self.value(item, depth + 1)
        return values


def key_text(node: yaml.Node) -> str:
    """Return the text that a key becomes.

    Raises:
        FormatError: it becomes none: a list, a map, null.
    """
    if not isinstance(node, yaml.ScalarNode):
        raise FormatError("a key must be a text; a template has to stand in quotes: '{{ … }}'", _place(node))
    key = _scalar(node)
    if isinstance(key, bool):
        return "true" if key else "false"
    if key is None:
        raise FormatError("a key must be a text, not null", _place(node))
    if isinstance(key, float):
        return write_float32(key) if math.isfinite(key) else _infinity(key)
    return str(key)


def _infinity(value: float) -> str:
    return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"


def _scalar(node: yaml.Node) -> str | bool | int | float | None:
    text = str(node.value)
    if node.tag == PLAIN:
        return resolve(text)
    kind = node.tag.removeprefix(_TAGS)
    if kind == "binary":
        try:
            return base64.b64decode(text, validate=False).decode("utf-8", "replace")
        except binascii.Error:
            raise FormatError("!!binary is not base64", _place(node)) from None
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
        raise FormatError(f"{text[:60]!r} is no !!{kind}", _place(node))
    return value


def _number(value: str | bool | int | float | None) -> Json:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return value
    return whole_number(value) if isinstance(value, int) else float_number(value)


def _place(node: yaml.Node) -> Position | None:
    mark = node.start_mark
    return Position(mark.line + 1, mark.column + 1) if mark else None
