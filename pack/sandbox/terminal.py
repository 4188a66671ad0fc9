"""The terminal: lines of the conversation above, the line being typed below."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from pack.sandbox.keyboard import TypedLine, key_by_key
from pack.sandbox.narration import Happening
from pack.sandbox.wrapping import wrap

_PROMPT = "> "
_CLEAR_LINE = "\r\x1b[K"
_READ_BYTES = 4096


class Terminal:
    """Prints lines; while somebody types, what is typed stays at the bottom."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._typed: TypedLine | None = None

    @property
    def width(self) -> int | None:
        """How many columns it has; None: it is no terminal, so that does not matter."""
        return self._console.width if self._console.is_terminal else None

    def print(self, text: Text | Happening, *, as_it_is: bool = False) -> None:
        """Print a line, or several; in a terminal they end between words, unless ``as_it_is``."""
        self._erase()
        with self._as_long_as_it_is_there():
            self._show(text, as_it_is)
        self._draw()

    def _show(self, text: Text | Happening, as_it_is: bool) -> None:
        width = self.width
        if width is not None and isinstance(text, Happening):
            self._console.print(text.as_grid(width))
            return
        shown = text.as_text() if isinstance(text, Happening) else text
        fitting = shown if width is None or as_it_is else wrap(shown, width)
        self._console.print(_trimmed(fitting), soft_wrap=True)

    async def read(self, descriptor: int, on_line: Callable[[str], None]) -> None:
        """Let the user type, until the input is ended; each line is given to ``on_line``."""
        typed = self._typed = TypedLine()
        ended = asyncio.Event()

        def receive() -> None:
            data = _read(descriptor)
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
            self._write(_PROMPT + tail(self._typed.text, self._console.width - len(_PROMPT) - 1))

    def _write(self, raw: str) -> None:
        with self._as_long_as_it_is_there():
            self._console.file.write(raw)
            self._console.file.flush()

    @contextlib.contextmanager
    def _as_long_as_it_is_there(self) -> Iterator[None]:
        """Go on in silence when the terminal was closed; the end of its input ends the sandbox."""
        try:
            yield
        except OSError:
            silence(self._console.file)


def silence(file: IO[str]) -> None:
    """Have nothing written to a file any more, since nobody is there to read it.

    Without that the interpreter, which writes the rest at its end, would fail and exit with 120.
    """
    with Path(os.devnull).open("wb") as nowhere, contextlib.suppress(OSError):
        os.dup2(nowhere.fileno(), file.fileno())


def _read(descriptor: int) -> bytes:
    """Return what the keyboard sent; nothing when the terminal is gone."""
    try:
        return os.read(descriptor, _READ_BYTES)
    except OSError:
        return b""


def tail(text: str, width: int) -> str:
    """Return the end of a text that fits into so many columns."""
    text = text[-max(1, width) :]
    while cell_len(text) > max(1, width):
        text = text[1:]
    return text


def _trimmed(text: Text) -> Text:
    """Return the text without spaces at the ends of its lines."""
    lines = list(text.split("\n", allow_blank=True))
    for line in lines:
        line.rstrip()
    return Text("\n").join(lines)
