"""What YAML makes of words and numbers without quotes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pack.authoring.lint.declared.declarations import Declarations
from pack.authoring.lint.declared.schemas import schema_types
from pack.authoring.lint.findings import Finding, Rule, Severity
from pack.authoring.lint.subject import Draft, Subject
from pack.authoring.lint.texts.writing import quoted
from pack.flows.document import Path, Style
from pack.flows.paths import written
from pack.flows.violations import violations

Json = Any

YAML_BOOLEAN = Rule("yaml-boolean", Severity.WARNING, "A word such as yes, on or n is read as a boolean.")
YAML_NUMBER = Rule("yaml-number", Severity.WARNING, "A number is not read as it looks: octal, 1e3, 1_000.")
YAML_KEY = Rule("yaml-key", Severity.WARNING, "A key without quotes becomes another text, such as on: true.")
YAML_COMMENT = Rule("yaml-comment", Severity.WARNING, "What follows # is a comment, and hardly meant as one.")
YAML_MARK = Rule("yaml-mark", Severity.WARNING, "A text begins with & or !, which YAML takes for itself.")
SEVERAL_DOCUMENTS = Rule(
    "several-documents", Severity.WARNING, "The file has several YAML documents; Flyte reads the first."
)

RULES = (YAML_BOOLEAN, YAML_NUMBER, YAML_KEY, YAML_COMMENT, YAML_MARK, SEVERAL_DOCUMENTS)

_PLAIN_BOOLEANS = frozenset({"true", "True", "TRUE", "false", "False", "FALSE"})
_EXPONENT = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)[eE][-+]?\d+")
_PLAIN_INTEGER = re.compile(r"-?(?:0|[1-9]\d*)")
_BASES = {"x": "hexadecimal", "b": "binary", "o": "octal"}
_COMMENT = re.compile(r"[ \t]+(#\w\S*)")
_MARK = re.compile(r"[&!][^\s!]*")


def check(draft: Draft) -> Iterator[Finding]:
    """Yield what is read otherwise than it looks, in YAML only; words in inputs are left to check_words."""
    if not draft.document.yaml:
        return
    refused = {violation.path for violation in violations(draft.document.value)}
    for path, value in draft.document.paths():
        yield from _key(draft, path)
        if isinstance(value, (dict, list)):
            continue
        yield from _comment(draft, path, value)
        yield from _mark(draft, path, value)
        if path not in refused:
            yield from _scalar(draft, path, value)
    rest = draft.document.places.rest
    if rest is not None:
        place = draft.document.place(rest)
        message = "a second YAML document begins here: Flyte reads only the first one of a text"
        advice = "write each flow to a file of its own"
        yield Finding(SEVERAL_DOCUMENTS, message, advice, draft.file, (), place.line, place.column)


def check_words(subject: Subject, declarations: Declarations) -> Iterator[Finding]:
    """Yield the words in inputs that are read as booleans, but for those that the command wants to be one."""
    if not subject.document.yaml:
        return
    for index, step in enumerate(subject.flow.steps):
        top = subject.document.real(("steps", index, "command", "input"))
        declared = declarations.command(step.command)
        schema = declared.input if declared else None
        for path, value in _walk(top, step.command.input):
            names = tuple(map(str, path[len(top) :]))
            types = schema_types(schema, names) if schema is not None and isinstance(value, bool) else None
            if types is None or "boolean" not in types:
                yield from _word(subject, path, value)


def _walk(path: Path, value: Json) -> Iterator[tuple[Path, Json]]:
    yield path, value
    entries = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, item in entries:
        yield from _walk((*path, key), item)


def _is_input(path: Path) -> bool:
    names = tuple(part.lower() for part in path[:4] if isinstance(part, str))
    return names == ("steps", "command", "input")


def _word(draft: Draft, path: Path, value: Json) -> Iterator[Finding]:
    raw, style = draft.document.written(path) or ("", None)
    if isinstance(value, bool) and style is Style.PLAIN and raw not in _PLAIN_BOOLEANS:
        word = "true" if value else "false"
        message = f"{written(path)} is {raw} without quotes, which YAML reads as {word}"
        yield draft.finding(YAML_BOOLEAN, message, f"write {_quoted(raw)}, or {word} if that is meant", path)


def _scalar(draft: Draft, path: Path, value: Json) -> Iterator[Finding]:
    found = draft.document.written(path)
    if found is None or found[1] is not Style.PLAIN:
        return
    raw = found[0]
    if isinstance(value, bool):
        if not _is_input(path):
            yield from _word(draft, path, value)
    elif isinstance(value, int | float):
        how = _how_read(raw)
        if how:
            message = f"{written(path)} is {raw} without quotes, which YAML reads as {how} {value}"
            yield draft.finding(YAML_NUMBER, message, f"write {_quoted(raw)}, or {value} if meant", path)
    elif isinstance(value, str) and _EXPONENT.fullmatch(raw):
        message = f"{written(path)} is {raw}, which stays a text: Flyte's YAML wants a sign behind the e"
        yield draft.finding(YAML_NUMBER, message, f"write the number in full, or {_quoted(raw)}", path)


def _how_read(raw: str) -> str:
    """Say how a number is read that is not read as it looks; empty for any other."""
    digits = raw.lstrip("+-")
    if "_" in raw:
        return "the number"
    if digits[:1] == "0" and digits[1:2].lower() in _BASES:
        return f"the {_BASES[digits[1].lower()]} number"
    if len(digits) > 1 and digits.isdigit() and digits[0] == "0":
        return "the octal number" if set(digits) <= set("01234567") else "the number"
    return "the number" if raw.startswith("+") else ""


def _key(draft: Draft, path: Path) -> Iterator[Finding]:
    found = draft.document.written_key(path)
    if found is None or found[1] is not Style.PLAIN or found[0] == path[-1]:
        return
    message = f"the key {found[0]} without quotes becomes {path[-1]!r}"
    yield draft.key_finding(YAML_KEY, message, f"write {_quoted(found[0])}", path)


def _comment(draft: Draft, path: Path, value: Json) -> Iterator[Finding]:
    span = draft.document.places.values.get(path)
    if span is None or span.style not in (Style.PLAIN, Style.TAGGED):
        return
    text, begins = draft.document.text, span.end if value is not None else span.start
    comment = _COMMENT.match(text, begins if begins == len(text) or text[begins] in " \t" else begins - 1)
    if comment is None or "\n" in text[span.start : span.end]:
        return
    message = f"{comment[1]} is a comment to YAML, so {written(path)} is {_what(value)}"
    meant = f"{text[span.start : span.end]} {comment[1]}".strip()
    yield draft.finding(YAML_COMMENT, message, f"write {_quoted(meant)}", path)


def _mark(draft: Draft, path: Path, value: Json) -> Iterator[Finding]:
    """Find a text without quotes that begins with & or !, so that its first word is lost."""
    span, text = draft.document.places.values.get(path), draft.document.text
    if span is None or span.style is Style.COLLECTION:
        return
    line_start = text.rfind("\n", 0, span.start) + 1
    before = text[line_start : span.start].rstrip()
    word = before.rpartition(" ")[2]
    if not _MARK.fullmatch(word) or (word[0] == "&" and value is not None):
        return
    lost = "names what follows it" if word[0] == "&" else "is a tag that means nothing to Flyte"
    message = f"{word} {lost}, so {written(path)} is {_what(value)}"
    meant = f"{word} {text[span.start : span.end]}".strip()
    yield draft.finding(YAML_MARK, message, f"write {_quoted(meant)} if it is text", path)


def _what(value: Json) -> str:
    return "null" if value is None else f"only {value!r}"


def _quoted(text: str) -> str:
    return quoted(text, yaml=True)
