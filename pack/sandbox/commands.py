"""The commands ``sandbox``, ``say`` and ``fault``; what they need is imported when they run."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from pack.errors import SettingsError
from pack.extras import sandbox_extra
from pack.sandbox.options import GivenPorts, Options, plan_of
from pack.sandbox.plan import Look
from pack.sandbox.ports import HIGHEST_PORT

app = typer.Typer()


def _flag(name: str, meaning: str) -> Any:
    return typer.Option(name, help=meaning)


def _option(meaning: str, metavar: str) -> Any:
    return typer.Option(help=meaning, metavar=metavar, show_default=False)


def _port(meaning: str) -> Any:
    return typer.Option(min=0, max=HIGHEST_PORT, metavar="PORT", show_default=False, help=meaning)


@app.command()
def sandbox(
    engine_only: Annotated[bool, _flag("--engine-only", "Start the flow engine alone.")] = False,
    slack_only: Annotated[bool, _flag("--slack-only", "Start the simulated Slack alone.")] = False,
    no_pack: Annotated[bool, _flag("--no-pack", "Start both, for a pack that you run yourself.")] = False,
    flows: Annotated[
        list[Path] | None, _option("Flows (JSON, YAML) in place of the examples; repeats.", "DIR|FILE")
    ] = None,
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[
        int | None, _port("Port of what stands alone, or of the engine; then Slack has the next. 0: any.")
    ] = None,
    engine_port: Annotated[
        int | None, _port("The engine's port; if not given 8080, or any free one.")
    ] = None,
    slack_port: Annotated[int | None, _port("Slack's port; if not given 8081, or any free one.")] = None,
    health_port: Annotated[
        int | None, _port("The health page's port; if not given 8090, or any free one.")
    ] = None,
    state: Annotated[
        str | None, _option("Keep what the engine knows in this file, and go on with it.", "FILE")
    ] = None,
    jwt: Annotated[
        str | None,
        _option(
            "The JSON Web Token that the engine asks for. Others on this machine can read it in the list of "
            "processes: for a real one take --jwt-file or FLYTE_JWT.",
            "TOKEN",
        ),
    ] = None,
    jwt_file: Annotated[
        Path | None, _option("A file with that token; if neither is given FLYTE_JWT.", "FILE")
    ] = None,
    no_limits: Annotated[bool, _flag("--no-limits", "Let Slack take calls as fast as they come.")] = False,
    speed: Annotated[
        float | None,
        _option("How much faster time passes in Slack (limits, retries, lifetimes; not the date).", "FACTOR"),
    ] = None,
    headless: Annotated[bool, _flag("--headless", "Plain lines, no input: for scripts, containers.")] = False,
    as_json: Annotated[bool, _flag("--json", "Only one line: addresses and tokens as JSON.")] = False,
    pack_log: Annotated[bool, _flag("--pack-log", "Show the pack's log on standard error too.")] = False,
) -> None:
    """Try the pack without Slack and without Flyte: both simulated on this machine, the pack between them.

    What is typed in the terminal is said in the simulated workspace; `flyte-slack say` says it from afar.

    With --engine-only and --slack-only the first line is the URL.

    When the pack ends, a sandbox in a terminal goes on; a headless one ends with exit code 1.

    Exit codes: 0 stopped as told; 1 the pack ended or did not begin to work; 2 an option cannot be used.
    """
    given = GivenPorts(shared=port, engine=engine_port, slack=slack_port, health=health_port)
    options = Options(
        engine_only=engine_only,
        slack_only=slack_only,
        no_pack=no_pack,
        flows=tuple(flows or ()),
        host=host,
        ports=given,
        state=state,
        jwt=jwt,
        jwt_file=jwt_file,
        pack_log=pack_log,
        no_limits=no_limits,
        speed=speed,
    )
    _run(options, Look(headless=headless, as_json=as_json, pack_log=pack_log))


def _run(options: Options, look: Look) -> NoReturn:
    try:
        plan = plan_of(options, os.environ)
    except SettingsError as error:
        typer.echo(f"flyte-slack sandbox cannot start: {error}", err=True)
        raise typer.Exit(2) from error
    with sandbox_extra("sandbox"):
        from pack.sandbox.runner import run
    raise typer.Exit(run(plan, look))


@app.command()
def say(
    channel: Annotated[str, typer.Argument(help="A channel's name, #name or ID; @flyte: to the bot.")],
    text: Annotated[str, typer.Argument(help="What to say.")],
    user: Annotated[
        str | None, _option("Who says it: a user's name or ID; ada if not given.", "USER")
    ] = None,
    thread: Annotated[str | None, _option("The message to answer to.", "TIMESTAMP")] = None,
    wait: Annotated[bool, _flag("--wait", "Wait for the bot's answer, and print that.")] = False,
    timeout: Annotated[float, typer.Option(min=0.1, help="How long --wait waits, in seconds.")] = 10.0,
    slack_url: Annotated[str | None, _option("The simulated Slack, if not the running one.", "URL")] = None,
) -> None:
    """Say something as a user of the running sandbox; prints the message's timestamp, or the bot's answer.

    Exit codes: 0 said (and answered); 1 no sandbox runs, it refuses, or no answer came in time.
    """
    import asyncio

    from pack.sandbox.say import NotSaid, Saying
    from pack.sandbox.say import say as say_there

    saying = Saying(
        channel=channel, text=text, user=user, thread=thread, wait_seconds=timeout if wait else 0.0
    )
    try:
        typer.echo(asyncio.run(say_there(saying, slack_url, _note)))
    except NotSaid as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


@app.command()
def fault(
    name: Annotated[
        str | None, typer.Argument(help="The fault, or clear; if not given, they are listed.", metavar="NAME")
    ] = None,
    arguments: Annotated[
        list[str] | None, typer.Argument(help="How: times=3, method=chat.*, seconds=2 …", metavar="KEY=VALUE")
    ] = None,
    engine: Annotated[bool, _flag("--engine", "Break the flow engine, not Slack.")] = False,
    slack_url: Annotated[str | None, _option("The simulated Slack, if not the running one.", "URL")] = None,
    engine_url: Annotated[
        str | None, _option("The flow engine, if not the running one; with --engine.", "URL")
    ] = None,
) -> None:
    """Break the running sandbox on demand; without a name, list what is broken and what can be.

    Most faults strike once unless they are given times=N, times=null (any number), probability=P or
    for_seconds=S; storm, delay, latency, repeat_events, shuffle_events and the engine's slow
    go on until they are ended.
    `flyte-slack fault clear` ends all of them, `flyte-slack fault clear id=f3` one.

    An engine that asks for a JSON Web Token is sent FLYTE_JWT.

    Exit codes: 0 done; 1 no sandbox runs, or it refuses.
    """
    import asyncio

    from pack.sandbox.control_calls import NotDone
    from pack.sandbox.fault import list_faults, set_fault

    at_engine = engine or engine_url is not None
    work = (
        list_faults(slack_url=slack_url, at_engine=at_engine, at=engine_url, on_note=_note)
        if name is None
        else set_fault(
            name, arguments or (), slack_url=slack_url, at_engine=at_engine, at=engine_url, on_note=_note
        )
    )
    try:
        typer.echo(asyncio.run(work))
    except NotDone as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


def _note(text: str) -> None:
    typer.echo(text, err=True)
