"""The commands ``lint``, ``render`` and ``schema``; what they need is imported when they run."""

from __future__ import annotations

import typer

from pack.authoring.lint.command import lint
from pack.authoring.render.command import render
from pack.authoring.schema.command import schema

app = typer.Typer()
app.command()(lint)
app.command()(render)
app.command()(schema)
