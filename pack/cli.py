"""The command line. What a command needs is imported when it runs, so that ``run`` starts fast."""

from __future__ import annotations

import os
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from pack import __version__

SANDBOX_COMMANDS = ("sandbox", "say", "fault")
USING_COMMANDS = ("click", "submit", "close", "slash", "shortcut", "options", "react")
AUTHORING_COMMANDS = ("lint", "render", "schema")
OPERATION_COMMANDS = ("journal", "replay")


class _Commands(TyperGroup):
    """The commands below, and those of other rooms: imported only when they are asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [
            *super().list_commands(ctx),
            *OPERATION_COMMANDS,
            *SANDBOX_COMMANDS,
            *USING_COMMANDS,
            *AUTHORING_COMMANDS,
        ]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        from typer.main import get_group

        if cmd_name in SANDBOX_COMMANDS:
            from pack.sandbox.commands import app as sandbox

            return get_group(sandbox).get_command(ctx, cmd_name)
        if cmd_name in USING_COMMANDS:
            from pack.sandbox.using_commands import app as using

            return get_group(using).get_command(ctx, cmd_name)
        if cmd_name in AUTHORING_COMMANDS:
            from pack.authoring.commands import app as authoring

            return get_group(authoring).get_command(ctx, cmd_name)
        if cmd_name in OPERATION_COMMANDS:
            from pack.operation.commands import app as operation

            return get_group(operation).get_command(ctx, cmd_name)
        return super().get_command(ctx, cmd_name)


app = typer.Typer(
    cls=_Commands,
    name="flyte-slack",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="The Slack pack for Flyte: commands in, messages out, and what happens in Slack as events.",
)


@app.command()
def run() -> None:
    """Run the pack; everything is set by environment variables (see `flyte-slack settings`).

    Exit codes: 0 stopped as told; 1 a mistake of the pack; 2 configuration; 3 credentials refused at start.
    """
    from pack.start import start

    raise typer.Exit(start())


@app.command()
def settings() -> None:
    """Print every setting: its value, where that comes from, and its default. Secrets are masked.

    Exit code 2 when the pack could not start with these settings; what is wrong is printed below them.
    """
    from pack.errors import SettingsError
    from pack.settings import load_settings
    from pack.settings_table import rows

    try:
        for name, value, source, default, meaning in rows(os.environ):
            origin = source if source == "default" else f"{source}; default: {default or 'none'}"
            typer.echo(f"{name}={value}\n    {origin}\n    {meaning}")
        load_settings()
    except SettingsError as error:
        typer.echo(f"\nThese settings cannot be used:\n{error}", err=True)
        raise typer.Exit(2) from error


@app.command()
def manifest(
    name: Annotated[str, typer.Option(help="What the app and its bot are called.")] = "Flyte",
    request_url: Annotated[
        str, typer.Option(help="Where Slack reaches the pack's events port; without it: Socket Mode.")
    ] = "",
) -> None:
    """Print the app manifest to paste at “Create an app from a manifest” in Slack."""
    import json

    from pack.manifest import app_manifest

    if request_url and not request_url.startswith("https://"):
        typer.echo(
            f"--request-url {request_url}: Slack takes addresses that begin with https:// only", err=True
        )
        raise typer.Exit(2)

    typer.echo(json.dumps(app_manifest(name=name, request_url=request_url or None), indent=2))


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


@app.command()
def health(
    url: Annotated[str, typer.Option(help="Address of the health page.")] = "",
) -> None:
    """Ask the running pack's health page, for containers: exit code 0 when only a restart would not help."""
    import http.client
    import urllib.error
    import urllib.request

    port = os.environ.get("FLYTE_SLACK_HEALTH_PORT") or "8090"
    address = url or f"http://127.0.0.1:{port}/"
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # never by HTTP_PROXY: it is here
    try:
        with direct.open(address, timeout=5) as answer:
            typer.echo(answer.read().decode())
    except urllib.error.HTTPError as error:
        typer.echo(error.read().decode(errors="replace"))
        raise typer.Exit(1) from error
    except (OSError, ValueError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
        typer.echo(
            f"the health page does not answer at {address}: {reason}. Is the pack running there, with the "
            "same FLYTE_SLACK_HEALTH_PORT?",
            err=True,
        )
        raise typer.Exit(1) from error
