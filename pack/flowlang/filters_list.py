"""Filters for lists, and for what has a length."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pack.flowlang.errors import EngineText, Refusal
from pack.flowlang.expressions import Filter
from pack.flowlang.kinds import TEXT_LIST, Items, runes
from pack.flowlang.run import Run
from pack.flowlang.values import can_slice, integer, length, text, truth

_ITEMS_WRITTEN_PER_STEP = 4


def item(value: object, index: int) -> object:
    """Return an item of a list (nothing beyond its end) or a character of a text (empty beyond its end).

    Raises:
        Refusal: the index is negative.
    """
    if index < 0:
        raise Refusal(f"{index} is no place in a list or text: places are counted from 0")
    if isinstance(value, Items):
        return value.at(index) if index < len(value) else None
    return runes(text(value)[index : index + 1])


def default(value: object, argument: object, run: Run) -> object:
    """Return the argument in place of everything that counts as false."""
    return value if truth(value) else argument


def default_if_none(value: object, argument: object, run: Run) -> object:
    """Return the argument in place of nothing."""
    return argument if value is None else value


def first(value: object, argument: object, run: Run) -> object:
    """Return the first item or character."""
    return item(value, 0) if can_slice(value) and length(value) else ""


def last(value: object, argument: object, run: Run) -> object:
    """Return the last item or character."""
    return item(value, length(value) - 1) if can_slice(value) and length(value) else ""


def join(value: object, argument: object, run: Run) -> object:
    """Return the items, or the characters of a text, as one text with the argument between them."""
    if not can_slice(value):
        return value
    run.spend(length(value) // _ITEMS_WRITTEN_PER_STEP)
    parts = [text(part) for part in value] if isinstance(value, Items) else list(runes(text(value)))
    separator = text(argument)
    run.reserve(sum(map(len, parts)) + len(separator) * max(0, len(parts) - 1))
    return separator.join(parts)


def length_of(value: object, argument: object, run: Run) -> object:
    """Return how many items or characters there are; 0 of what has none."""
    return length(value)


def length_is(value: object, argument: object, run: Run) -> object:
    """Say whether there are that many items or characters."""
    return length(value) == integer(argument)


def make_list(value: object, argument: object, run: Run) -> object:
    """Return the characters of what the value prints as."""
    run.reserve(len(text(value)))
    return Items(list(runes(text(value))), TEXT_LIST)


def split(value: object, argument: object, run: Run) -> object:
    """Return the parts of a text between a separator; without one, its characters."""
    whole, separator = text(value), text(argument)
    run.reserve(len(whole))
    return Items(whole.split(separator) if separator else list(runes(whole)), TEXT_LIST)


def random(value: object, argument: object, run: Run) -> object:
    """Return one item or character by chance."""
    if not can_slice(value) or length(value) == 0:
        return value
    return item(value, run.random_below(length(value)))


def slice_of(value: object, argument: object, run: Run) -> object:
    """Return ``from:to`` of a list or text. An end of 0, or before the beginning, is the value's end.

    Raises:
        Refusal: the argument has not exactly one colon, or begins negative.
    """
    ends = text(argument).split(":")
    if len(ends) != 2:
        raise Refusal(
            f"|slice needs 'from:to', not {text(argument)!r}",
            engine_text=EngineText(
                "Slice string must have the format 'from:to' [from/to can be omitted, but the ':' "
                "is required]",
                "filter:slice",
                "",
            ),
        )
    if not can_slice(value):
        return value
    size = length(value)
    begin, end, wanted = min(integer(ends[0]), size), size, integer(ends[1])
    if begin <= wanted <= size:
        end = wanted
    if begin < 0:
        raise Refusal(
            "|slice cannot begin before the first item: a negative place does not count from the end"
        )
    return value.part(begin, end) if isinstance(value, Items) else runes(text(value)[begin:end])


LIST_FILTERS: Mapping[str, Filter] = MappingProxyType(
    {
        "default": default,
        "default_if_none": default_if_none,
        "first": first,
        "last": last,
        "join": join,
        "length": length_of,
        "length_is": length_is,
        "make_list": make_list,
        "random": random,
        "slice": slice_of,
        "split": split,
    }
)
