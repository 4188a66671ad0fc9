"""The command ``render``."""

from __future__ import annotations

from enum import Enum
from typing import Annotated, Any

import typer

from pack.extras import sandbox_extra


class Form(Enum):
    """How a preview is written."""

    TEXT = "text"
    JSON = "json"


def _option(meaning: str, metavar: str) -> Any:
    return typer.Option(help=meaning, metavar=metavar, show_default=False)


def render(
    flow: Annotated[str, typer.Argument(help="The flow: JSON or YAML, - for stdin.")],
    event: Annotated[str, _option("The event (JSON, YAML), - for stdin.", "FILE")],
    context: Annotated[
        str | None, _option("The context that the step before left: an object of texts.", "FILE")
    ] = None,
    step: Annotated[
        str | None, _option("Only this step: its id, or its number counted from 1.", "ID")
    ] = None,
    datastore: Annotated[
        list[str] | None,
        _option("A document for datastore(): an object if FILE is *.json, else text; repeats.", "KEY=FILE"),
    ] = None,
    form: Annotated[Form, typer.Option("--format", help="How it is written.")] = Form.TEXT,
) -> None:
    """Show what each step of a flow would do with an event, and why; nothing is run.

    The event is written as a pack posts it, {"event": NAME, "payload": …}, and may have "createdAt" and
    "pack": {"name": …, "labels": {…}} too. What is missing is taken as each step wants it: the event's
    name, its pack and that pack's labels; the time is now. A file with neither "event" nor "payload" is
    the payload.

    Steps that depend on others are shown as if what they depend on had finished with this event, and see
    the context that is given. What is random or a time (randomInt, {% now %}) comes out anew each time.

    Exit codes: 0 rendered; 1 a step that the event is for fails; 2 something cannot be read.
    """
    with sandbox_extra("render"):
        from pack.authoring.render.run import Request, run
    request = Request(
        flow=flow,
        event=event,
        context=context,
        step=step,
        datastore=tuple(datastore or ()),
        as_json=form is Form.JSON,
    )
    raise typer.Exit(run(request))
