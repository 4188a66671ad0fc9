"""What the sandbox prints when it runs: where everything is, and what to try."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.text import Text

from pack.sandbox.assembly import Sandbox
from pack.sandbox.typed import DEFAULT_CHANNEL

_WIDTH = 30


def program() -> str:
    """Return how this program was called, for commands that the user can copy."""
    called, executable = Path(sys.argv[0]), sys.executable
    if called.name == "__main__.py":
        return f"{shlex.quote(executable)} -m pack"
    if called.parent == Path(executable).parent and called.is_relative_to(Path.cwd()):
        return shlex.quote(str(called.relative_to(Path.cwd())))
    return shlex.quote(str(called))


def introduce(sandbox: Sandbox, *, user: str, typing: bool, program: str) -> Text:
    """Return the whole introduction; ``program`` is how to call the command line."""
    parts = [_places(sandbox), *([] if sandbox.pack else [_variables(sandbox)])]
    if sandbox.slack:
        parts.append(_to_try(sandbox, user, typing, program))
    return Text.assemble(Text("\n\n").join(parts), ("\nCtrl-C ends it.", "hint"))


def _places(sandbox: Sandbox) -> Text:
    rows = [("flow engine", sandbox.engine.url)] if sandbox.engine else []
    if sandbox.slack:
        rows.append(("Slack", sandbox.slack.api_url))
    if sandbox.pack:
        rows.append(("the pack's health page", f"{sandbox.health_url}/ready"))
        rows.append(("the pack's log", str(sandbox.pack.log)))
    return _table("It runs:", [(name, Text(value)) for name, value in rows])


def _variables(sandbox: Sandbox) -> Text:
    lines = [f"export {name}={shlex.quote(value)}" for name, value in sandbox.pack_settings().items()]
    if sandbox.engine and sandbox.plan.jwt:
        lines.append("export FLYTE_JWT=…  # the one that you gave")
    title = Text("A pack works against it with:", "key")
    return Text("\n").join([title, *(Text(line) for line in lines)])


def _to_try(sandbox: Sandbox, user: str, typing: bool, program: str) -> Text:
    answer = "the bot answers, by the flow examples/echo" if sandbox.examples else "say it"
    rows = []
    if typing:
        rows = [
            ("echo hello", Text(answer)),
            ("#random echo hello", Text("say it in another channel (the bot is not in #random)")),
            ("+:eyes:", Text("react to the latest message")),
        ]
        rows += [
            (f"!{event}", Text(f"send this event as {pack} would"))
            for event, pack in sorted(sandbox.other_events.items())
        ]
    else:
        rows = [(f"{program} say '#{DEFAULT_CHANNEL}' 'echo hello'", Text(""))]
        rows += [(_curl(sandbox, pack, event), Text("")) for event, pack in sandbox.other_events.items()]
    title = f"Type, and press Enter; you are {user}, in #{DEFAULT_CHANNEL}:" if typing else "Try:"
    text = _table(title, rows)
    if typing:
        text.append(f"\n  or from another terminal: {program} say '#{DEFAULT_CHANNEL}' 'echo hello'", "hint")
    return text


def _curl(sandbox: Sandbox, pack: str, event: str) -> str:
    assert sandbox.engine is not None
    body = f'{{"event": "{event}", "payload": {{}}}}'
    token = ' -H "Authorization: Bearer $FLYTE_JWT"' if sandbox.plan.jwt else ""
    return f"curl -d {shlex.quote(body)}{token} {sandbox.engine.url}/v1/packs/{pack}/events"


def _table(title: str, rows: Sequence[tuple[str, Text]]) -> Text:
    lines = [Text(title, "key")]
    for name, value in rows:
        lines.append(Text.assemble("  ", (f"{name:{_WIDTH}}" if value.plain else name, "code"), value))
    return Text("\n").join(lines)
