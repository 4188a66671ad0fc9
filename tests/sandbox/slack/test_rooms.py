"""The rooms of the simulated Slack: an arrow may only point down, as everywhere."""

from __future__ import annotations

from pathlib import Path

from tests.imports import ROOT, imports_of

ROWS = (
    {"client"},
    {"coding", "refusal", "identifiers", "timing", "reference"},
    {"kit"},
    {"world"},
    {"delivery"},
    {"interaction"},
    {"calls"},
    {"methods"},
    {"faults", "limits"},
    {"web"},
    {"control"},
    {"server"},
    {"trial"},
    {"conformance"},
)
"""From the bottom up; a room imports rooms of lower rows and itself."""

HOME = Path("pack/sandbox/slack")
PREFIX = "pack.sandbox.slack."
ROW = {room: row for row, names in enumerate(ROWS) for room in names}


def _room(path: Path) -> str:
    return Path(path.relative_to(HOME).parts[0]).stem


def _files() -> list[Path]:
    found = sorted(path.relative_to(ROOT) for path in (ROOT / HOME).rglob("*.py"))
    return [path for path in found if path != HOME / "__init__.py"]


def test_every_room_of_the_simulated_slack_has_its_row() -> None:
    assert {_room(path) for path in _files()} <= ROW.keys()


def test_every_import_within_the_simulated_slack_points_down() -> None:
    upwards = [
        f"{arrow.place}: {_room(path)} imports {arrow.module}"
        for path in _files()
        for arrow in imports_of(path)
        if arrow.module.startswith(PREFIX)
        and (there := arrow.module.removeprefix(PREFIX).split(".")[0]) != _room(path)
        and ROW[there] >= ROW[_room(path)]
    ]
    assert not upwards, "\n".join(upwards)
