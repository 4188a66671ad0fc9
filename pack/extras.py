"""The packages that only some commands need: what to say when they are not installed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

_EXTRA = frozenset({"jsonschema", "re2", "rich", "yaml"})
_ROOT = Path(__file__).parent.parent
"""The clone, if it is one."""


@contextmanager
def sandbox_extra(command: str) -> Iterator[None]:
    """Explain what to install when a command's packages are not there, and leave with exit code 2."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name not in _EXTRA:
            raise
        wanted = ".[sandbox]" if (_ROOT / "pyproject.toml").is_file() else "flyte-slack[sandbox]"
        typer.echo(f"flyte-slack {command} needs {error.name}: pip install '{wanted}'", err=True)
        raise typer.Exit(2) from error
