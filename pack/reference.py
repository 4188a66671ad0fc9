"""The reference pages, made from the declarations: commands.md, events.md and configuration.md in ``docs/``.

``python -m pack.reference DIRECTORY`` writes them; a test holds that those in the repository are up to date.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from pack.commands.catalogue import COMMANDS
from pack.commands.declaration import Command
from pack.contracts.events import MEMBERSHIP_SUBSCRIPTIONS, OBSERVED_EVENTS, ObservedEvent
from pack.settings import Settings, is_secret, variable
from pack.settings_table import default_text

_MADE = "<!-- Made from the code by `make docs`; change the declarations, not this page. -->\n"

_ABOUT_COMMANDS = """\
# Commands

Each command ends in exactly one event. A success event carries the input as it came plus what was
learnt; a failure event carries the input as it came plus `error` (what failed, on what, what to do) and
`errorCode` (Slack's code, or ours). Keys that are not listed here are echoed too. Input that is no object
is echoed as `input`. An unknown command ends in `FATAL`.

A channel may be given by its ID, its name or `#name`; in the answer `channelId` is the ID, and a name that
was given is in `channelName`. Booleans, numbers and JSON documents may be given as text, since a flow's
templates render text: `"True"`, `"3.000000"`, `"[{…}]"`. Empty text and null mean: not given. A timestamp
is text such as `1669027200.123456`; a JSON number with decimals is accepted, one without is refused, since
its end is lost.

Commands to one channel run in the order in which they were taken.

Our own error codes:
"""

_ABOUT_EVENTS = """\
# Events

What the pack tells the engine by itself. Nothing that the pack did becomes an event, so a flow that answers
a message does not answer itself. Events of one channel keep their order.
"""

_ABOUT_FOLLOWED = """\
## What is followed silently

These events of Slack keep the pack's list of channels and memberships true; no event is made of them:
"""

_ABOUT_CONFIGURATION = """\
# Configuration

Everything is set by environment variables. An empty variable is unset. Any secret may come from a file
instead: put the file's path into `<NAME>_FILE`. `flyte-slack settings` prints what is in force and where it
comes from, secrets masked.

Proxies are taken from `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`.
"""


def pages() -> Mapping[str, str]:
    """Return every page by its file name."""
    return {
        "commands.md": _commands(),
        "events.md": _events(),
        "configuration.md": _configuration(),
    }


def _commands() -> str:
    codes = [f"| `{code}` | {meaning} |" for code, meaning in _OUR_CODES.items()]
    parts = [_MADE, _ABOUT_COMMANDS, "| code | meaning |", "|---|---|", *codes, ""]
    return "\n".join(parts + [_command(command) for command in COMMANDS])


_OUR_CODES = {
    "invalid_input": "the input cannot be used; `error` names every bad field",
    "channel_not_found": "no channel is called that (also Slack's code)",
    "answer_lost": "the request was sent to Slack and no answer came: it may have been carried out or not",
    "slack_unavailable": "Slack could not be reached for half a minute; nothing was sent",
    "ratelimited": "Slack asked to wait for more than five minutes; nothing was sent (also Slack's code)",
    "no_channels": "Broadcast: the bot is in no channel",
    "channels_unknown": "Broadcast: Slack has not said yet which channels the bot is in",
    "some_failed": "Broadcast: several channels failed, for different reasons",
    "pack_stopped": "the pack was stopped before the command was finished",
    "unknown_command": "`FATAL`: this pack has no such command",
    "result_refused": "`FATAL`: the engine did not accept the command's real result",
    "internal_error": "`FATAL`: a mistake of the pack",
}


def _command(command: Command[Any]) -> str:
    scopes = ", ".join(f"`{scope}`" for scope in command.scopes)
    return "\n".join(
        [
            f"## {command.name}\n",
            f"{_first_line(command.input)} Scopes: {scopes}.\n",
            "**Input**\n",
            _table(command.input, with_need=True),
            f"**{command.success.name}**: {_first_line(command.success.model)} The input, and:\n",
            _table(command.success.model),
            *_nested_tables(command.success.model),
            f"**{command.failure.name}**: {_first_line(command.failure.model)}\n",
            _table(command.failure.model),
            *_nested_tables(command.failure.model),
        ]
    )


def _events() -> str:
    followed = ", ".join(f"`{name}`" for name in MEMBERSHIP_SUBSCRIPTIONS)
    parts = [
        _MADE,
        _ABOUT_EVENTS,
        *(_event(event) for event in OBSERVED_EVENTS),
        _ABOUT_FOLLOWED,
        f"{followed}.\n",
    ]
    return "\n".join(parts)


def _event(event: ObservedEvent) -> str:
    sources = ", ".join(f"`{name}`" for name in event.subscriptions)
    scopes = ", ".join(f"`{scope}`" for scope in event.scopes)
    return "\n".join(
        [
            f"## {event.name}\n",
            f"{_first_line(event.payload)} Made from {sources}; scopes: {scopes}.\n",
            _table(event.payload),
            *_nested_tables(event.payload),
        ]
    )


def _nested_tables(model: type[BaseModel]) -> list[str]:
    return [f"`{name}`:\n\n{_table(found)}" for name, found in _nested(model).items()]


def _nested(model: type[BaseModel]) -> Mapping[str, type[BaseModel]]:
    found = {}
    for name, field in model.model_fields.items():
        kinds = (field.annotation, *getattr(field.annotation, "__args__", ()))
        for kind in kinds:
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                found[name] = kind
    return found


def _configuration() -> str:
    lines = [_MADE, _ABOUT_CONFIGURATION, "| variable | default | meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = "$TMPDIR/flyte-slack" if name == "backup_dir" else default_text(name)
        shown = "required" if field.is_required() else f"`{default}`" if default else "none"
        secret = " Secret." if is_secret(name) else ""
        lines.append(f"| `{variable(name)}` | {shown} | {field.description}{secret} |")
    lines += [
        "",
        "## Exit codes\n",
        "| code | meaning |",
        "|---|---|",
        "| 0 | it was told to stop (SIGTERM or SIGINT), and did |",
        "| 1 | a mistake of the pack; the log has it |",
        "| 2 | a setting is missing or wrong, or what it names cannot be used (a directory, a port) |",
        "| 3 | Slack or the engine refused a credential at start |",
        "| 128 + signal | a second signal came before it had stopped |",
        "",
    ]
    return "\n".join(lines)


def _first_line(model: type[BaseModel]) -> str:
    return (model.__doc__ or "").strip().splitlines()[0]


def _table(model: type[BaseModel], *, with_need: bool = False) -> str:
    rows = []
    for name, field in model.model_fields.items():
        need = (" **Required.**" if field.is_required() else "") if with_need else ""
        rows.append(f"| `{name}` | {_kind(model, name)} | {field.description or ''}{need} |")
    if not rows:
        return "Nothing.\n"
    return "\n".join(["| key | type | meaning |", "|---|---|---|", *rows, ""])


def _kind(model: type[BaseModel], name: str) -> str:
    schema = model.model_json_schema()["properties"][name]
    kinds = [choice for choice in schema.get("anyOf", [schema]) if choice.get("type") != "null"]
    found: list[str] = []
    for kind in kinds:
        types = kind.get("type", "object")
        found += types if isinstance(types, list) else [types]
    words = {"string": "text", "array": "list", "integer": "whole number"}
    return " or ".join(words.get(one, one) for one in found)


def main() -> None:
    """Write the pages into the directory that is named on the command line."""
    directory = Path(sys.argv[1])
    for name, text in pages().items():
        (directory / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
