"""Filters that fail, or do something else than their namesakes elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from types import MappingProxyType

from pack.authoring.lint.findings import Rule, Severity
from pack.authoring.lint.templates.reading import Reading, Remark
from pack.authoring.lint.templates.shapes import NUMBERS, Shape, Shapes, is_certainly
from pack.authoring.lint.templates.types import shapes
from pack.flowlang.cron import is_due
from pack.flowlang.errors import Refusal
from pack.flowlang.expressions import FilterCall, Filtered, Literal
from pack.flowlang.gotime import Moment
from pack.flowlang.tags_text import Now, WidthRatio
from pack.flowlang.tree import Expression
from pack.flowlang.values import integer

BAD_SLICE = Rule("bad-slice", Severity.ERROR, "A slice cannot be read, or begins before the first item.")
ODD_SLICE = Rule("odd-slice", Severity.WARNING, "A slice is empty, or the whole, whatever is sliced.")
DATE = Rule("date-of-text", Severity.ERROR, "A date is formatted that is a text or number and no time.")
LAYOUT = Rule("date-layout", Severity.WARNING, "A date's layout has nothing of Go's reference time in it.")
CRON = Rule("bad-cron", Severity.ERROR, "matchesCron cannot read its cron expression, or the time.")
DEFAULT = Rule("default-replaces-false", Severity.WARNING, "A default replaces false and 0 as well.")
JOIN = Rule("join-of-text", Severity.WARNING, "A text is joined, which goes between its characters.")
FORMAT = Rule("odd-stringformat", Severity.WARNING, "stringformat cannot write this value in this format.")
CHOICES = Rule("odd-choices", Severity.ERROR, "yesno or pluralize cannot choose by what it is given.")
KEY = Rule("key-of-text", Severity.ERROR, "A key is asked of what is no map, which skips the step.")
NEGATIVE = Rule("negative-argument", Severity.ERROR, "A filter that counts from 0 is given less than that.")
WORDWRAP = Rule("wordwrap-of-words", Severity.WARNING, "wordwrap counts words, and fails for many texts.")
WIDTHRATIO = Rule("widthratio-rounds-up", Severity.NOTE, "widthratio rounds otherwise than Django's.")

RULES = (
    BAD_SLICE,
    ODD_SLICE,
    DATE,
    LAYOUT,
    CRON,
    DEFAULT,
    JOIN,
    FORMAT,
    CHOICES,
    KEY,
    NEGATIVE,
    WORDWRAP,
    WIDTHRATIO,
)

_GO_LAYOUT = re.compile(r"2006|06|01|02|15|03|04|05|Jan|Mon|MST|PM|pm|Z07|-07|[_ ]2|\b[1-6]\b|3:04")
_WHOLE_VERB = re.compile(r"%[-+ #0]*[0-9]*[dxXobcU]")
_MOMENT = Moment.of(datetime(2022, 11, 21, 10, 40, tzinfo=UTC))
_TEXT: Shapes = frozenset({Shape.TEXT})

Found = tuple[Rule, str, str]
_Judge = Callable[[Reading, Expression, FilterCall], Iterator[Found]]


def remarks(reading: Reading) -> Iterator[Remark]:
    """Yield filters that fail or surprise."""
    for node in reading.nodes:
        if isinstance(node, Filtered):
            for number, call in enumerate(node.filters):
                before = node.filters[:number]
                value = Filtered(node.token, node.value, before) if before else node.value
                for rule, message, advice in _judged(reading, value, call):
                    yield Remark(rule, message, advice, call.token.offset)
        elif isinstance(node, Now) and node.layout and not _GO_LAYOUT.search(node.layout):
            message, advice = _layout(node.layout, f"{{% now {reading.writer.text('2006-01-02 15:04')} %}}")
            yield Remark(LAYOUT, message, advice, node.token.offset)
        elif isinstance(node, WidthRatio):
            message = "widthratio adds a half and then rounds up: 100 of 200 times 100 is 51"
            advice = "reckon yourself: {% set part = a * 100 / b %}{{ part|floatformat:0 }}"
            yield Remark(WIDTHRATIO, message, advice, node.token.offset)


def _judged(reading: Reading, value: Expression, call: FilterCall) -> Iterator[Found]:
    judge = _JUDGES.get(call.name)
    if judge is not None:
        yield from judge(reading, value, call)


def _word(call: FilterCall) -> str | None:
    """Return the argument, when it is a text or number that stands in the template; None otherwise."""
    if call.argument is None:
        return ""
    if not isinstance(call.argument, Literal):
        return None
    value = call.argument.value
    return value if isinstance(value, str) else str(value)


def _slice(reading: Reading, value: Expression, call: FilterCall) -> Iterator[Found]:
    ends = _word(call)
    if ends is None:
        return
    parts = ends.split(":")
    whole = reading.writer.whole(value)
    if len(parts) != 2:
        yield (
            BAD_SLICE,
            f"|slice takes 'from:to', not {ends!r}: the step is skipped",
            "write the colon: '1:3'",
        )
        return
    begin, end = integer(parts[0]), integer(parts[1])
    if begin < 0:
        yield (
            BAD_SLICE,
            "|slice does not count from the end: a negative beginning skips the step",
            f"write {whole}|last for the last one, or |extractMatch:'(.{{2}})$' for the last two characters",
        )
    elif begin == 0 and end == 0:
        yield ODD_SLICE, f"|slice:'{ends}' is always empty", "leave it away: it would be everything"
    elif parts[1] and end < begin:
        same = f"is the same as '{begin}:'" if begin else "is everything"
        yield (
            ODD_SLICE,
            f"an end before the beginning counts as no end: {ends!r} {same}",
            "to leave the last characters away write |extractMatch:'^(.*).{2}$'",
        )


def _date(reading: Reading, value: Expression, call: FilterCall) -> Iterator[Found]:
    if Shape.MOMENT not in shapes(reading, value):
        yield (
            DATE,
            f"|{call.name} takes a time, and {reading.writer.whole(value)} is none: the step is skipped",
            "only Event.CreatedAt is a time; of a text take parts by |slice:'0:10', |split or |extractMatch",
        )
        return
    layout = _word(call)
    if layout and not _GO_LAYOUT.search(layout):
        message, advice = _layout(layout, f"|{call.name}:{reading.writer.text('2006-01-02 15:04')}")
        yield LAYOUT, message, advice


def _layout(layout: str, right: str) -> tuple[str, str]:
    return (
        f"{layout!r} is printed as it stands: a layout shows how Mon Jan 2 15:04:05 2006 would be written",
        f"write {right}",
    )


def _cron(reading: Reading, value: Expression, call: FilterCall) -> Iterator[Found]:
    cron = _word(call)
    if shapes(reading, value) == {Shape.MOMENT}:
        layout = reading.writer.text("2006-01-02T15:04:05Z07:00")
        yield (
            CRON,
            "matchesCron reads 2006-01-02T15:04:05Z, and a time is printed otherwise: the step is skipped",
            f"write {reading.writer.whole(value)}|date:{layout}|matchesCron:…",
        )
    if not cron:
        return
    try:
        is_due(cron, _MOMENT)
    except Refusal as refusal:
        yield CRON, f"{refusal}: the step is skipped", "write five fields, as in '0 9 * * 1', or @daily"


def _default(reading: Reading, value: Expression, call: FilterCall) -> Iterator[Found]:
    if not isinstance(call.argument, Literal):
        return
    whole, argument = reading.writer.whole(value), call.argument.value
    better = f"write {whole}|default_if_none:{reading.writer.whole(call.argument)}"
    if argument is True:
        yield DEFAULT, f"{whole}|default:true is always true: it replaces false as well", better
    elif not reading.is_criteria and is_certainly(shapes(reading, value), frozenset({Shape.FLOAT})):
        # it is told already that this prints with six decimals, and how it would not
        return
    elif argument and is_certainly(shapes(reading, value), NUMBERS | {Shape.BOOLEAN}):
        yield DEFAULT, "|default replaces 0 and false as well as what is missing", better


def _join(reading: Reading, value: Expression, call: FilterCall) -> Iterator[Found]:
    if is_certainly(shapes(reading, value), _TEXT):
        whole = reading.writer.whole(value)
        yield (
            JOIN,
            f"{whole} is a text: |join writes {_word(call) or 'its argument'!r} between its characters",
            f"write {whole}|split:','|join:', ' if its parts are meant, or {whole} alone",
        )


def _format(reading: Reading, value: Expression, call: FilterCall) -> Iterator[Found]:
    form = _word(call)
    if not form:
        return
    if "%" not in form:
        yield (
            FORMAT,
            f"{form!r} has no %: it is printed as it stands, with %!(EXTRA …) behind it",
            f"write |stringformat:{reading.writer.text('%' + form)}",
        )
    elif _WHOLE_VERB.search(form) and Shape.WHOLE not in shapes(reading, value):
        yield (
            FORMAT,
            f"{form!r} takes whole numbers, and numbers of a payload are floats: it prints %!d(float64=3)",
            f"write {reading.writer.whole(value)}|integer|stringformat:{reading.writer.text(form)}",
        )


def _yesno(reading: Reading, value: Expression, call: FilterCall) -> Iterator[Found]:
    words = _word(call)
    if words and not 2 <= len(words.split(",")) <= 3:
        advice = "write |yesno:'true,false', and a third text for what is missing"
        yield CHOICES, "|yesno takes two or three texts: the step is skipped", advice


def _pluralize(reading: Reading, value: Expression, call: FilterCall) -> Iterator[Found]:
    words = _word(call)
    if words and len(words.split(",")) > 2:
        yield CHOICES, "|pluralize takes at most two endings: the step is skipped", "write |pluralize:'y,ies'"
    elif not shapes(reading, value) & NUMBERS:
        whole = reading.writer.whole(value)
        yield CHOICES, "|pluralize takes a number: the step is skipped", f"write {whole}|integer|pluralize"


def _key(reading: Reading, value: Expression, call: FilterCall) -> Iterator[Found]:
    found = shapes(reading, value)
    if Shape.MAP in found or found == {Shape.NOTHING}:
        return
    whole, key = reading.writer.whole(value), _word(call) or "name"
    if whole in ("Event", "Event.Pack"):
        advice = f"write {whole}.{key}"
    elif is_certainly(found, _TEXT):
        advice = f"write unmarshalJson({whole})|key:'{key}' for JSON, {whole}|kvp|key:'{key}' for a=1,b=2"
    else:
        advice = "ask a map"
    yield KEY, f"{whole} is no map: |key skips the step", advice


def _negative(reading: Reading, value: Expression, call: FilterCall) -> Iterator[Found]:
    number = _word(call)
    if number and integer(number) < 0:
        last = (
            f"write {reading.writer.whole(value)}|last" if call.name == "index" else "write a number from 0"
        )
        yield NEGATIVE, f"|{call.name} does not count from the end: {number} skips the step", last


def _wordwrap(reading: Reading, value: Expression, call: FilterCall) -> Iterator[Found]:
    if (words := _word(call)) and integer(words) > 2:
        message = (
            f"|wordwrap:{words} makes lines of {words} words, and fails where the last lines are not full"
        )
        yield WORDWRAP, message, "use |truncatechars or |truncatewords, or let the reader's window wrap"


_JUDGES: Mapping[str, _Judge] = MappingProxyType(
    {
        "slice": _slice,
        "date": _date,
        "time": _date,
        "matchesCron": _cron,
        "default": _default,
        "join": _join,
        "stringformat": _format,
        "yesno": _yesno,
        "pluralize": _pluralize,
        "key": _key,
        "index": _negative,
        "truncatechars": _negative,
        "wordwrap": _wordwrap,
    }
)
