"""Reads the imports of source files, those inside functions included, and the rooms that they lead to."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PACKAGE = "pack"
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Import:
    """One import statement's target: ``module`` as an absolute dotted name."""

    module: str
    path: Path
    line: int

    @property
    def room(self) -> str | None:
        """The room it leads to: the name below ``pack`` (empty: ``pack`` itself); None outside of it."""
        package, _, below = self.module.partition(".")
        return below.partition(".")[0] if package == PACKAGE else None

    @property
    def library(self) -> str:
        return self.module.partition(".")[0]

    @property
    def place(self) -> str:
        return f"{self.path}:{self.line}"


def room_of(path: Path) -> str:
    """Return the room of a file, given relative to the project: ``pack/slack/web.py`` is in ``slack``."""
    return "" if path.parts[1] == "__init__.py" else Path(path.parts[1]).stem


def sources(root: Path = ROOT) -> list[Path]:
    """List the package's files, relative to the project."""
    return sorted(path.relative_to(root) for path in (root / PACKAGE).rglob("*.py"))


def rooms(root: Path = ROOT) -> frozenset[str]:
    """Every submodule and subpackage of ``pack``, by name."""
    return frozenset(room_of(path) for path in sources(root)) - {""}


def imports_of(path: Path, root: Path = ROOT) -> list[Import]:
    """Return what a file imports, in the order of its lines; ``path`` is relative to the project."""
    known = rooms(root)
    tree = ast.parse((root / path).read_text("utf-8"), str(path))
    return [
        Import(module, path, node.lineno) for node in ast.walk(tree) for module in _targets(node, path, known)
    ]


def _targets(node: ast.AST, path: Path, known: frozenset[str]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = _absolute(node, path)
        if base == PACKAGE:
            yield from (f"{PACKAGE}.{name.name}" if name.name in known else PACKAGE for name in node.names)
        else:
            yield base
    elif isinstance(node, ast.Call) and _name(node.func) in {"import_module", "__import__"}:
        argument = node.args[0] if node.args else None
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            yield argument.value


def _absolute(node: ast.ImportFrom, path: Path) -> str:
    if not node.level:
        return node.module or ""
    package = path.parent.parts[: len(path.parent.parts) - node.level + 1]
    return ".".join([*package, *([node.module] if node.module else [])])


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""
