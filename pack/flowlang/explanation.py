"""What a rendering did, for the author of the template: plain data, every list and text of it bounded."""

from __future__ import annotations

from dataclasses import dataclass

from pack.flowlang.errors import FlowLangError
from pack.flowlang.shown import Shown

Path = tuple[str | int, ...]

MAX_ENTRIES = 200
"""How many lookups, operations and parts are kept, each."""
KEPT_VALUES = 3
"""How many different values are kept of what was evaluated several times, as in a loop."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is written: ``line`` and ``column`` count from 1, in characters.

    ``within`` is empty for the template itself; else it is the text that ``template()`` was called with, and
    the place is in that.
    """

    line: int
    column: int
    within: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """Where a name leads nowhere, or cannot be followed.

    ``owner`` is what comes before, as it is written (``Event.Payload``), and ``value`` what it is; the owner
    is empty and the value None for the beginning of a name. ``part`` is what the owner has not. ``similar``
    are whole names that exist, as they have to be written.
    """

    owner: str
    value: Shown | None
    part: str
    similar: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lookup:
    """One name in one place. ``values``: the first different ones; ``times``: how often it was looked up.

    ``gap``: why there is nothing, or why it failed; None when the name was found, be it null.
    """

    name: str
    place: Place
    values: tuple[Shown, ...]
    times: int
    gap: Gap | None
    failed: bool

    @property
    def is_missing(self) -> bool:
        """Whether there was no such name, at least once."""
        return self.gap is not None and not self.failed


@dataclass(frozen=True, slots=True)
class Operation:
    """A filter, a comparison, a sum or a condition: how it is written, and what it came to."""

    written: str
    place: Place
    values: tuple[Shown, ...]
    times: int
    failed: bool


@dataclass(frozen=True, slots=True)
class Part:
    """One ``{{ }}``, or one tag with all that is up to its end: what it rendered to.

    ``source``: the ``{{ }}`` or the opening tag as it stands in the template. ``outputs``: the first
    different texts. ``depth``: how many tags it is in.
    """

    source: str
    place: Place
    outputs: tuple[str, ...]
    times: int
    depth: int
    failed: bool


@dataclass(frozen=True, slots=True)
class Failure:
    """What failed, and the data around it.

    ``error`` says what, and where in which template. ``written``: the name, filter or operator that failed;
    empty when a tag or the template as a whole did. ``given``: the values that it met. ``similar``: names
    that exist and may have been meant.
    """

    error: FlowLangError
    written: str = ""
    given: tuple[Shown, ...] = ()
    similar: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a template became its result.

    ``path``: where it stands in the JSON value that was rendered. ``result``: the text, None when it failed.
    ``met``: of a criteria, whether it is met (None when it failed, and for what is no criteria).
    ``lookups``, ``operations`` and ``parts`` are in the order of their first evaluation; ``omitted`` counts
    what was left out of them.
    """

    template: str
    path: Path = ()
    result: str | None = None
    met: bool | None = None
    failure: Failure | None = None
    lookups: tuple[Lookup, ...] = ()
    operations: tuple[Operation, ...] = ()
    parts: tuple[Part, ...] = ()
    omitted: int = 0

    @property
    def missing(self) -> tuple[Lookup, ...]:
        """The names that there are not."""
        return tuple(lookup for lookup in self.lookups if lookup.is_missing)
