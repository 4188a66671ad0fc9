"""How ``fmt`` writes texts, and what stands between ``%`` and a verb."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from pack.flowlang.kinds import to_bytes


@dataclass(slots=True)
class Flags:
    """What stands between ``%`` and the verb; None where no number was given."""

    sharp: bool = False
    zero: bool = False
    plus: bool = False
    minus: bool = False
    space: bool = False
    go_syntax: bool = False
    """``%#v``: as it would be written in a program."""
    field_names: bool = False
    """``%+v``: with the names of fields."""
    width: int | None = None
    precision: int | None = None
    note: Callable[[int], None] = lambda characters: None
    """Is told how long each thing within a list, map or structure became, and may refuse more."""

    def pad(self, shown: str, *, zeros: bool = True) -> str:
        """Return a text brought to the width."""
        if self.width is None:
            return shown
        if self.minus:
            return shown.ljust(self.width)
        return shown.rjust(self.width, "0" if self.zero and zeros else " ")


def write_text(value: str, verb: str, flags: Flags) -> str:
    """Return a text written by one of its verbs."""
    if verb in "xX":
        return _hexadecimal(value, verb, flags)
    shown = value if flags.precision is None else value[: flags.precision]
    if verb == "q" or flags.go_syntax:
        return flags.pad(_quoted(shown, flags, verb))
    return flags.pad(shown)


def _hexadecimal(value: str, verb: str, flags: Flags) -> str:
    data = to_bytes(value)
    if flags.precision is not None:
        data = data[: flags.precision]
    digits = [f"{byte:02x}" for byte in data]
    if flags.space:
        prefix = "0x" if flags.sharp else ""
        shown = " ".join(prefix + digit for digit in digits)
    else:
        shown = ("0x" if flags.sharp and digits else "") + "".join(digits)
    return flags.pad(shown.upper() if verb == "X" else shown)


def _quoted(value: str, flags: Flags, verb: str) -> str:
    if (
        flags.sharp
        and verb == "q"
        and "`" not in value
        and not re.search(r"[\x00-\x08\x0a-\x1f\x7f\ufeff]", value)
    ):
        return f"`{value}`"
    return (
        '"'
        + "".join(escaped(character, '"', ascii_only=flags.plus and verb == "q") for character in value)
        + '"'
    )


_SHORT_ESCAPES = {
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
    "\\": "\\\\",
}


def escaped(character: str, quotation_mark: str, *, ascii_only: bool = False) -> str:
    """Return a character as it stands between quotation marks in a Go program."""
    if character == quotation_mark:
        return "\\" + character
    if character in _SHORT_ESCAPES:
        return _SHORT_ESCAPES[character]
    number = ord(character)
    if 0xDC80 <= number <= 0xDCFF:
        return f"\\x{number - 0xDC00:02x}"
    if number < 0x80 or ascii_only:
        if " " <= character <= "~":
            return character
        if number < 0x80:
            return f"\\x{number:02x}"
    elif character.isprintable():
        return character
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
