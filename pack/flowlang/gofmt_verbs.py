"""How ``fmt`` writes one value by one verb."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace

from pack.flowlang.kinds import Byte, Entries, Items, Record, to_bytes
from pack.flowlang.values import type_name

_INTEGER_VERBS = "vdboOxXcqU"
_FLOAT_VERBS = "veEfFgGbxX"
_STRING_VERBS = "vsxXq"
_BASES = {"d": 10, "v": 10, "b": 2, "o": 8, "O": 8, "x": 16, "X": 16}
_LARGEST_RUNE = 0x10FFFF
_EXPONENT_BELOW, _EXPONENT_FROM = -4, 6


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
    width: int | None = None
    precision: int | None = None

    def pad(self, shown: str, *, zeros: bool = True) -> str:
        """Return a text brought to the width."""
        if self.width is None:
            return shown
        if self.minus:
            return shown.ljust(self.width)
        return shown.rjust(self.width, "0" if self.zero and zeros else " ")


def write_value(value: object, verb: str, flags: Flags, depth: int = 0) -> str:
    """Return a value written by a verb; a verb that its type does not have is written as Go complains."""
    if verb == "T":
        return flags.pad(type_name(value))
    if value is None:
        if depth:
            return "interface {}(nil)" if flags.go_syntax else "<nil>"
        return flags.pad("<nil>") if verb == "v" else _bad(value, verb, flags)
    if isinstance(value, bool):
        return flags.pad("true" if value else "false") if verb in "tv" else _bad(value, verb, flags)
    if isinstance(value, str):
        return _text(str(value), verb, flags) if verb in _STRING_VERBS else _bad(value, verb, flags)
    if isinstance(value, int):
        return _integer(value, verb, flags) if verb in _INTEGER_VERBS else _bad(value, verb, flags)
    if isinstance(value, float):
        return _float(value, verb, flags) if verb in _FLOAT_VERBS else _bad(value, verb, flags)
    if verb == "w":
        return _bad(value, verb, flags)
    if isinstance(value, Items):
        return _items(value, verb, flags, depth)
    if isinstance(value, Entries):
        return _entries(value, verb, flags, depth)
    if isinstance(value, Record):
        return _text(value.text(), verb, flags) if verb in _STRING_VERBS else _bad(value, verb, flags)
    return _bad(value, verb, flags)


def _bad(value: object, verb: str, flags: Flags) -> str:
    if value is None:
        return f"%!{verb}(<nil>)"
    return f"%!{verb}({type_name(value)}={write_value(value, 'v', flags)})"


def _items(value: Items, verb: str, flags: Flags, depth: int) -> str:
    inner = [write_value(item, verb, flags, depth + 1) for item in value]
    if flags.go_syntax:
        return f"{value.type_name}{{{', '.join(inner)}}}"
    return "[" + " ".join(inner) + "]"


def _entries(value: Entries, verb: str, flags: Flags, depth: int) -> str:
    inner = []
    for key in sorted(value.keys()):
        shown = write_value(value.get(key), verb, flags, depth + 1)
        inner.append(f"{write_value(key, verb, flags, depth + 1)}:{shown}")
    if flags.go_syntax:
        return f"{value.type_name}{{{', '.join(inner)}}}"
    return "map[" + " ".join(inner) + "]"


def _text(value: str, verb: str, flags: Flags) -> str:
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
        + "".join(_escaped(character, '"', ascii_only=flags.plus and verb == "q") for character in value)
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


def _escaped(character: str, quotation_mark: str, *, ascii_only: bool = False) -> str:
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


def _integer(value: int, verb: str, flags: Flags) -> str:
    number = int(value)
    if flags.go_syntax and isinstance(value, Byte):
        return flags.pad(f"0x{number:x}")
    if verb == "c":
        return flags.pad(_rune(number), zeros=False)
    if verb == "q":
        return flags.pad("'" + _escaped(_rune(number), "'", ascii_only=flags.plus) + "'")
    if verb == "U":
        return _code_point(number, flags)
    base = _BASES[verb]
    digits = _in_base(abs(number), base)
    if verb == "X":
        digits = digits.upper()
    precision = flags.precision
    if precision is not None:
        if precision == 0 and number == 0:
            return replace(flags, zero=False).pad("")
        digits = digits.rjust(precision, "0")
    elif flags.zero and flags.width is not None and not flags.minus:
        signed = number < 0 or flags.plus or flags.space
        digits = digits.rjust(flags.width - (1 if signed else 0), "0")
    if flags.sharp:
        prefix = {2: "0b", 8: "0", 16: "0" + verb}.get(base, "")
        digits = digits if base == 8 and digits.startswith("0") else prefix + digits
    if verb == "O":
        digits = "0o" + digits
    sign = "-" if number < 0 else "+" if flags.plus else " " if flags.space else ""
    return flags.pad(sign + digits, zeros=False)


def _in_base(number: int, base: int) -> str:
    return format(number, {2: "b", 8: "o", 10: "d", 16: "x"}[base])


def _rune(number: int) -> str:
    if not 0 <= number <= _LARGEST_RUNE or 0xD800 <= number <= 0xDFFF:
        return "\ufffd"
    return chr(number)


def _code_point(number: int, flags: Flags) -> str:
    shown = f"U+{number % (1 << 64):04X}"
    if flags.precision is not None and flags.precision > 4:
        shown = f"U+{number % (1 << 64):0{flags.precision}X}"
    if flags.sharp and 0 <= number <= _LARGEST_RUNE and _rune(number).isprintable():
        shown += f" '{_rune(number)}'"
    return flags.pad(shown, zeros=False)


def _float(value: float, verb: str, flags: Flags) -> str:
    if math.isnan(value) or math.isinf(value):
        shown = "NaN" if math.isnan(value) else "Inf"
        sign = "-" if value < 0 else "+" if flags.plus else " " if flags.space else ""
        if not sign and math.isinf(value):
            sign = "+"
        return flags.pad(sign + shown, zeros=False)
    sign = "-" if math.copysign(1, value) < 0 else "+" if flags.plus else " " if flags.space else ""
    digits = _float_digits(abs(value), verb, flags)
    if flags.sharp and verb in "vgGxX":
        digits = _with_zeros(digits, verb, flags.precision)
    if flags.zero and flags.width is not None and not flags.minus:
        return sign + digits.rjust(flags.width - len(sign), "0")
    return flags.pad(sign + digits)


def _float_digits(value: float, verb: str, flags: Flags) -> str:
    precision = flags.precision
    if verb in "fF":
        shown = f"{value:.{6 if precision is None else precision}f}"
        return shown + "." if flags.sharp and "." not in shown else shown
    if verb in "eE":
        shown = f"{value:.{6 if precision is None else precision}e}"
        return shown.upper() if verb == "E" else shown
    if verb == "b":
        mantissa, exponent = math.frexp(value)
        bits = int(mantissa * 2**53)
        return f"{bits}p{exponent - 53:+d}" if value else "0p-1074"
    if verb in "xX":
        return _hexadecimal_float(value, verb)
    return _general(value, verb, flags)


def _with_zeros(digits: str, verb: str, precision: int | None) -> str:
    """Return a number with a decimal point, and with zeros up to as many digits as were asked for."""
    mark = "p" if verb in "xX" else "e"
    mantissa, mark, exponent = digits.lower().partition(mark)
    if "." not in mantissa:
        mantissa += "."
    significant = mantissa.replace("0x", "").replace(".", "").lstrip("0")
    wanted = 6 if precision is None else precision
    wanted -= 1 if verb in "xX" and precision is None else 0
    mantissa += "0" * (wanted - max(1, len(significant)))
    shown = mantissa + mark + exponent
    return shown.upper() if verb in "XG" else shown


def _hexadecimal_float(value: float, verb: str) -> str:
    if not value:
        shown = "0x0p+00"
    else:
        mantissa, exponent = value.hex().split("p")
        mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
        shown = f"{mantissa}p{int(exponent):+03d}"
    return shown.upper() if verb == "X" else shown


def _general(value: float, verb: str, flags: Flags) -> str:
    """``%g`` and ``%v``: the shortest digits that are this number, or as many as the precision says."""
    if flags.precision is None:
        digits, exponent = _shortest(value)
        threshold = _EXPONENT_FROM
    else:
        threshold = max(1, flags.precision)
        mantissa, _, tens = f"{value:.{threshold - 1}e}".partition("e")
        digits, exponent = mantissa.replace(".", "").rstrip("0") or "0", int(tens)
        if threshold > len(digits) >= exponent + 1:
            threshold = len(digits)
    if exponent < _EXPONENT_BELOW or exponent >= threshold:
        shown = digits[0] + ("." + digits[1:] if len(digits) > 1 else "") + f"e{exponent:+03d}"
        return shown.upper() if verb == "G" else shown
    if exponent < 0:
        return "0." + "0" * (-exponent - 1) + digits
    whole = digits[: exponent + 1].ljust(exponent + 1, "0")
    return whole + ("." + digits[exponent + 1 :] if len(digits) > exponent + 1 else "")


def _shortest(value: float) -> tuple[str, int]:
    mantissa, _, power = f"{value!r}".partition("e") if "e" in repr(value) else (repr(value), "", "0")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    leading = len(whole + fraction) - len(digits) if digits else 0
    exponent = len(whole) - 1 - leading + int(power) if digits else 0
    return digits.rstrip("0") or "0", exponent
