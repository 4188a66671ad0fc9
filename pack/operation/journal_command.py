"""The command ``journal``."""

from __future__ import annotations

from typing import Annotated

import typer


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
    import os
    import shutil
    import sys
    import time

    from pack.operation import documents, pages
    from pack.operation.entries import find_entry
    from pack.operation.listing import Part, list_journal
    from pack.operation.opening import JournalUnusable, check_exists, read
    from pack.operation.place import journal_path

    path, now = journal_path(os.environ), time.time()
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    parts = Part.UNFINISHED | Part.FAILED
    if everything:
        parts |= Part.SUCCEEDED
    elif failed != unfinished:
        parts = Part.FAILED if failed else Part.UNFINISHED
    try:
        check_exists(path)
        if action:
            entry = read(path, lambda connection: find_entry(connection, action))
            if entry is None:
                raise JournalUnusable(f"{path} has no action {action}; finished ones are kept for some days")
            document, page = documents.entry_document(entry, now), pages.entry_page(entry, now)
        else:
            listing = read(path, lambda connection: list_journal(connection, path, now, parts, limit))
            document, page = documents.listing_document(listing), pages.listing_page(listing, parts, width)
    except JournalUnusable as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    typer.echo(documents.printed(document) if as_json else page)
