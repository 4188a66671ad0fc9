"""The command ``schema``."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from pack.authoring.schema.models import Json


class Kind(Enum):
    """What there are schemas of."""

    FLOW = "flow"
    COMMAND = "command"
    EVENT = "event"


def schema(
    kind: Annotated[Kind, typer.Argument(help="Of what: a flow, a command's input, an event's payload.")],
    name: Annotated[str, typer.Argument(help="Which command or event; without it their names.")] = "",
    as_flyte: Annotated[
        bool, typer.Option("--as-flyte", help="Of a flow: accept all that Flyte stores, mistakes included.")
    ] = False,
    pack_name: Annotated[
        str, typer.Option(envvar="PACK_NAME", help="Of a flow: what this pack is registered as.")
    ] = "Slack",
) -> None:
    """Print a JSON Schema: of flows, for editors; of a command's input; of an event's payload.

    `schema command` and `schema event` without a name print the names. Exit code 2: there is no such name.
    """
    import json

    if kind is Kind.FLOW:
        if name:
            _refuse(f"schema flow takes no name, but {name!r} was given: there is one schema for all flows")
        if not pack_name.strip():
            _refuse("--pack-name is empty: write what this pack is registered as, such as Slack")
        found = _flow(as_flyte=as_flyte, pack_name=pack_name)
    elif as_flyte:
        _refuse(f"--as-flyte is for schema flow, not for schema {kind.value}")
    elif not name:
        typer.echo("\n".join(_names(kind)))
        return
    else:
        found = _named(kind, name)
    typer.echo(json.dumps(found, indent=2, ensure_ascii=False))


def _flow(*, as_flyte: bool, pack_name: str) -> Json:
    from pack.authoring.schema.flow import flow_schema, flyte_schema

    return flyte_schema() if as_flyte else flow_schema(pack_name)


def _names(kind: Kind) -> tuple[str, ...]:
    from pack.authoring.schema.contract import command_names, event_names

    return command_names() if kind is Kind.COMMAND else event_names()


def _named(kind: Kind, name: str) -> Json:
    from pack.authoring.schema.contract import command_schema, event_schema

    if name not in _names(kind):
        _refuse(_unknown(kind, name))
    return command_schema(name) if kind is Kind.COMMAND else event_schema(name)


def _unknown(kind: Kind, name: str) -> str:
    import difflib

    names = _names(kind)
    other = Kind.EVENT if kind is Kind.COMMAND else Kind.COMMAND
    if name in _names(other):
        return f"{name} is no {kind.value}: try flyte-slack schema {other.value} {name}"
    folded = {known.lower(): known for known in names}
    close = difflib.get_close_matches(name.lower(), folded, n=1)
    meant = f" Did you mean {folded[close[0]]}?" if close else ""
    return f"there is no {kind.value} {name!r}.{meant} There are: {', '.join(names)}"


def _refuse(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(2)
