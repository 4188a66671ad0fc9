"""The line that a user types below the conversation, key by key."""

from __future__ import annotations

import codecs
import contextlib
import re
import sys
from collections.abc import Iterator

_ENTER = "\r\n"
_BACKSPACE = "\x7f\x08"
_END_OF_INPUT = "\x04"
_KILL_LINE = "\x15"
_KILL_WORD = "\x17"
_ESCAPE_SEQUENCE = re.compile(r"\x1b(?:\[[0-9;?]*[@-~]|O.|[^\[O])")
_UNFINISHED = re.compile(r"\x1b(?:\[[0-9;?]*|O)?\Z")
_LAST_WORD = re.compile(r"\S+\s*\Z")
_UP, _DOWN = "\x1b[A", "\x1b[B"
_MOST_REMEMBERED = 100


class TypedLine:
    """What was typed so far; Enter completes a line, arrows up and down bring earlier ones back."""

    def __init__(self) -> None:
        self.text = ""
        self.ended = False
        """Whether the user ended the input (Ctrl-D on an empty line)."""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        self._history: list[str] = []
        self._at = 0

    def feed(self, data: bytes) -> list[str]:
        """Take what the keyboard sent; return the lines that are complete now, without empty ones."""
        typed = self._rest + self._decoder.decode(data)
        unfinished = _UNFINISHED.search(typed)
        self._rest = unfinished[0] if unfinished else ""
        typed = typed[: len(typed) - len(self._rest)]
        return [line for key in _keys(typed) if (line := self._press(key))]

    def _press(self, key: str) -> str | None:
        if key in _ENTER:
            return self._complete()
        if key in (_UP, _DOWN):
            self._recall(-1 if key == _UP else 1)
        elif key in _BACKSPACE:
            self.text = self.text[:-1]
        elif key == _KILL_LINE:
            self.text = ""
        elif key == _KILL_WORD:
            self.text = _LAST_WORD.sub("", self.text)
        elif key == _END_OF_INPUT:
            self.ended = self.ended or not self.text
        elif key.isprintable():
            self.text += key
        return None

    def _complete(self) -> str | None:
        line, self.text = self.text.strip(), ""
        if line:
            self._history = [*(old for old in self._history if old != line), line][-_MOST_REMEMBERED:]
        self._at = len(self._history)
        return line or None

    def _recall(self, step: int) -> None:
        self._at = max(0, min(len(self._history), self._at + step))
        self.text = self._history[self._at] if self._at < len(self._history) else ""


def _keys(typed: str) -> Iterator[str]:
    """Split what was typed into single keys; an escape sequence is one."""
    position = 0
    while position < len(typed):
        match = _ESCAPE_SEQUENCE.match(typed, position)
        key = match[0] if match else typed[position]
        yield key
        position += len(key)


@contextlib.contextmanager
def key_by_key(descriptor: int) -> Iterator[None]:
    """Have the terminal give each key at once and show none itself; Ctrl-C still interrupts."""
    if sys.platform == "win32":
        yield
        return
    import termios

    try:
        before = termios.tcgetattr(descriptor)
        now = termios.tcgetattr(descriptor)
        now[0] &= ~termios.ICRNL
        now[3] &= ~(termios.ICANON | termios.ECHO)
        termios.tcsetattr(descriptor, termios.TCSADRAIN, now)
    except termios.error:
        # The terminal was closed already: reading from it finds its end.
        yield
        return
    try:
        yield
    finally:
        # Nothing is to be put right in a terminal that was closed meanwhile.
        with contextlib.suppress(termios.error):
            termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
