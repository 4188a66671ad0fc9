"""The commands ``journal`` and ``replay``; what they need is imported when they run."""

from __future__ import annotations

import typer

from pack.operation.journal_command import journal
from pack.operation.replay_command import replay

app = typer.Typer()
app.command()(journal)
app.command()(replay)
