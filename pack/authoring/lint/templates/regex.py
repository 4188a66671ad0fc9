"""Regular expressions that Go does not read as they are meant."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pack.authoring.lint.findings import Rule, Severity
from pack.authoring.lint.templates.reading import Reading, Remark
from pack.flowlang.errors import Refusal
from pack.flowlang.expressions import FilterCall, Literal
from pack.flowlang.patterns import compiled
from pack.flowlang.tree import Expression
from pack.flowlang.variables import Variable

BAD = Rule("bad-regex", Severity.ERROR, "A regular expression is none that Go takes.")
NO_GROUP = Rule(
    "regex-without-group", Severity.WARNING, "extractMatch has no group, so it returns the text unchanged."
)
BACKSLASHES = Rule(
    "regex-backslashes", Severity.WARNING, "A regular expression has a backslash too many, and looks for one."
)

RULES = (BAD, NO_GROUP, BACKSLASHES)

_DOUBLED = re.compile(r"\\\\(?=[sSdDwWbB](?![A-Za-z]))")
_CURES = (
    (r"\(\?<?[=!]", "Go has no lookaround: match what is there, and combine two matches by `and` or `not`"),
    (r"\\[1-9]", "Go has no backreferences: compare the two parts after two extractMatch"),
    (r"\\Z", "write \\\\z for the end of the text"),
    (r"\(\?<[A-Za-z]", "write (?P<name>…) for a named group"),
    (r"\(\?P=", "Go has no backreferences: compare the two parts after two extractMatch"),
    (r"\(\?>", "Go has no atomic groups: write (?:…)"),
    (r"[*+?}]\+", "Go has no possessive repetition: leave the extra sign away"),
    (r"\\[pP]", "Go knows general categories and scripts, such as \\\\p{L} for letters and \\\\p{Greek}"),
    (r"\\u", "write the character itself, or its number as \\\\x{00e9}"),
    (r"\{\d*,?\d{4,}\}", "Go repeats at most 1000 times: write * or +, or a smaller number"),
    (r"\\C", "write . for a character"),
)


def remarks(reading: Reading) -> Iterator[Remark]:
    """Yield what is wrong with the patterns of ``match`` and ``extractMatch``."""
    for node in reading.nodes:
        if not isinstance(node, FilterCall) or node.name not in ("match", "extractMatch"):
            continue
        for literal in _literals(reading, node.argument):
            yield from _pattern(reading, node, literal, str(literal.value))


def _literals(reading: Reading, argument: Expression | None) -> Iterator[Literal]:
    """Yield the texts that an argument is, or that the template sets its name to."""
    if isinstance(argument, Literal) and isinstance(argument.value, str):
        yield argument
    elif isinstance(argument, Variable) and len(argument.parts) == 1:
        for binding in reading.bindings.get(argument.parts[0].name, ()):
            if not binding.each and not isinstance(binding.of, Variable):
                yield from _literals(reading, binding.of)


def _pattern(reading: Reading, call: FilterCall, literal: Literal, pattern: str) -> Iterator[Remark]:
    place = literal.token.offset
    try:
        made = compiled(pattern)
    except Refusal as refusal:
        comes = "is always False" if call.name == "match" else "fails, and the step is skipped"
        yield Remark(BAD, f"{refusal}: |{call.name} {comes}", _cure(pattern), place)
        return
    if _DOUBLED.search(pattern):
        right = reading.writer.text(_DOUBLED.sub(lambda found: "\\", pattern))
        yield Remark(
            BACKSLASHES,
            f"{pattern} looks for a backslash and a letter: too many backslashes reach Go",
            f"write {right}; in JSON, and in YAML's double quotes, each backslash of it twice",
            place,
        )
    if call.name == "extractMatch" and made.groups == 0:
        yield Remark(
            NO_GROUP,
            "|extractMatch returns what its first group finds, and without a group the unchanged text",
            f"put what is wanted into brackets, as in |extractMatch:{reading.writer.text(f'({pattern})')}",
            place,
        )


def _cure(pattern: str) -> str:
    for found, advice in _CURES:
        if re.search(found, pattern):
            return advice
    return "the syntax is RE2's; a sign that stands for itself needs \\\\ before it, as in '\\\\('"
