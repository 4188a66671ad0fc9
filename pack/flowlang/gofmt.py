"""Go's ``fmt.Sprintf`` with one argument, for ``|stringformat``.

A mistake in the format never fails: Go writes it into the text, as ``%!d(string=x)`` or ``%!s(MISSING)``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pack.flowlang.gofmt_texts import Flags
from pack.flowlang.gofmt_verbs import write_value
from pack.flowlang.kinds import runes
from pack.flowlang.limits import CHARACTERS_PER_STEP
from pack.flowlang.run import Run
from pack.flowlang.values import type_name

_MAX_NUMBER = 1_000_000
"""The largest width or precision to which Go takes a further digit."""
_FLAGS = "#0+- "
_ITEMS_WRITTEN_PER_STEP = 4


@dataclass(slots=True)
class _Cursor:
    """Where the formatting is: in the format, and in its arguments."""

    format: str
    position: int = 0
    argument: int = 0
    reordered: bool = False
    """An explicit index such as ``%[1]d`` was used in this verb."""
    ever_reordered: bool = False
    good: bool = True
    after_index: bool = False


def sprintf(layout: str, argument: object, run: Run) -> str:
    """Return the layout with the argument written into it."""
    cursor, out, layout = _Cursor(runes(layout)), [], runes(layout)
    note = _notes(run)
    written = 0
    while cursor.position < len(layout):
        percent = layout.find("%", cursor.position)
        percent = len(layout) if percent < 0 else percent
        piece = layout[cursor.position : percent]
        cursor.position = percent
        if not piece:
            cursor.position += 1
            piece = _verb(cursor, argument, run, note)
        written += len(piece)
        run.bound(written)
        run.reserve(len(piece))
        out.append(piece)
    if not cursor.ever_reordered and cursor.argument < 1:
        shown = "<nil>"
        if argument is not None:
            shown = f"{type_name(argument)}={write_value(argument, 'v', Flags(note=note))}"
        out.append(f"%!(EXTRA {shown})")
    return "".join(out)


def _notes(run: Run) -> Callable[[int], None]:
    """Return what counts the work of writing the things within a list, map or structure."""
    items = characters = 0

    def note(added: int) -> None:
        nonlocal items, characters
        items, characters = items + 1, characters + added
        run.bound(characters)
        run.spend(added // CHARACTERS_PER_STEP + (items % _ITEMS_WRITTEN_PER_STEP == 0))

    return note


def _verb(cursor: _Cursor, argument: object, run: Run, note: Callable[[int], None]) -> str:
    """Read one verb with its flags, behind the ``%``, and write its value."""
    layout = cursor.format
    flags = Flags(note=note)
    cursor.good, cursor.reordered, cursor.after_index = True, False, False
    _read_flags(cursor, flags)
    _read_index(cursor)
    complaint = _read_width(cursor, flags, argument)
    complaint += _read_precision(cursor, flags, argument)
    if not cursor.after_index:
        _read_index(cursor)
    if cursor.position >= len(layout):
        return complaint + "%!(NOVERB)"
    verb = layout[cursor.position]
    cursor.position += 1
    if verb == "%":
        return complaint + "%"
    if not cursor.good:
        return f"{complaint}%!{verb}(BADINDEX)"
    if cursor.argument >= 1:
        return f"{complaint}%!{verb}(MISSING)"
    cursor.argument += 1
    run.reserve(max(flags.width or 0, flags.precision or 0))
    if verb == "v":
        flags.go_syntax, flags.field_names = flags.sharp, flags.plus
        flags.sharp = flags.plus = False
    return complaint + write_value(argument, verb, flags)


def _read_flags(cursor: _Cursor, flags: Flags) -> None:
    layout = cursor.format
    while cursor.position < len(layout) and layout[cursor.position] in _FLAGS:
        match layout[cursor.position]:
            case "#":
                flags.sharp = True
            case "0":
                flags.zero = True
            case "+":
                flags.plus = True
            case "-":
                flags.minus = True
            case _:
                flags.space = True
        cursor.position += 1


def _read_number(cursor: _Cursor) -> int | None:
    begin = cursor.position
    layout = cursor.format
    while cursor.position < len(layout) and "0" <= layout[cursor.position] <= "9":
        if int(layout[begin : cursor.position] or "0") > _MAX_NUMBER:
            cursor.position = len(layout)
            return None
        cursor.position += 1
    return int(layout[begin : cursor.position]) if cursor.position > begin else None


def _read_index(cursor: _Cursor) -> None:
    """Read ``[n]``, which says which argument is meant: there is only the first."""
    layout = cursor.format
    if cursor.position >= len(layout) or layout[cursor.position] != "[":
        return
    cursor.reordered = cursor.ever_reordered = True
    end = layout.find("]", cursor.position + 1)
    digits = layout[cursor.position + 1 : end] if end >= 0 else ""
    cursor.position = end + 1 if end >= 0 else cursor.position + 1
    if digits.isascii() and digits.isdigit() and len(digits) < 8 and int(digits) == 1:
        cursor.argument = 0
        cursor.after_index = True
    else:
        cursor.good = False


def _star(cursor: _Cursor, argument: object) -> int | None:
    """Take the argument as the number that ``*`` stands for."""
    cursor.position += 1
    if cursor.argument >= 1:
        return None
    cursor.argument += 1
    if isinstance(argument, int) and not isinstance(argument, bool) and abs(argument) <= _MAX_NUMBER:
        return int(argument)
    return None


def _read_width(cursor: _Cursor, flags: Flags, argument: object) -> str:
    if cursor.format[cursor.position : cursor.position + 1] == "*":
        number = _star(cursor, argument)
        cursor.after_index = False
        if number is None:
            return "%!(BADWIDTH)"
        flags.width = abs(number)
        if number < 0:
            flags.minus, flags.zero = True, False
        return ""
    begin = cursor.position
    flags.width = _read_number(cursor)
    if cursor.after_index and cursor.position > begin:
        cursor.good = False
    return ""


def _read_precision(cursor: _Cursor, flags: Flags, argument: object) -> str:
    if cursor.format[cursor.position : cursor.position + 1] != "." or cursor.position + 1 == len(
        cursor.format
    ):
        return ""
    cursor.position += 1
    if cursor.after_index:
        cursor.good = False
    _read_index(cursor)
    if cursor.format[cursor.position : cursor.position + 1] == "*":
        number = _star(cursor, argument)
        cursor.after_index = False
        flags.precision = number if number is not None and number >= 0 else None
        return "%!(BADPREC)" if number is None else ""
    number = _read_number(cursor)
    flags.precision = 0 if number is None else number
    return ""
