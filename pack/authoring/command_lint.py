"""The command ``lint``."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from pack.extras import sandbox_extra


def _flag(name: str, meaning: str) -> Any:
    return typer.Option(name, help=meaning)


def lint(
    files: Annotated[list[str], typer.Argument(help="Flows (JSON, YAML), directories of them, - for stdin.")],
) -> None:
    """Check flows before they run: what Flyte refuses, what can never work, what will hardly be meant.

    Exit codes: 0 nothing worse than warnings; 1 errors were found; 2 something cannot be read.
    """
    with sandbox_extra("lint"):
        from pack.authoring.lint.run import run
    raise typer.Exit(run(files))
