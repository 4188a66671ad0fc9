"""What the sandbox prints when it runs: where everything is, and what to try."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.text import Text

from pack.sandbox.assembly import Sandbox
from pack.sandbox.mrkdwn import printable
from pack.sandbox.typed import BOT, DEFAULT_CHANNEL
from pack.sandbox.whereabouts import DEFAULT_URL
from pack.sandbox.wrapping import columns, wrap


def program() -> str:
    """Return how this program was called, for commands that the user can copy."""
    called, executable = Path(sys.argv[0]), sys.executable
    if called.name == "__main__.py":
        return f"{shlex.quote(executable)} -m pack"
    if called.parent == Path(executable).parent and called.is_relative_to(Path.cwd()):
        return shlex.quote(str(called.relative_to(Path.cwd())))
    return shlex.quote(str(called))


def introduce(
    sandbox: Sandbox, *, user: str, typing: bool, program: str, width: int | None = None, alone: bool = True
) -> Text:
    """Return the whole introduction.

    ``program`` is how to call the command line; ``width`` how many columns there are, None: enough;
    ``alone`` whether no other sandbox runs, so that ``say`` finds this one.
    """
    page = _Page(sandbox, program, width)
    parts = [page.places(), *([] if sandbox.pack else [page.variables()])]
    if sandbox.slack:
        parts.append(page.to_type(user, alone) if typing else page.to_call(alone))
    return Text.assemble(Text("\n\n").join(parts), ("\nCtrl-C ends it.", "hint"))


class _Page:
    """The parts of the introduction."""

    def __init__(self, sandbox: Sandbox, program: str, width: int | None) -> None:
        self._sandbox = sandbox
        self._program = program
        self._width = width

    def places(self) -> Text:
        sandbox = self._sandbox
        rows = [("flow engine", sandbox.engine.url)] if sandbox.engine else []
        if sandbox.slack:
            rows.append(("Slack", sandbox.slack.api_url))
        if sandbox.pack:
            rows.append(("the pack's health page", f"{sandbox.health_url}/ready"))
            rows.append(("the pack's log", str(sandbox.pack.log)))
        if sandbox.engine:
            names = dict.fromkeys(printable(flow.name) for flow in sandbox.flows)
            rows.append(("flows", ", ".join(names) or "none; --flows loads some"))
        return self._table("It runs:", rows)

    def variables(self) -> Text:
        sandbox = self._sandbox
        lines = [f"export {name}={shlex.quote(value)}" for name, value in sandbox.pack_settings().items()]
        if sandbox.engine and sandbox.plan.jwt:
            lines.append("export FLYTE_JWT=…  # the one that you gave")
        title = Text("A pack works against it with:", "key")
        return Text("\n").join([title, *(Text(line) for line in lines)])

    def to_type(self, user: str, alone: bool) -> Text:
        rows = [
            (self._words, "the bot answers, by the flow echo" if self._sandbox.examples else "say it"),
            ("+:eyes:", "react to the latest message"),
            (f"#random {self._words}", "say it in #random, where the bot is not"),
            (f"@{BOT} {self._words}", "write to the bot directly"),
            ("/deploy web", "type a slash command; #random /deploy web types it there"),
            ("[Approve]", "click the latest button of that name"),
        ]
        rows += [
            (f"!{event}", f"send this event as {pack} would")
            for event, pack in sorted(self._sandbox.other_events.items())
        ]
        text = self._table(f"Type, and press Enter; you are {user}, in #{DEFAULT_CHANNEL}:", rows)
        text.append("\n  or from another terminal:", "hint")
        command = self._say(alone)
        fits = self._width is None or len(command) + 28 <= self._width
        text.append(f"{' ' if fits else chr(10) + '  '}{command}", "hint")
        return text

    def to_call(self, alone: bool) -> Text:
        sandbox = self._sandbox
        calls = [self._say(alone)]
        calls += [_curl(sandbox, pack, event) for event, pack in sandbox.other_events.items()]
        return Text("\n").join([Text("Try:", "key"), *(Text(f"  {call}", "code") for call in calls)])

    @property
    def _words(self) -> str:
        return "echo hello" if self._sandbox.examples else "hello"

    def _say(self, alone: bool) -> str:
        assert self._sandbox.slack is not None
        url = self._sandbox.slack.url
        where = "" if alone and url == DEFAULT_URL else f" --slack-url {url}"
        return f"{self._program} say{where} '#{DEFAULT_CHANNEL}' '{self._words}'"

    def _table(self, title: str, rows: Sequence[tuple[str, str]]) -> Text:
        start = max(len(name) for name, _ in rows) + 4
        lines = [Text(title, "key") if self._width is None else wrap(Text(title, "key"), self._width)]
        for name, value in rows:
            line = Text(columns(f"  {name}", value, start, self._width))
            line.stylize("code", 0, len(name) + 2)
            lines.append(line)
        return Text("\n").join(lines)


def _curl(sandbox: Sandbox, pack: str, event: str) -> str:
    assert sandbox.engine is not None
    body = f'{{"event": "{event}", "payload": {{}}}}'
    token = ' -H "Authorization: Bearer $FLYTE_JWT"' if sandbox.plan.jwt else ""
    return f"curl -d {shlex.quote(body)}{token} {sandbox.engine.url}/v1/packs/{pack}/events"
