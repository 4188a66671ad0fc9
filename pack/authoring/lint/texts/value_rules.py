"""Values of an input that do not arrive as they are written, in JSON and in YAML."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from pack.authoring.lint.declared.declarations import Declarations
from pack.authoring.lint.findings import Finding, Rule, Severity
from pack.authoring.lint.subject import Draft, Subject
from pack.authoring.lint.texts.flow_keys import object_at
from pack.authoring.lint.texts.writing import quoted
from pack.flows.document import Path
from pack.flows.paths import written

Json = Any

TIMESTAMP_NUMBER = Rule(
    "timestamp-number", Severity.WARNING, "A Slack timestamp is written as a number; it is a text."
)
INEXACT_NUMBER = Rule("inexact-number", Severity.WARNING, "A number loses digits on its way.")
NULL_VALUE = Rule("null-value", Severity.NOTE, "A null vanishes with its key before the command is given.")
NOT_UTF_8 = Rule("not-utf-8", Severity.WARNING, "Bytes that are not UTF-8 are replaced without a word.")

NOT_A_TEMPLATE = Rule(
    "not-a-template", Severity.WARNING, "A text has ${…} or single braces, which Flyte sends as they are."
)

RULES = (TIMESTAMP_NUMBER, INEXACT_NUMBER, NULL_VALUE, NOT_UTF_8, NOT_A_TEMPLATE)

_NOT_A_TEMPLATE = re.compile(
    r"\$\{\{\s*(?P<a>(?:Event|Context)\.[^{}]*?)\s*\}\}"
    r"|\$\{\s*(?P<b>(?:Event|Context)\.[^{}]*?)\s*\}"
    r"|(?<![{$])\{\s*(?P<c>(?:Event|Context)\.[^{}]*?)\s*\}(?!\})"
)

_TIMESTAMP = re.compile(r"1\d{9}\.\d{1,6}")
_WHOLE_TIMESTAMP = re.compile(r"\d{10}\.\d{6}")
_TIMESTAMP_KEY = re.compile(r"(?:.*_)?ts|.*timestamp", re.IGNORECASE)


def check(draft: Draft) -> Iterator[Finding]:
    """Yield the values that arrive as something else."""
    if draft.document.replaced is not None:
        place = draft.document.place(draft.document.replaced)
        message = "there are bytes that are not UTF-8: Flyte puts U+FFFD in their place"
        yield Finding(NOT_UTF_8, message, "save the text as UTF-8", draft.file, (), place.line, place.column)
    steps = object_at(draft.document, ()).get("steps")
    for index in range(len(steps) if isinstance(steps, list) else 0):
        yield from _input(draft, ("steps", index, "command", "input"))


def check_texts(subject: Subject, declarations: Declarations) -> Iterator[Finding]:
    """Yield the places in texts that look like another language's templates."""
    for text in subject.templates():
        for found in _NOT_A_TEMPLATE.finditer(text.text):
            inner = found["a"] or found["b"] or found["c"]
            what = "leaves the $ in front of it" if found["a"] else "sends it as it stands"
            before = text.text[: found.start()]
            at = before.count("\n") + 1, found.start() - (before.rfind("\n") + 1) + 1
            message = f"{found[0]} is no template: Flyte {what}"
            yield subject.finding(NOT_A_TEMPLATE, message, f"write {{{{ {inner} }}}}", text.path, at)


def _input(draft: Draft, top: Path) -> Iterator[Finding]:
    real = draft.document.real(top)
    value = object_at(draft.document, real[:-1]).get(str(real[-1]))
    for path, item in _values(real, value):
        if isinstance(item, int | float) and not isinstance(item, bool):
            yield from _number(draft, path, item)
        elif item is None and isinstance(path[-1], str) and path != real:
            message = f"{written(path)} is null: it vanishes with its key before the command is given"
            yield draft.finding(NULL_VALUE, message, "give it a value, or leave the key out", path)


def _number(draft: Draft, path: Path, value: float) -> Iterator[Finding]:
    raw = (draft.document.written(path) or ("", None))[0]
    arrives = json.dumps(value)
    if _TIMESTAMP.fullmatch(raw) or (isinstance(path[-1], str) and _TIMESTAMP_KEY.fullmatch(path[-1])):
        loses = f", and arrives as {arrives}" if arrives != raw else ""
        message = f"{written(path)} is a number{loses}: Slack's timestamps are texts with six decimals"
        yield draft.finding(TIMESTAMP_NUMBER, message, f"write {_timestamp(draft, raw)}", path)
    elif _loses(raw, value):
        message = f"{written(path)} is written {raw}, and arrives as {arrives}"
        advice = f"write {_text(draft, raw)} if just these digits are meant, else {arrives}"
        yield draft.finding(INEXACT_NUMBER, message, advice, path)


def _timestamp(draft: Draft, raw: str) -> str:
    if _WHOLE_TIMESTAMP.fullmatch(raw):
        return _text(draft, raw)
    example = _text(draft, "1669027200.120000")
    return f"the whole timestamp in quotes, with its six decimals, such as {example}"


def _loses(raw: str, value: float) -> bool:
    """Say whether a decimal number is another one when it arrives, or has fewer decimals."""
    try:
        exact = Decimal(raw)
    except InvalidOperation:
        return False
    digits = raw.lstrip("+-")
    if "e" in raw.lower() or "_" in raw or (digits.isdigit() and digits[0] == "0"):
        return False
    return exact != Decimal(repr(value)) or ("." in raw and raw.endswith("0"))


def _text(draft: Draft, raw: str) -> str:
    return quoted(raw, yaml=draft.document.yaml)


def _values(path: Path, value: Json) -> Iterator[tuple[Path, Json]]:
    yield path, value
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _values((*path, key), item)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _values((*path, index), item)
