"""The terminal: lines of the conversation above, the line being typed below."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from pack.sandbox.keyboard import TypedLine, key_by_key

_PROMPT = "> "
_CLEAR_LINE = "\r\x1b[K"
_READ_BYTES = 4096


class Terminal:
    """Prints lines; while somebody types, what is typed stays at the bottom.

    A reader that went away (a closed pipe) is no reason to end: what follows is not printed.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._typed: TypedLine | None = None
        self._gone = False

    @property
    def width(self) -> int:
        """How many columns there are."""
        return self._console.width

    def print(self, text: Text | str = "", *, style: str = "") -> None:
        """Print a line (or several)."""
        if self._gone:
            return
        if not self._console.is_terminal and isinstance(text, Text):
            text = Text("\n").join(_trimmed(line) for line in text.split("\n", allow_blank=True))
        try:
            self._erase()
            self._console.print(text, style=style, highlight=False, soft_wrap=not self._console.is_terminal)
            self._draw()
        except (BrokenPipeError, ValueError):
            self._gone = True

    async def read(self, descriptor: int, on_line: Callable[[str], None]) -> None:
        """Let the user type, until the input is ended; each line is given to ``on_line``."""
        typed = self._typed = TypedLine()
        ended = asyncio.Event()

        def receive() -> None:
            data = os.read(descriptor, _READ_BYTES)
            lines = typed.feed(data) if data else []
            if not data or typed.ended:
                ended.set()
            for line in lines:
                on_line(line)
            self._redraw()

        loop = asyncio.get_running_loop()
        with key_by_key(descriptor):
            loop.add_reader(descriptor, receive)
            self._draw()
            try:
                await ended.wait()
            finally:
                loop.remove_reader(descriptor)
                self._erase()
                self._typed = None

    def _redraw(self) -> None:
        self._erase()
        self._draw()

    def _erase(self) -> None:
        if self._typed is not None:
            self._write(_CLEAR_LINE)

    def _draw(self) -> None:
        if self._typed is not None:
            self._write(_PROMPT + _tail(self._typed.text, self._console.width - len(_PROMPT) - 1))

    def _write(self, raw: str) -> None:
        self._console.file.write(raw)
        self._console.file.flush()


def _tail(text: str, width: int) -> str:
    """Return the end of a text that fits into so many columns."""
    while cell_len(text) > max(1, width):
        text = text[max(1, (len(text) - width) // 2) :]
    return text


def _trimmed(line: Text) -> Text:
    line.rstrip()
    return line
