"""What is noted while a watched template is rendered."""

from __future__ import annotations

from dataclasses import dataclass, field

from pack.flowlang.errors import FlowLangError, Refusal
from pack.flowlang.explanation import (
    KEPT_VALUES,
    MAX_ENTRIES,
    Failure,
    Gap,
    Lookup,
    Operation,
    Part,
    Place,
)
from pack.flowlang.shown import Shown, shortened, show

_READ_TIMES = 20
"""How often the value of one place is looked at; after that it is only counted."""


@dataclass(slots=True)
class Seen:
    """What was evaluated in one place so far."""

    written: str
    place: Place
    depth: int = 0
    times: int = 0
    values: list[Shown] = field(default_factory=list)
    gap: Gap | None = None
    failed: bool = False

    def add(self, value: object) -> None:
        """Note a value."""
        if self._is_new():
            self._keep(show(value))

    def add_output(self, text: str) -> None:
        """Note a rendered text."""
        if self._is_new():
            self._keep(Shown("text", shortened(text)))

    def fail(self) -> None:
        """Note that it failed."""
        self.times += 1
        self.failed = True

    def _is_new(self) -> bool:
        self.times += 1
        return self.times <= _READ_TIMES and len(self.values) < KEPT_VALUES

    def _keep(self, value: Shown) -> None:
        if value not in self.values:
            self.values.append(value)


class Shelf:
    """The places of one sort: the first MAX_ENTRIES of them."""

    def __init__(self) -> None:
        self.kept: dict[tuple[Place, str], Seen] = {}
        self._omitted: set[tuple[Place, str]] = set()

    def at(self, written: str, place: Place, depth: int = 0) -> Seen:
        """Return what is known of a place; beyond the limit it is not remembered."""
        key = (place, written)
        seen = self.kept.get(key)
        if seen is None:
            seen = Seen(written, place, depth)
            if len(self.kept) < MAX_ENTRIES:
                self.kept[key] = seen
            elif len(self._omitted) < MAX_ENTRIES:
                self._omitted.add(key)
        return seen

    @property
    def omitted(self) -> int:
        """How many places were left out; at most MAX_ENTRIES are counted."""
        return len(self._omitted)


class Trace:
    """The notes of one rendering."""

    def __init__(self) -> None:
        self.names = Shelf()
        self.operations = Shelf()
        self.parts = Shelf()
        self.depth = 0
        self._failed_by: BaseException | None = None
        self._failure: tuple[str, tuple[Shown, ...], tuple[str, ...]] = ("", (), ())

    def fail(
        self,
        error: FlowLangError | Refusal,
        written: str = "",
        given: tuple[object, ...] = (),
        similar: tuple[str, ...] = (),
    ) -> None:
        """Note what failed, unless that is what was noted deeper inside."""
        if not self._is_known(error):
            self._failed_by = error
            self._failure = (written, tuple(show(value) for value in given), similar)

    def _is_known(self, error: BaseException) -> bool:
        return self._failed_by is not None and self._failed_by in (error, error.__cause__)

    def failure(self, error: FlowLangError) -> Failure:
        """Return what is known of the error that ended the rendering."""
        if not self._is_known(error):
            return Failure(error)
        written, given, similar = self._failure
        return Failure(error, written, given, similar)

    def lookups(self) -> tuple[Lookup, ...]:
        """Return the names looked up."""
        return tuple(
            Lookup(seen.written, seen.place, tuple(seen.values), seen.times, seen.gap, seen.failed)
            for seen in self.names.kept.values()
        )

    def done_operations(self) -> tuple[Operation, ...]:
        """Return the operations carried out."""
        return tuple(
            Operation(seen.written, seen.place, tuple(seen.values), seen.times, seen.failed)
            for seen in self.operations.kept.values()
        )

    def rendered_parts(self) -> tuple[Part, ...]:
        """Return the parts that were rendered."""
        return tuple(
            Part(
                seen.written,
                seen.place,
                tuple(value.text for value in seen.values),
                seen.times,
                seen.depth,
                seen.failed,
            )
            for seen in self.parts.kept.values()
        )

    @property
    def omitted(self) -> int:
        """How many lookups, operations and parts were left out."""
        return self.names.omitted + self.operations.omitted + self.parts.omitted
