"""What was measured, as rows of a table: the pack's figure, the bare loop's, and the aim."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Aim:
    """What a figure has to be."""

    text: str
    is_met: Callable[[float, float], bool]
    """Judges the pack's figure and its ratio to the bare loop's."""


def at_most(limit: float, unit: str) -> Aim:
    """Aim at no more than that, whatever the bare loop needs."""
    return Aim(f"≤ {limit:g} {unit}".rstrip(), lambda pack, _: pack <= limit)


def at_least(limit: float, unit: str) -> Aim:
    """Aim at no less than that, whatever the bare loop does."""
    return Aim(f"≥ {limit:g} {unit}".rstrip(), lambda pack, _: pack >= limit)


def at_most_times(limit: float) -> Aim:
    """Aim at no more than so many times the bare loop's."""
    return Aim(f"≤ {limit:g}x bare", lambda _, ratio: ratio <= limit)


def exactly(number: int) -> Aim:
    """Aim at that number."""
    return Aim(f"= {number}", lambda pack, _: pack == number)


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of the pack beside the bare loop's."""

    name: str
    unit: str
    pack: float
    bare: float
    aim: Aim | None = None

    @property
    def ratio(self) -> float:
        """The pack's figure in terms of the bare loop's; not a number when that is 0."""
        return self.pack / self.bare if self.bare else math.nan

    @property
    def is_met(self) -> bool | None:
        """Whether the aim is met; None: there is none."""
        return self.aim.is_met(self.pack, self.ratio) if self.aim else None

    def as_json(self) -> dict[str, Any]:
        """Return the row for a program to read."""
        return {
            "name": self.name,
            "unit": self.unit,
            "pack": round(self.pack, 4),
            "bare": round(self.bare, 4),
            "ratio": None if math.isnan(self.ratio) else round(self.ratio, 3),
            "aim": self.aim.text if self.aim else None,
            "met": self.is_met,
        }


HEADINGS = ("what", "pack", "bare", "ratio", "aim", "met")


def table(rows: Sequence[Row]) -> str:
    """Return the rows as a table in Markdown, its columns in line."""
    lines = [HEADINGS, *(_cells(row) for row in rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(HEADINGS))]
    rule = tuple("-" * width for width in widths)
    return "\n".join(_line(cells, widths) for cells in (lines[0], rule, *lines[1:]))


def _cells(row: Row) -> tuple[str, ...]:
    met = {True: "yes", False: "NO", None: ""}[row.is_met]
    ratio = "" if math.isnan(row.ratio) else f"{row.ratio:.2f}"
    name = f"{row.name} ({row.unit})" if row.unit else row.name
    return name, _figure(row.pack), _figure(row.bare), ratio, row.aim.text if row.aim else "", met


def _figure(value: float) -> str:
    if value == int(value) or abs(value) >= 1000:
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = (
        cell.ljust(width) if at in (0, 4, 5) else cell.rjust(width)
        for at, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return "| " + " | ".join([first, *others]) + " |"


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the value that so many percent of all do not exceed (the nearest one that was measured)."""
    ranked = sorted(values)
    return ranked[max(0, math.ceil(len(ranked) * percent / 100) - 1)]


def median(values: Sequence[float]) -> float:
    """Return the middle one."""
    return statistics.median(values)
