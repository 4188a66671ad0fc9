"""The command ``lint``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from pack.authoring.lint.reports.formats import Format
from pack.extras import sandbox_extra


def _flag(name: str, meaning: str) -> Any:
    return typer.Option(name, help=meaning)


def _option(name: str, meaning: str, metavar: str) -> Any:
    return typer.Option(name, help=meaning, metavar=metavar, show_default=False)


def lint(
    files: Annotated[
        list[str] | None,
        typer.Argument(help="Flows (JSON, YAML), directories of them, - for standard input.", metavar="FILE"),
    ] = None,
    packs: Annotated[
        list[Path] | None,
        _option("--pack", "What another pack declares, as it registers with Flyte; repeats.", "FILE"),
    ] = None,
    engine: Annotated[
        str, _option("--engine", "Ask this engine what packs declare, with FLYTE_JWT if set.", "URL")
    ] = "",
    form: Annotated[Format, typer.Option("--format", help="How findings are written.")] = Format.TEXT,
    ignored: Annotated[
        list[str] | None, _option("--ignore", "Leave out what this rule finds; repeats.", "RULE")
    ] = None,
    strict: Annotated[bool, _flag("--strict", "Exit with code 1 for warnings too.")] = False,
    rules: Annotated[bool, _flag("--rules", "List all rules, and how bad each is.")] = False,
) -> None:
    """Check flows before they run: what Flyte refuses, what can never work, what will hardly be meant.

    In directories every *.json, *.yaml and *.yml file is checked that has steps; hidden ones are not.

    Exit codes: 0 nothing worse than warnings; 1 errors were found, or with --strict warnings; 2 a file or an
    option cannot be used.
    """
    if not files and not rules:
        raise typer.BadParameter("say what to check: a flow, a directory, or - for standard input")
    with sandbox_extra("lint"):
        from pack.authoring.lint.run import Request, list_rules, run
    if rules:
        list_rules()
        return
    request = Request(
        paths=files or (),
        packs=packs or (),
        engine=engine,
        format=form,
        ignored=ignored or (),
        strict=strict,
    )
    raise typer.Exit(run(request, os.environ))
