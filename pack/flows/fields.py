"""Reading fields of a request's body, as Go fills its structures.

A missing or null field has its zero value, keys are found whatever their case, unknown keys are ignored, and
a value of another type is refused.
"""

from __future__ import annotations

from typing import Any

from pack.flows.go_json import FormatError

Json = Any


class Fields:
    """The fields of one object; ``path`` is where it stands in the body, empty for the body itself."""

    def __init__(self, value: Json, path: str = "") -> None:
        """Begin to read an object; null counts as an empty one.

        Raises:
            FormatError: it is something else.
        """
        if value is not None and not isinstance(value, dict):
            raise FormatError(f"{path or 'the body'} must be an object, not {type_of(value)}")
        self._path = path
        self._values: dict[str, Json] = {}
        for key, item in (value or {}).items():
            self._values[key.lower()] = item
        self._values.update((value or {}).items())

    def any(self, name: str) -> Json:
        """Return a field as it is; None when it is missing."""
        if name in self._values:
            return self._values[name]
        return self._values.get(name.lower())

    def text(self, name: str) -> str:
        """Return a text.

        Raises:
            FormatError: it is something else.
        """
        return _text(self.any(name), self._at(name))

    def texts(self, name: str) -> tuple[str, ...] | None:
        """Return a list of texts, None when it is missing.

        Raises:
            FormatError: it is something else.
        """
        values = self._list(name)
        if values is None:
            return None
        return tuple(_text(value, self._at(f"{name}.{index}")) for index, value in enumerate(values))

    def text_map(self, name: str) -> dict[str, str]:
        """Return an object whose values are texts, with sorted keys.

        Raises:
            FormatError: it is something else.
        """
        value = self.any(name)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise FormatError(f"{self._at(name)} must be an object of texts, not {type_of(value)}")
        return {key: _text(value[key], self._at(f"{name}.{key}")) for key in sorted(value)}

    def object(self, name: str) -> Fields:
        """Return the fields of an object in this one.

        Raises:
            FormatError: it is something else.
        """
        return Fields(self.any(name), self._at(name))

    def objects(self, name: str) -> list[Fields]:
        """Return the fields of each object in a list.

        Raises:
            FormatError: it is something else.
        """
        values = self._list(name) or []
        return [Fields(value, self._at(f"{name}.{index}")) for index, value in enumerate(values)]

    def _list(self, name: str) -> list[Json] | None:
        value = self.any(name)
        if value is not None and not isinstance(value, list):
            raise FormatError(f"{self._at(name)} must be a list, not {type_of(value)}")
        return value

    def _at(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name


def type_of(value: Json) -> str:
    """Return a JSON value's type in words."""
    for kind, word in (
        (bool, "a boolean"),
        (str, "a text"),
        ((int, float), "a number"),
        (list, "a list"),
        (dict, "an object"),
    ):
        if isinstance(value, kind):
            return word
    return "null"


def _text(value: Json, path: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise FormatError(f"{path} must be a text, not {type_of(value)}")
    return value
