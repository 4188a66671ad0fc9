"""The command ``journal``."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

if TYPE_CHECKING:
    from pack.operation.listing import Part


def journal(
    action: Annotated[
        str, typer.Argument(metavar="ID", help="Show one action: input, steps, answers, result.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, inputs included.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="List what succeeded too.")] = False,
    failed: Annotated[bool, typer.Option("--failed", help="List only what failed.")] = False,
    unfinished: Annotated[bool, typer.Option("--unfinished", help="List only what is unfinished.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="How many actions of each kind are listed.")] = 50,
) -> None:
    """List what the journal in FLYTE_SLACK_BACKUP_DIR has unfinished and failed; the pack may be running.

    Needs no other setting, and changes nothing. Exit code 2: there is no such journal or action, or it cannot
    be read.
    """
    from pack.operation.documents import printed
    from pack.operation.opening import JournalUnusable

    try:
        found = _one(action) if action else _listing(_parts(everything, failed, unfinished), limit)
    except JournalUnusable as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    typer.echo(printed(found.document()) if as_json else found.page())


class _Found(NamedTuple):
    """What was found, to be shown either way."""

    document: Callable[[], object]
    page: Callable[[], str]


def _parts(everything: bool, failed: bool, unfinished: bool) -> Part:
    from pack.operation.listing import Part

    if everything:
        return Part.UNFINISHED | Part.FAILED | Part.SUCCEEDED
    if failed == unfinished:
        return Part.UNFINISHED | Part.FAILED
    return Part.FAILED if failed else Part.UNFINISHED


def _one(action: str) -> _Found:
    from pack.operation import documents, pages
    from pack.operation.entries import find_entry
    from pack.operation.opening import JournalUnusable, check_exists, read
    from pack.operation.place import journal_path

    path, now = journal_path(os.environ), time.time()
    check_exists(path)
    entry = read(path, lambda connection: find_entry(connection, action))
    if entry is None:
        raise JournalUnusable(f"{path} has no action {action}; finished ones are kept for some days")
    return _Found(lambda: documents.entry_document(entry, now), lambda: pages.entry_page(entry, now))


def _listing(parts: Part, limit: int) -> _Found:
    from pack.operation import documents, pages
    from pack.operation.listing import list_journal
    from pack.operation.opening import check_exists, read
    from pack.operation.place import journal_path

    path, now = journal_path(os.environ), time.time()
    check_exists(path)
    listing = read(path, lambda connection: list_journal(connection, path, now, parts, limit))
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    return _Found(
        lambda: documents.listing_document(listing), lambda: pages.listing_page(listing, parts, width)
    )
