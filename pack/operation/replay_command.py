"""The command ``replay``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pack.operation.outcome import Outcome


def replay(
    actions: Annotated[
        list[str],
        typer.Argument(metavar="ID", help="The failed actions, as `flyte-slack journal` names them."),
    ],
    emit: Annotated[
        bool, typer.Option("--emit", help="Tell the engine how each ended, as an event of the pack.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Run failed commands again, with their inputs as they were taken; the pack may be running.

    Steps that Slack has carried out are not repeated. The engine's actions stay closed: a flow that waited
    for one does not go on by this. Exit codes: 0 all succeeded; 1 one did not; 2 an ID cannot be run again,
    or the settings or the journal cannot be used, and nothing was done for that.
    """
    import asyncio

    from pack import logs
    from pack.errors import CredentialsRefused, PackError, SettingsError
    from pack.operation.opening import JournalUnusable
    from pack.operation.outcome import outcome_text
    from pack.operation.session import replay_all
    from pack.settings import load_settings

    logs.configure("warning", "console")

    def show(outcome: Outcome) -> None:
        if not as_json:
            typer.echo(outcome_text(outcome), err=bool(outcome.refusal))

    try:
        settings = load_settings()
        outcomes = asyncio.run(
            replay_all(settings, tuple(dict.fromkeys(actions)), with_emitting=emit, show=show)
        )
    except (SettingsError, CredentialsRefused, JournalUnusable) as error:
        _refuse(str(error), 2)
    except asyncio.CancelledError:
        _refuse("stopped; what was under way is looked up in Slack when it is run again", 130)
    except PackError as error:
        _refuse(f"nothing was run: {error}", 1)
    if as_json:
        _print(outcomes)
    if code := _exit_code(outcomes):
        raise typer.Exit(code)


def _refuse(sentence: str, code: int) -> None:
    from pack.secrets import redact

    typer.echo(redact(sentence), err=True)
    raise typer.Exit(code)


def _print(outcomes: Sequence[Outcome]) -> None:
    from pack.operation.documents import printed
    from pack.operation.outcome import outcome_document

    typer.echo(printed({"actions": [outcome_document(outcome) for outcome in outcomes]}))


def _exit_code(outcomes: Sequence[Outcome]) -> int:
    if any(not outcome.succeeded and not outcome.refusal for outcome in outcomes):
        return 1
    return 2 if any(outcome.refusal for outcome in outcomes) else 0
