"""The filters that Flyte adds to the language: ``key``, ``index``, ``match`` and the like."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pack.flowlang.cron import is_due
from pack.flowlang.errors import Refusal
from pack.flowlang.expressions import Filter
from pack.flowlang.filters_list import item
from pack.flowlang.gotime import parse_rfc3339
from pack.flowlang.kinds import ANY_MAP, MISSING, Entries
from pack.flowlang.patterns import found, groups, substituted, work
from pack.flowlang.run import Run
from pack.flowlang.strings import trim
from pack.flowlang.values import can_slice, integer, kind, length, text

_STEPS_OF_A_MOMENT = 2


def key(value: object, argument: object, run: Run) -> object:
    """Return the value of a key, whatever characters it has; nothing when there is none.

    Raises:
        Refusal: the value is neither a map nor nothing.
    """
    if value is None:
        return None
    if not isinstance(value, Entries):
        raise Refusal(f"|key is asked of a {kind(value)}: only maps have keys")
    found_value = value.get(text(argument))
    return None if found_value is MISSING else found_value


def index(value: object, argument: object, run: Run) -> object:
    """Return the item of a list, or the character of a text, at a place counted from 0.

    Raises:
        Refusal: the place is negative.
    """
    if can_slice(value) and length(value) > 0:
        return item(value, integer(argument))
    return ""


def match(value: object, argument: object, run: Run) -> object:
    """Say whether a regular expression occurs in the text; a broken one never does."""
    try:
        steps = work(text(argument), text(value))
    except Refusal:
        return False
    run.spend(steps)
    return found(text(argument), text(value))


def extract_match(value: object, argument: object, run: Run) -> object:
    """Return what the first group of a regular expression found, or else the text unchanged.

    Raises:
        Refusal: the regular expression is broken.
    """
    run.spend(work(text(argument), text(value)))
    matched = groups(text(argument), text(value))
    return matched[0] if matched else text(value)


def kvp(value: object, argument: object, run: Run) -> object:
    """Return ``a=1, b=2`` as a map; whatever has not exactly one ``=`` is left out."""
    run.read(text(value))
    pairs = (pair.split("=") for pair in text(value).split(","))
    return Entries({trim(pair[0]): trim(pair[1]) for pair in pairs if len(pair) == 2}, ANY_MAP)


def matches_cron(value: object, argument: object, run: Run) -> object:
    """Say whether a moment, written as in RFC 3339, is one of a cron expression's.

    Raises:
        Refusal: it is no such moment, or the expression is broken.
    """
    moment = parse_rfc3339(text(value))
    if moment is None:
        raise Refusal(f"{text(value)!r} is no date as in 2006-01-02T15:04:05Z (RFC 3339)")
    run.spend(_STEPS_OF_A_MOMENT)
    run.read(text(argument))
    return is_due(text(argument), moment)


def remove_duplicate_white_space(value: object, argument: object, run: Run) -> object:
    """Return the text with one space for every run of white space, and none at the end."""
    return substituted(r"\s+", " ", text(value)).rstrip(" ")


def safe_copy_paste(value: object, argument: object, run: Run) -> object:
    """Return the text with spaces instead of no-break spaces."""
    return text(value).replace("\u00a0", " ")


FLOW_FILTERS: Mapping[str, Filter] = MappingProxyType(
    {
        "key": key,
        "index": index,
        "match": match,
        "extractMatch": extract_match,
        "kvp": kvp,
        "matchesCron": matches_cron,
        "removedupwhitespaces": remove_duplicate_white_space,
        "safecopypaste": safe_copy_paste,
    }
)
