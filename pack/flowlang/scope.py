"""The names of a template: the event, the context of the execution, and the functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import ClassVar

from pack.flowlang.functions import BUILT_IN, engine_function
from pack.flowlang.gotime import Moment, parse_rfc3339
from pack.flowlang.kinds import MISSING, TEXT_MAP, Entries, Function, Record, from_json
from pack.flowlang.moments import MomentValue

Functions = Mapping[str, Callable[..., object]]
PONGO_VERSION = "dev"


class PackValue(Record):
    """``Event.Pack``: who sent the event."""

    __slots__ = ("_fields",)
    type_name: ClassVar[str] = "execution.Pack"

    def __init__(self, pack: Mapping[str, object]) -> None:
        given = pack.get("Labels")
        labels = given if isinstance(given, Mapping) else {}
        name = str(pack.get("Name", ""))
        parts = [name, *(f"{key}.{labels[key]}" for key in sorted(labels))]
        self._fields = {
            "Id": pack.get("Id") or ".".join(parts),
            "Name": name,
            "Labels": Entries({str(k): str(v) for k, v in labels.items()}, TEXT_MAP),
        }

    def names(self) -> tuple[str, ...]:
        """Return Id, Name and Labels."""
        return tuple(self._fields)

    def layout(self) -> tuple[tuple[str, object], ...]:
        """Return Id, Name and Labels with their values."""
        return tuple(self._fields.items())

    def field(self, name: str) -> object:
        """Return Id, Name or Labels."""
        return self._fields.get(name, MISSING)


class EventValue(Record):
    """``Event``: what started the step. Its times may be datetimes or texts as in RFC 3339."""

    __slots__ = ("_event",)
    type_name: ClassVar[str] = "execution.Event"

    def __init__(self, event: Mapping[str, object]) -> None:
        self._event = event

    def names(self) -> tuple[str, ...]:
        """Return the names of the fields."""
        return ("Name", "Pack", "Payload", "CreatedAt", "ReceivedAt")

    def layout(self) -> tuple[tuple[str, object], ...]:
        """Return the fields with their values."""
        return tuple((name, self.field(name)) for name in self.names())

    def field(self, name: str) -> object:
        """Return Name, Payload, Pack, CreatedAt or ReceivedAt."""
        if name == "Payload":
            return from_json(self._event.get(name), of_event=True)
        if name == "Name":
            return str(self._event.get(name, ""))
        if name == "Pack":
            pack = self._event.get(name) or {}
            return PackValue(pack if isinstance(pack, Mapping) else {})
        if name in ("CreatedAt", "ReceivedAt"):
            return _moment(self._event.get(name))
        return MISSING


def _moment(given: object) -> MomentValue:
    if isinstance(given, datetime):
        return MomentValue(Moment.of(given if given.tzinfo else given.replace(tzinfo=UTC)))
    moment = parse_rfc3339(given) if isinstance(given, str) else None
    return MomentValue(moment or Moment(datetime(1, 1, 1, tzinfo=UTC)))


class Scope:
    """The names that the engine gives. Functions hide a name of the scope that is theirs."""

    def __init__(self, names: Mapping[str, object], functions: Functions) -> None:
        self._names = names
        self._functions = functions
        self._made: dict[str, object] = {}

    def get(self, name: str) -> object:
        """Return a value, or MISSING."""
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def _make(self, name: str) -> object:
        if name in self._functions:
            return engine_function(name, self._functions[name])
        if name in BUILT_IN:
            return BUILT_IN[name]
        if name not in self._names:
            return MISSING
        value = self._names[name]
        if name == "Event" and isinstance(value, Mapping):
            return EventValue(value)
        return from_json(value)

    def functions(self) -> dict[str, Function]:
        """Return every function that templates may call, by name."""
        made = {name: engine_function(name, function) for name, function in self._functions.items()}
        return {**BUILT_IN, **made}

    def names(self) -> set[str]:
        """Return every name."""
        return {*self._names, *self._functions, *BUILT_IN}


def engine_names() -> dict[str, object]:
    """Return the names that every template has, and that tags may hide."""
    return {"pongo2": Entries({"version": PONGO_VERSION}, "pongo2.Context")}
