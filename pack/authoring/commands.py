"""The commands ``lint``, ``render`` and ``schema``; what they need is imported when they run."""

from __future__ import annotations

import typer

from pack.authoring import command_lint, command_render, command_schema

app = typer.Typer()
app.command()(command_lint.lint)
app.command()(command_render.render)
app.command()(command_schema.schema)
