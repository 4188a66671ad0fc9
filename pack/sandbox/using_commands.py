"""The commands ``click``, ``submit``, ``close``, ``slash``, ``shortcut``, ``options`` and ``react``."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, NoReturn

import typer

app = typer.Typer()


def _option(meaning: str, metavar: str) -> Any:
    return typer.Option(help=meaning, metavar=metavar, show_default=False)


_User = Annotated[str | None, _option("Who does it: a user's name or ID; ada if not given.", "USER")]
_Where = Annotated[str | None, _option("The channel's name, #name or ID; @flyte: with the bot.", "CHANNEL")]
_Ts = Annotated[str | None, _option("The message; if not given, the latest that fits.", "TIMESTAMP")]
_Block = Annotated[str | None, _option("The block's ID, where several have such an element.", "BLOCK")]
_Home = Annotated[bool, typer.Option("--home", help="In the home tab.")]
_Wait = Annotated[
    float,
    typer.Option(
        min=0, max=60, help="How long to wait at most for the app to show something, in Slack's seconds."
    ),
]
_Json = Annotated[bool, typer.Option("--json", help="Print the sandbox's whole answer.")]
_Url = Annotated[str | None, _option("The simulated Slack, if not the running one.", "URL")]
_Element = Annotated[
    str,
    typer.Argument(
        metavar="ELEMENT", help="Its action_id, or what is read on it: a button's text, an input's label."
    ),
]


@app.command()
def click(
    element: _Element,
    value: Annotated[
        list[str] | None,
        typer.Argument(help="What is chosen or entered: an option's value or text, a date …"),
    ] = None,
    channel: _Where = None,
    ts: _Ts = None,
    block: _Block = None,
    home: _Home = False,
    user: _User = None,
    wait: _Wait = 1.0,
    as_json: _Json = False,
    slack_url: _Url = None,
) -> None:
    """Click a button, choose an option, pick a date; prints what the person sees then.

    Without --channel and --home: in the topmost modal, else in the latest message with such an element.

    Exit codes: 0 the app took it; 1 it did not, there is no such element, or no sandbox runs.
    """
    from pack.sandbox.using import one_or_several

    body = {"element": element, "channel": channel, "ts": ts, "block_id": block, "home": home, "user": user}
    _check_place(channel, ts)
    _use("click", {**body, "value": one_or_several(value or ()), "wait": wait}, slack_url, as_json)


@app.command()
def submit(
    values: Annotated[
        list[str] | None,
        typer.Argument(help="What to enter, by block_id, action_id or label; repeats.", metavar="NAME=VALUE"),
    ] = None,
    user: _User = None,
    wait: _Wait = 1.0,
    as_json: _Json = False,
    slack_url: _Url = None,
) -> None:
    """Fill in the topmost modal and send it; prints what the person sees then.

    Exit codes: 0 the app took it; 1 it refused the form, did not answer, no modal is open, no sandbox runs.
    """
    from pack.sandbox.control_calls import NotDone
    from pack.sandbox.using import named_values

    try:
        entered = named_values(values or ())
    except NotDone as error:
        _stop(error)
    _use("submit", {"values": entered, "user": user, "wait": wait}, slack_url, as_json)


@app.command()
def close(
    everything: Annotated[
        bool, typer.Option("--all", help="By the cross: those below it are closed too.")
    ] = False,
    user: _User = None,
    as_json: _Json = False,
    slack_url: _Url = None,
) -> None:
    """Close the topmost modal without sending it; the app hears of it when it asked to.

    Exit codes: 0 closed; 1 the app did not take it, no modal is open, or no sandbox runs.
    """
    _use("close", {"everything": everything, "user": user}, slack_url, as_json)


@app.command()
def slash(
    command: Annotated[
        str, typer.Argument(metavar="COMMAND", help="The command, with or without its slash.")
    ],
    text: Annotated[list[str] | None, typer.Argument(metavar="TEXT", help="What follows it.")] = None,
    channel: _Where = "general",
    thread: Annotated[str | None, _option("In this thread, where Slack has none.", "TIMESTAMP")] = None,
    user: _User = None,
    wait: _Wait = 1.0,
    as_json: _Json = False,
    slack_url: _Url = None,
) -> None:
    """Type a slash command; prints what the person sees then. Any command goes to the app.

    Exit codes: 0 the app took it; 1 it did not (nobody listens, too late), or no sandbox runs.
    """
    name, _, rest = command.partition(" ")
    words = " ".join([*([rest] if rest else []), *(text or ())])
    body = {"command": name, "text": words, "channel": channel, "thread_ts": thread, "user": user}
    _use("slash", {**body, "wait": wait}, slack_url, as_json)


@app.command()
def shortcut(
    callback_id: Annotated[str, typer.Argument(metavar="CALLBACK_ID", help="The shortcut's callback_id.")],
    channel: _Where = None,
    ts: Annotated[str | None, _option("On this message, with --channel.", "TIMESTAMP")] = None,
    user: _User = None,
    wait: _Wait = 1.0,
    as_json: _Json = False,
    slack_url: _Url = None,
) -> None:
    """Start a shortcut: a global one, or on a message; prints what the person sees then.

    Exit codes: 0 the app took it; 1 it did not (nobody listens, too late), or no sandbox runs.
    """
    body = {"callback_id": callback_id, "user": user, "wait": wait}
    _check_place(channel, ts)
    if ts is None and channel is None:
        _use("shortcut", body, slack_url, as_json)
    elif ts is None:
        _refuse("a shortcut on a message needs --ts beside --channel")
    else:
        _use("message-shortcut", {**body, "channel": channel, "ts": ts}, slack_url, as_json)


@app.command()
def options(
    element: _Element,
    typed: Annotated[str, typer.Argument(metavar="TEXT", help="What is typed into the menu.")] = "",
    channel: _Where = None,
    ts: _Ts = None,
    block: _Block = None,
    home: _Home = False,
    user: _User = None,
    as_json: _Json = False,
    slack_url: _Url = None,
) -> None:
    """Type into a menu whose options the app gives; prints them, one per line: value and text.

    Exit codes: 0 the app gave them; 1 it did not, there is no such menu, or no sandbox runs.
    """
    body = {"element": element, "channel": channel, "ts": ts, "block_id": block, "home": home, "user": user}
    _check_place(channel, ts)
    _use("options", {**body, "typed": typed}, slack_url, as_json)


@app.command()
def react(
    channel: Annotated[str, typer.Argument(metavar="CHANNEL", help="A channel's name, #name or ID.")],
    ts: Annotated[str, typer.Argument(help="The message's timestamp.", metavar="TIMESTAMP")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="The emoji's name; any well-formed one.")],
    user: _User = None,
    as_json: _Json = False,
    slack_url: _Url = None,
) -> None:
    """React to a message with an emoji.

    Exit codes: 0 done; 1 there is no such message, it was done before, that cannot be an emoji's name, or no
    sandbox runs.
    """
    _use("react", {"channel": channel, "ts": ts, "name": name, "user": user}, slack_url, as_json)


def _check_place(channel: str | None, ts: str | None) -> None:
    if ts is not None and channel is None:
        _refuse("--ts needs --channel, in which the message is")


def _refuse(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(1)


def _use(action: str, body: dict[str, Any], slack_url: str | None, as_json: bool) -> None:
    from pack.sandbox.control_calls import NotDone
    from pack.sandbox.using import use

    try:
        told, accepted = asyncio.run(use(action, body, slack_url, as_json=as_json, on_note=_note))
    except NotDone as error:
        _stop(error)
    typer.echo(told, err=not accepted and not as_json)
    if not accepted:
        raise typer.Exit(1)


def _note(text: str) -> None:
    typer.echo(text, err=True)


def _stop(error: Exception) -> NoReturn:
    typer.echo(str(error), err=True)
    raise typer.Exit(1) from error
