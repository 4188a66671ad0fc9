"""The kinds of values a template meets, beside Python's own.

A value is one of: None (nothing), bool, int (a whole number of the template), :class:`GoInteger`, float
(every number of a payload), str, :class:`Items`, :class:`Entries`, :class:`Record` and :class:`Function`.
Bytes that are no UTF-8 are kept in a str as lone surrogates U+DC80 to U+DCFF (``surrogateescape``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from pack.flowlang.errors import Refusal

ANY_LIST = "[]interface {}"
TEXT_LIST = "[]string"
BYTE_LIST = "[]uint8"
ANY_MAP = "map[string]interface {}"
TEXT_MAP = "map[string]string"

_SURROGATE = re.compile("[\ud800-\udfff]")


class GoInteger(int):
    """A whole number of another type than Go's ``int``: no function takes it as one.

    ``kind``: Go's word for its kind. ``hidden``: it is a field that Go keeps to itself: it prints and can be
    reckoned with, and everything else that is done to it fails.
    """

    __slots__ = ()
    type_name: ClassVar[str] = "int64"
    kind: ClassVar[str] = "int64"
    hidden: ClassVar[bool] = False

    def word(self) -> str | None:
        """Return how ``|stringformat`` writes it as text; None where it is only a number."""
        return None

    def method(self, name: str) -> Function | None:
        """Return a method, which is called whether or not brackets follow; None when there is none."""
        return None


class Int64(GoInteger):
    """A number such as that of seconds since 1970."""

    __slots__ = ()


class Byte(GoInteger):
    """One byte of a text, as ``text.0`` gives it."""

    __slots__ = ()
    type_name: ClassVar[str] = "uint8"
    kind: ClassVar[str] = "uint8"


class HiddenSigned(GoInteger):
    """A field that Go keeps to itself, and that can be negative."""

    __slots__ = ()
    hidden: ClassVar[bool] = True


class HiddenUnsigned(GoInteger):
    """A field that Go keeps to itself, and that is never negative."""

    __slots__ = ()
    type_name: ClassVar[str] = "uint64"
    kind: ClassVar[str] = "uint64"
    hidden: ClassVar[bool] = True


class SafeText(str):
    """Text that ``{% autoescape on %}`` leaves alone, such as what a macro renders to."""

    __slots__ = ()


class Missing:
    """Stands for "there is no such key", which is not the same as a key whose value is nothing."""

    __slots__ = ()


MISSING = Missing()


class Items:
    """A list. ``raw``: its items are JSON as :func:`json.loads` returns it, read when they are asked for."""

    __slots__ = ("_items", "_raw", "of_event", "type_name")

    def __init__(
        self,
        items: Sequence[object],
        type_name: str = ANY_LIST,
        *,
        raw: bool = False,
        of_event: bool = False,
    ) -> None:
        self._items = items
        self._raw = raw
        self.type_name = type_name
        self.of_event = of_event

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[object]:
        return (self.at(index) for index in range(len(self._items)))

    @property
    def sortable(self) -> bool:
        """Whether its items are texts to Flyte; the items of a payload's list are all alike to it."""
        return self.type_name == TEXT_LIST

    def at(self, index: int) -> object:
        """Return one item; the index has to exist."""
        item = self._items[index]
        return from_json(item, of_event=self.of_event) if self._raw else item

    def part(self, begin: int, end: int) -> Items:
        """Return a list of the items from ``begin`` up to ``end``."""
        return Items(self._items[begin:end], self.type_name, raw=self._raw, of_event=self.of_event)


class Entries:
    """A map with texts as keys. ``of_event``: it is part of the event that started the step."""

    __slots__ = ("_entries", "_raw", "added", "of_event", "type_name")

    def __init__(
        self,
        entries: Mapping[str, object],
        type_name: str = ANY_MAP,
        *,
        raw: bool = False,
        of_event: bool = False,
    ) -> None:
        self._entries = entries
        self._raw = raw
        self.type_name = type_name
        self.of_event = of_event
        self.added: dict[str, object] = {}
        """What was put in since: the functions, which ``template`` adds to the map that it is given."""

    def __len__(self) -> int:
        if not self.added:
            return len(self._entries)
        return len(self._entries) + sum(1 for key in self.added if key not in self._entries)

    def get(self, key: str) -> object:
        """Return the value of a key, or MISSING."""
        if key in self.added:
            return self.added[key]
        try:
            value = self._entries[key]
        except KeyError:
            return MISSING
        return from_json(value, of_event=self.of_event) if self._raw else value

    def keys(self) -> list[str]:
        """Return all keys."""
        found = [clean(key) for key in self._entries]
        return found + [key for key in self.added if key not in self._entries]


class Record:
    """A value with named fields and methods, such as the event."""

    __slots__ = ()
    type_name: ClassVar[str] = "struct"
    comparable: ClassVar[bool] = False
    """False: comparing two of them is an error."""
    changes: ClassVar[bool] = False
    """Whether its fields change while a template is rendered."""

    def field(self, name: str) -> object:
        """Return a field, or MISSING."""
        return MISSING

    def names(self) -> tuple[str, ...]:
        """Return the names of its fields and methods."""
        return ()

    def layout(self) -> tuple[tuple[str, object], ...]:
        """Return all fields in Go's order, for printing the structure; none of what prints as its text."""
        return ()

    def method(self, name: str) -> Function | None:
        """Return a method, which is called whether or not brackets follow; None when there is none."""
        return None

    def text(self) -> str:
        """Return what the value prints as."""
        return f"<{self.type_name} Value>"


@dataclass(frozen=True, slots=True)
class LiveField:
    """A field of the loop that was stored under a name: it goes on changing with the loop, as in Flyte."""

    record: Record
    name: str

    def value(self) -> object:
        """Return what the field is now."""
        return self.record.field(self.name)


@dataclass(frozen=True, slots=True)
class Function:
    """Something to call. ``parameters`` are the types it takes: ``*`` is any, ``…`` any number of any.

    ``results``: how many values it gives; more than two cannot be called.
    """

    name: str
    parameters: tuple[str, ...]
    call: Callable[..., object]
    results: int = 1


def refuse_hidden(value: object) -> None:
    """Make sure that a value is none that Go keeps to itself.

    Raises:
        Refusal: it is one.
    """
    if isinstance(value, GoInteger) and value.hidden:
        raise Refusal("fields of a time such as .wall can be printed and reckoned with only")


def from_json(value: Any, *, of_event: bool = False) -> object:
    """Return a JSON value as a template sees it: every number is a float.

    Raises:
        Refusal: it is nothing that JSON has, or a whole number too large for a float.
    """
    if value is None or isinstance(value, (bool, float)):
        return value
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, int):
        try:
            return float(value)
        except OverflowError:
            raise Refusal("a number of the payload is larger than any float") from None
    if isinstance(value, Mapping):
        return Entries(value, raw=True, of_event=of_event)
    if isinstance(value, (list, tuple)):
        return Items(value, raw=True, of_event=of_event)
    if isinstance(value, (Items, Entries, Record, Function)):
        return value
    raise Refusal(f"a {type(value).__name__} is nothing that a template can read")


def clean(text: str) -> str:
    """Return a text from outside without lone surrogates, which no UTF-8 text has."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def joined(text: str) -> str:
    """Return a text whose single bytes, put together, may have become characters."""
    if text.isascii() or not _SURROGATE.search(text):
        return text
    return to_bytes(text).decode("utf-8", "surrogateescape")


def to_bytes(text: str) -> bytes:
    """Return the UTF-8 of a text, with single bytes as they are."""
    return text.encode("utf-8", "surrogateescape")


def from_bytes(data: bytes) -> str:
    """Return bytes as a text, keeping what is no UTF-8."""
    return data.decode("utf-8", "surrogateescape")


def byte_string(items: Items) -> bytes:
    """Return a list of bytes, of the type BYTE_LIST, as what it is."""
    return bytes(item for item in items if isinstance(item, int))


def runes(text: str) -> str:
    """Return the text as characters: every byte that is no UTF-8 is the replacement character."""
    return clean(text)
