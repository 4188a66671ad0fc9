"""The map of rooms: which part of the package may import which. An arrow may only point down."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.imports import Import, imports_of, room_of, rooms, sources

LAYERS = (
    # 0: what everything stands on
    {"errors", "secrets", "clock", "settings_problems", "extras"},
    {"retry", "logs", "proxies", "settings_sources"},
    {"settings"},
    {"settings_table"},
    # 1: the public contract, the ports, and pure decisions
    {"contracts", "flowlang", "policy"},
    {"flows"},
    # 2: adapters of the ports
    {"engine", "slack", "state"},
    # 3: what makes an action happen once
    {"delivery"},
    # 4: what is declared
    {"commands", "observations"},
    # 5: the two lines, and the health page
    {"worker", "intake", "health"},
    # 6: composition and operation; the command line is above the rest
    {"service", "parts", "manifest", "reference"},
    {"app", "sandbox", "authoring", "operation"},
    {"start"},
    {"cli"},
    {"__main__"},
)
"""From the bottom up. A room may import rooms of lower rows and itself, never its own row's others."""

ONLY_FROM = {
    "settings": {"app", "parts", "cli", "operation", "reference", "settings_table", "start"},
    "operation": {"cli"},
    "sandbox": {"cli"},
    "authoring": {"cli"},
    "flows": {"authoring", "sandbox"},
    "flowlang": {"authoring", "flows", "sandbox"},
    "extras": {"authoring", "sandbox"},
}
"""Rooms that only these others may import."""

SANDBOX_MAY_IMPORT = {
    "errors",
    "secrets",
    "clock",
    "retry",
    "logs",
    "contracts",
    "extras",
    "flowlang",
    "flows",
}
"""The sandbox imitates the outside world, so it is made without the pack's own adapters."""

LIBRARIES = {
    "slack_sdk": {"slack"},
    "aiohttp": {"engine", "slack", "sandbox", "health", "parts"},
}
"""Libraries that only these rooms may import."""

ROW = {room: row for row, names in enumerate(LAYERS) for room in names}


def explain(arrow: Import) -> str | None:
    """Say what is wrong with one import; None when nothing is."""
    return _explain_room(room_of(arrow.path), arrow) if arrow.room is not None else _explain_library(arrow)


def _explain_room(here: str, arrow: Import) -> str | None:
    there = arrow.room
    if there in ("", here):
        return None
    if here == "":
        return f"{arrow.place}: pack itself imports {arrow.module}; it is below everything"
    if there not in ROW or here not in ROW:
        return f"{arrow.place}: {arrow.module}: LAYERS has no row for {there if there not in ROW else here}"
    if there in ONLY_FROM and here not in ONLY_FROM[there]:
        return f"{arrow.place}: {here} imports {arrow.module}; only {_list(ONLY_FROM[there])} may"
    if here == "sandbox" and there not in SANDBOX_MAY_IMPORT:
        return f"{arrow.place}: sandbox imports {arrow.module}; it may import {_list(SANDBOX_MAY_IMPORT)}"
    if ROW[there] >= ROW[here]:
        return f"{arrow.place}: {here} imports {arrow.module}, which is not below it"
    return None


def _explain_library(arrow: Import) -> str | None:
    here = room_of(arrow.path)
    allowed = LIBRARIES.get(arrow.library)
    if allowed is None or here in allowed:
        return None
    return f"{arrow.place}: {here or 'pack itself'} imports {arrow.module}; only {_list(allowed)} may"


def _list(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def violations(files: Iterable[Path]) -> list[str]:
    return [problem for path in files for arrow in imports_of(path) if (problem := explain(arrow))]


def test_every_room_has_its_place_on_the_map() -> None:
    nowhere = rooms() - ROW.keys()
    assert not nowhere, f"give {_list(nowhere)} a row in LAYERS: the one above everything that it imports"


def test_every_import_points_down() -> None:
    found = violations(sources())
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("file", "module"),
    [
        ("pack/errors.py", "pack.clock"),
        ("pack/contracts/ports.py", "pack.slack.web"),
        ("pack/contracts/ports.py", "pack.flowlang.run"),
        ("pack/slack/web.py", "pack.engine.client"),
        ("pack/engine/client.py", "pack.state"),
        ("pack/worker.py", "pack.intake"),
        ("pack/observations.py", "pack.commands.catalogue"),
        ("pack/delivery/queue.py", "pack.settings"),
        ("pack/app.py", "pack.sandbox"),
        ("pack/sandbox/session.py", "pack.slack.web"),
        ("pack/sandbox/session.py", "pack.app"),
        ("pack/__init__.py", "pack.errors"),
        ("pack/app.py", "pack.a_room_without_a_row"),
        ("pack/sandbox/slack/server.py", "slack_sdk"),
        ("pack/intake.py", "aiohttp.web"),
    ],
)
def test_an_import_that_does_not_point_down_is_found(file: str, module: str) -> None:
    problem = explain(Import(module, Path(file), 7))
    assert problem is not None
    assert problem.startswith(f"{file}:7: ")


@pytest.mark.parametrize(
    ("file", "module"),
    [
        ("pack/slack/web.py", "pack"),
        ("pack/slack/web.py", "pack.slack.users"),
        ("pack/slack/web.py", "slack_sdk.errors"),
        ("pack/worker.py", "pack.delivery.queue"),
        ("pack/sandbox/engine/server.py", "pack.flowlang.run"),
        ("pack/cli.py", "pack.sandbox.session"),
        ("pack/cli.py", "pack.settings"),
    ],
)
def test_an_import_that_points_down_is_allowed(file: str, module: str) -> None:
    assert explain(Import(module, Path(file), 7)) is None


def test_imports_are_read_wherever_they_stand(tmp_path: Path) -> None:
    package = tmp_path / "pack"
    (package / "slack").mkdir(parents=True)
    (package / "errors.py").touch()
    (package / "slack" / "web.py").write_text(
        "import os.path\n"
        "from pack import __version__, errors\n"
        "from . import users\n"
        "from ..engine import client\n"
        "def later():\n"
        "    from pack.state.memory import Memory\n"
        "    if TYPE_CHECKING:\n"
        "        import pack.worker\n"
        "    importlib.import_module('pack.sandbox')\n"
    )
    found = imports_of(Path("pack/slack/web.py"), tmp_path)
    assert sorted((arrow.line, arrow.module) for arrow in found) == [
        (1, "os.path"),
        (2, "pack"),
        (2, "pack.errors"),
        (3, "pack.slack"),
        (4, "pack.engine"),
        (6, "pack.state.memory"),
        (8, "pack.worker"),
        (9, "pack.sandbox"),
    ]
