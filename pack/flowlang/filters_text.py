"""Filters for texts and numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import quote_plus

from pack.flowlang.errors import EngineText, Refusal
from pack.flowlang.expressions import Filter
from pack.flowlang.kinds import Byte, joined, runes, to_bytes
from pack.flowlang.run import Run
from pack.flowlang.strings import fields, lower, title, upper, upper_character
from pack.flowlang.values import float_text, integer, is_float, is_number, length, number, text, wrap
from pack.flowlang.values import truth as is_true

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_PHONE_DIGITS = "22233344455566677778889999"
_PHONE = str.maketrans(_LETTERS + _LETTERS.upper(), _PHONE_DIGITS * 2)
_KEPT_BY_IRIENCODE = re.compile(r"[^/#%\[\]=:;$&()+,!?*@'~]")
_ELLIPSIS = "..."


def add(value: object, argument: object, run: Run) -> object:
    """Return the sum of two numbers; of anything else the texts, joined."""
    if is_number(value) and is_number(argument):
        if is_float(value) or is_float(argument):
            return number(value) + number(argument)
        return wrap(integer(value) + integer(argument))
    return joined(text(value) + text(argument))


def addslashes(value: object, argument: object, run: Run) -> object:
    """Return the text with a backslash before backslashes and quotation marks."""
    return text(value).replace("\\", "\\\\").replace('"', '\\"').replace("'", "\\'")


def capfirst(value: object, argument: object, run: Run) -> object:
    """Return the text with a capital at its beginning; of what has no length, nothing."""
    if length(value) == 0:
        return ""
    whole = text(value)
    return upper_character(runes(whole[0])) + whole[1:]


def center(value: object, argument: object, run: Run) -> object:
    """Return the text in the middle of a width."""
    spaces = integer(argument) - length(value)
    if spaces <= 0:
        return value
    run.reserve(spaces)
    half = spaces // 2
    return " " * (half + spaces % 2) + text(value) + " " * half


def cut(value: object, argument: object, run: Run) -> object:
    """Return the text without every occurrence of another."""
    removed = text(argument)
    return text(value).replace(removed, "") if removed else text(value)


def divisible_by(value: object, argument: object, run: Run) -> object:
    """Say whether a whole number can be divided by another without a rest."""
    divisor = integer(argument)
    return divisor != 0 and integer(value) % divisor == 0


def to_float(value: object, argument: object, run: Run) -> object:
    """Return the value as a float."""
    return number(value)


def to_integer(value: object, argument: object, run: Run) -> object:
    """Return the value as a whole number, cut towards zero."""
    return integer(value)


def floatformat(value: object, argument: object, run: Run) -> object:
    """Return a number with so many decimals; without, or with at most 0, whole numbers have none."""
    decimals = -1 if argument is None else integer(argument)
    if decimals <= 0 or not is_number(argument):
        decimals = abs(decimals)
        if float(wrap(integer(number(value)))) == number(value):
            return integer(value)
    run.reserve(decimals)
    return float_text(number(value), decimals)


def get_digit(value: object, argument: object, run: Run) -> object:
    """Return a digit, counted from the right from 1, or the value itself when there is no such digit."""
    digits, place = to_bytes(text(value)), integer(argument)
    if place <= 0 or place > len(digits):
        return value
    return Byte((digits[len(digits) - place] - ord("0")) % 256)


def ljust(value: object, argument: object, run: Run) -> object:
    """Return the text with spaces behind it, up to a width."""
    spaces = max(0, wrap(integer(argument) - length(value)))
    run.reserve(spaces)
    return text(value) + " " * spaces


def lower_case(value: object, argument: object, run: Run) -> object:
    """Return the text in small letters."""
    return lower(text(value))


def upper_case(value: object, argument: object, run: Run) -> object:
    """Return the text in capitals."""
    return upper(text(value))


def title_case(value: object, argument: object, run: Run) -> object:
    """Return the text with every word beginning with a capital; of what is no text, nothing."""
    if not isinstance(value, str):
        return ""
    run.reserve(len(value))
    run.read(value)
    return title(lower(value))


def phone_to_numeric(value: object, argument: object, run: Run) -> object:
    """Return the text with the digits that a telephone has for its letters."""
    return text(value).translate(_PHONE)


def pluralize(value: object, argument: object, run: Run) -> object:
    """Return the ending that a number needs: ``s``, or one of ``one,many``.

    Raises:
        Refusal: the value is no number, or there are more than two endings.
    """
    if not is_number(value):
        raise Refusal(
            "|pluralize is asked of what is no number",
            engine_text=EngineText("filter 'pluralize' does only work on numbers", "filter:pluralize", ""),
        )
    endings = text(argument).split(",") if length(argument) else ["", "s"]
    if len(endings) > 2:
        raise Refusal(
            "|pluralize takes at most two endings",
            engine_text=EngineText(
                "you cannot pass more than 2 arguments to filter 'pluralize'", "filter:pluralize", ""
            ),
        )
    one, many = endings if len(endings) == 2 else ("", endings[0])
    return one if integer(value) == 1 else many


def truncate_characters(value: object, argument: object, run: Run) -> object:
    """Return at most so many characters, ending in ``...`` where something is missing.

    Raises:
        Refusal: the length is negative.
    """
    whole, size = runes(text(value)), integer(argument)
    if size >= len(whole):
        return whole
    if size < 0:
        raise Refusal(f"|truncatechars cannot leave {size} characters")
    return whole[: size - len(_ELLIPSIS)] + _ELLIPSIS if size >= len(_ELLIPSIS) else whole[:size]


def truncate_words(value: object, argument: object, run: Run) -> object:
    """Return at most so many words, then ``...`` where something is missing."""
    words, count = fields(text(value)), integer(argument)
    if count <= 0:
        return ""
    return " ".join(words[:count] + ([_ELLIPSIS] if count < len(words) else []))


def iriencode(value: object, argument: object, run: Run) -> object:
    """Return the text with everything encoded that an address cannot have, leaving its separators."""
    whole = runes(text(value))
    run.reserve(4 * len(whole))
    return _KEPT_BY_IRIENCODE.sub(lambda found: quote_plus(found[0], safe="~"), whole)


def urlencode(value: object, argument: object, run: Run) -> object:
    """Return the text as a part of an address' query; a space becomes ``+``."""
    run.reserve(4 * len(text(value)))
    return quote_plus(to_bytes(text(value)), safe="~")


def word_count(value: object, argument: object, run: Run) -> object:
    """Return how many words there are."""
    return len(fields(text(value)))


def word_wrap(value: object, argument: object, run: Run) -> object:
    """Return lines of so many words.

    Raises:
        Refusal: Flyte reckons with more lines than there are words for, and fails.
    """
    words, width = fields(text(value)), integer(argument)
    if width <= 0:
        return value
    lines = len(words) // width + len(words) % width
    if lines and (lines - 1) * width > len(words):
        raise Refusal(f"|wordwrap:{width} fails in Flyte on a text of {len(words)} words")
    return "\n".join(" ".join(words[width * line : width * (line + 1)]) for line in range(lines))


def yesno(value: object, argument: object, run: Run) -> object:
    """Return one of three texts, for true, false and nothing.

    Raises:
        Refusal: the argument names one, or more than three.
    """
    choices = text(argument).split(",") if text(argument) else ["yes", "no", "maybe"]
    if not 2 <= len(choices) <= 3:
        amount = "more than 3 options to" if len(choices) > 3 else "either no or at least 2 arguments to"
        verb = "cannot" if len(choices) > 3 else "must"
        raise Refusal(
            f"|yesno takes two or three texts, not {len(choices)}",
            engine_text=EngineText(
                f"You {verb} pass {amount} the 'yesno'-filter (got: '{text(argument)}').", "filter:yesno", ""
            ),
        )
    if value is None:
        return choices[2] if len(choices) == 3 else "maybe"
    return choices[0] if is_true(value) else choices[1]


TEXT_FILTERS: Mapping[str, Filter] = MappingProxyType(
    {
        "add": add,
        "addslashes": addslashes,
        "capfirst": capfirst,
        "center": center,
        "cut": cut,
        "divisibleby": divisible_by,
        "float": to_float,
        "floatformat": floatformat,
        "get_digit": get_digit,
        "integer": to_integer,
        "iriencode": iriencode,
        "ljust": ljust,
        "lower": lower_case,
        "phone2numeric": phone_to_numeric,
        "pluralize": pluralize,
        "title": title_case,
        "truncatechars": truncate_characters,
        "truncatewords": truncate_words,
        "upper": upper_case,
        "urlencode": urlencode,
        "wordcount": word_count,
        "wordwrap": word_wrap,
        "yesno": yesno,
    }
)
