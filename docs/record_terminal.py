"""Record ``docs/terminal.svg``, the README's picture: a real, short session of the sandbox.

Run it from the root of the clone: ``.venv/bin/python docs/record_terminal.py``.
"""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

from pack.sandbox.assembly import Sandbox
from pack.sandbox.chat import USER, Chat
from pack.sandbox.hints import introduce
from pack.sandbox.narration import THEME
from pack.sandbox.options import GivenPorts, Options, plan_of
from pack.sandbox.terminal import Terminal

PICTURE = Path(__file__).with_name("terminal.svg")
COLUMNS = 104
PATIENCE_SECONDS = 10.0
CONVERSATION = (
    ("echo hello", "MessageSent"),
    ("+:eyes:", "ReactionAdded"),
    ("!DeploymentSucceeded", "RichMessageSent"),
)
"""What is typed, and the event after which the next line is."""

# rich's own frame, without the fonts that it would fetch from the web.
FRAME = """\
<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width; }}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


async def record(console: Console) -> None:
    """Start the sandbox, type what its hints say, and show what happens."""
    terminal = Terminal(console)
    sandbox = Sandbox(plan_of(Options(ports=GivenPorts()), {}))
    try:
        terminal.print(Text("$ make run"))
        await sandbox.start()
        await sandbox.until_ready()
        introduction = introduce(
            sandbox, user=USER, typing=True, program=".venv/bin/flyte-slack", width=terminal.width
        )
        terminal.print(introduction, as_it_is=True)
        terminal.print(Text("ready", "done"))
        chat = Chat(sandbox, terminal)
        showing = [asyncio.create_task(show()) for show in chat.shows()]
        await asyncio.sleep(0)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await _talk(chat, sandbox)
        for task in showing:
            task.cancel()
        await asyncio.gather(*showing, return_exceptions=True)
    finally:
        await sandbox.stop()


async def _talk(chat: Chat, sandbox: Sandbox) -> None:
    assert sandbox.engine is not None
    records = sandbox.engine.subscribe()
    for line, answer in CONVERSATION:
        chat.obey(line)
        async for record in records:
            if answer in (getattr(record, "event", ""), getattr(record, "name", "")):
                break


def main() -> None:
    """Record the session and write the picture."""
    console = Console(
        record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, theme=THEME, highlight=False
    )
    asyncio.run(record(console))
    picture = console.export_svg(
        title="flyte-slack sandbox", theme=MONOKAI, code_format=FRAME, unique_id="terminal"
    )
    PICTURE.write_text("\n".join(line.rstrip() for line in picture.splitlines()) + "\n", "utf-8")


if __name__ == "__main__":
    main()
