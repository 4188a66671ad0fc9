"""How ``fmt`` writes one value by one verb."""

from __future__ import annotations

import math
from dataclasses import replace

from pack.flowlang.gofmt_texts import Flags, escaped, write_text
from pack.flowlang.kinds import BYTE_LIST, Byte, Entries, GoInteger, Items, Record, byte_string, from_bytes
from pack.flowlang.moments import MomentValue
from pack.flowlang.values import type_name

_INTEGER_VERBS = "vdboOxXcqU"
_FLOAT_VERBS = "veEfFgGbxX"
_STRING_VERBS = "vsxXq"
_BYTES_VERBS = "sxXq"
_BASES = {"d": 10, "v": 10, "b": 2, "o": 8, "O": 8, "x": 16, "X": 16}
_POINTER_VERBS = "bdo"
_SECONDS_TO_1970 = 62_135_596_800
_LARGEST_RUNE = 0x10FFFF
_EXPONENT_BELOW, _EXPONENT_FROM = -4, 6


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
        return write_text(str(value), verb, flags) if verb in _STRING_VERBS else _bad(value, verb, flags)
    if isinstance(value, GoInteger) and verb in _STRING_VERBS and not flags.go_syntax:
        word = value.word()
        if word is not None:
            return write_text(word, verb, flags)
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
        return _record(value, verb, flags, depth)
    return _bad(value, verb, flags)


def _record(value: Record, verb: str, flags: Flags, depth: int) -> str:
    if value.layout():
        return _fields(value, verb, flags, depth) if verb != "p" else _bad(value, verb, flags)
    if isinstance(value, MomentValue):
        if flags.go_syntax:
            return value.go_text()
        if verb not in _STRING_VERBS:
            return _moment(value, verb, flags)
    return write_text(value.text(), verb, flags) if verb in _STRING_VERBS else _bad(value, verb, flags)


def _fields(value: Record, verb: str, flags: Flags, depth: int) -> str:
    inner = []
    for name, field in value.layout():
        shown = _inner(field, verb, flags, depth)
        inner.append(f"{name}:{shown}" if flags.go_syntax or flags.field_names else shown)
    if flags.go_syntax:
        return f"{value.type_name}{{{', '.join(inner)}}}"
    return "{" + " ".join(inner) + "}"


def _moment(value: MomentValue, verb: str, flags: Flags) -> str:
    """Return what a time is made of: nanoseconds, seconds since the year 1, and a pointer to its zone."""
    moment = value.moment
    seconds = moment.unix() + _SECONDS_TO_1970
    if verb in _INTEGER_VERBS:
        parts = [_integer(moment.nanosecond, verb, flags), _integer(seconds, verb, flags)]
    else:
        parts = [f"%!{verb}(uint64={moment.nanosecond})", f"%!{verb}(int64={seconds})"]
    zone = _integer(0, verb, flags) if verb in _POINTER_VERBS else f"%!{verb}(*time.Location=<nil>)"
    return f"{{{' '.join([*parts, zone])}}}"


def _bad(value: object, verb: str, flags: Flags) -> str:
    if value is None:
        return f"%!{verb}(<nil>)"
    shown = int(value) if isinstance(value, GoInteger) else value
    return f"%!{verb}({type_name(value)}={write_value(shown, 'v', flags)})"


def _inner(value: object, verb: str, flags: Flags, depth: int) -> str:
    shown = write_value(value, verb, flags, depth + 1)
    flags.note(0 if isinstance(value, (Items, Entries)) else len(shown))
    return shown


def _items(value: Items, verb: str, flags: Flags, depth: int) -> str:
    type_name = value.type_name
    if type_name == BYTE_LIST:
        if verb in _BYTES_VERBS:
            flags.note(len(value))
            return write_text(from_bytes(byte_string(value)), verb, flags)
        type_name = "[]byte"
    inner = [_inner(item, verb, flags, depth) for item in value]
    if flags.go_syntax:
        return f"{type_name}{{{', '.join(inner)}}}"
    return "[" + " ".join(inner) + "]"


def _entries(value: Entries, verb: str, flags: Flags, depth: int) -> str:
    inner = []
    for key in sorted(value.keys()):
        shown = _inner(value.get(key), verb, flags, depth)
        inner.append(f"{_inner(key, verb, flags, depth)}:{shown}")
    if flags.go_syntax:
        return f"{value.type_name}{{{', '.join(inner)}}}"
    return "map[" + " ".join(inner) + "]"


def _integer(value: int, verb: str, flags: Flags) -> str:
    number = int(value)
    if flags.go_syntax and isinstance(value, Byte):
        return flags.pad(f"0x{number:x}")
    if verb == "c":
        return flags.pad(_rune(number), zeros=False)
    if verb == "q":
        return flags.pad("'" + escaped(_rune(number), "'", ascii_only=flags.plus) + "'")
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
