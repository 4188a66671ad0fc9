"""Texts that are no JSON or YAML, and what is behind the usual mistakes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from pack.authoring.lint.findings import Finding, Rule, Severity
from pack.authoring.lint.flow_files import FlowText
from pack.authoring.lint.texts.writing import quoted
from pack.flows.document import Position
from pack.flows.go_json import FormatError

UNREADABLE = Rule("unreadable", Severity.ERROR, "The text is not JSON or YAML as Flyte reads it.")
UNQUOTED_TEMPLATE = Rule(
    "unquoted-template", Severity.ERROR, "A template in YAML stands without quotes, and is read as a map."
)

RULES = (UNREADABLE, UNQUOTED_TEMPLATE)

_JSON_STATUS = "Flyte refuses the flow with a bare 500"
_YAML_STATUS = "Flyte refuses the flow with status 400"
"""Its answer to YAML that is none, and to JSON with something behind it."""
_UNQUOTED = re.compile(r"^(?P<start>\s*(?:- +)*(?:[\w.-]+: +)?)(?P<template>\{[{%].*?)\s*$")
_BLOCK = re.compile(r"(?:^|[:-] )\s*[|>][-+0-9]*\s*(?:#.*)?$")
_LONGEST_ADVICE = 200
_JSON_ADVICE: Mapping[str, str] = MappingProxyType(
    {
        "Expecting property name": "put keys in double quotes, no comma behind the last entry, and no "
        "comments anywhere",
        "Illegal trailing comma": "leave out the comma behind the last entry",
        "Expecting ',' delimiter": 'put a comma before this, or write \\" for a quote that belongs to a text',
        "Expecting ':' delimiter": "put a colon behind the key",
        "Expecting value": "write a text in double quotes, a number, true, false, null, [ ] or { }; put no "
        "comma behind the last one, and no comments anywhere",
        "Unterminated string": "close the text with a double quote",
        "Invalid control character": "write \\n for a line break and \\t for a tab in a text",
        "Invalid \\escape": "write two backslashes for one",
        "Invalid \\uXXXX": "write four hexadecimal digits behind \\u, or two backslashes",
        "something after": "leave it out: a file holds one flow",
    }
)
_YAML_ADVICE: Mapping[str, str] = MappingProxyType(
    {
        "'\\t'": "indent with spaces: YAML takes no tabs there",
        "cannot start any token": "put the text in quotes: its first character means something to YAML",
        "mapping values are not allowed": "put a text with a colon and a space in quotes; else look at the "
        "indentation",
        "undefined alias": "put the text in quotes: * at its beginning makes it an alias",
        "scanning an alias": "put the text in quotes: * at its beginning makes it an alias",
        "scanning an anchor": "put the text in quotes: & at its beginning makes it an anchor",
        "scanning a tag": "put the text in quotes: ! at its beginning makes it a tag",
        "expected <block end>": "look at the indentation; a text that begins with a quote ends with it",
        "could not find expected ':'": "put a colon and a space behind the key; look at the quotes and the "
        "indentation of the lines before",
        "unknown escape character": "write two backslashes for one in double quotes, or use single quotes",
        "found unexpected end of stream": "close the text with its quote",
        "while scanning a block scalar": "put a text that begins with | or > in quotes",
        "while parsing a flow": "close the bracket; put a text with brackets, commas or braces in quotes",
    }
)


def unreadable(text: FlowText, error: FormatError) -> list[Finding]:
    """Return the findings for a text that cannot be read: one, but for every template without quotes."""
    lines = text.lines
    place = error.place or Position(1, 1)
    line = lines[place.line - 1] if place.line <= len(lines) else ""
    if text.yaml:
        template = _unquoted_template(lines, place)
        if template is not None:
            return [
                _found(UNQUOTED_TEMPLATE, text, *each)
                for each in (template, *_further_templates(lines, place.line))
            ]
    status = _YAML_STATUS if text.yaml or "something after" in error.reason else _JSON_STATUS
    reason = error.reason.replace("the body", "the text")
    return [_found(UNREADABLE, text, f"{reason}: {status}", _advice(text, reason, line), place)]


def _further_templates(lines: list[str], behind: int) -> Iterator[tuple[str, str, Position]]:
    """Yield what is the same mistake in later lines; the lines of a block behind | or > are text."""
    block: int | None = None
    for number, line in enumerate(lines, 1):
        indent = len(line) - len(line.lstrip())
        if block is not None and (not line.strip() or indent > block):
            continue
        block = indent if _BLOCK.search(line) else None
        template = _unquoted_template(lines, Position(number, 1)) if number > behind else None
        if template is not None and ":" in line[: template[2].column]:
            yield template


def _unquoted_template(lines: list[str], place: Position) -> tuple[str, str, Position] | None:
    """Return the message, advice and place for a line whose value begins with braces without quotes."""
    if place.line > len(lines):
        return None
    line = lines[place.line - 1]
    match = _UNQUOTED.match(line)
    if match is None:
        return None
    message = (
        f"the template stands without quotes, and YAML reads {{ as the beginning of a map: {_YAML_STATUS}"
    )
    fixed = match["start"].strip() + " " + quoted(match["template"], yaml=True)
    advice = f"write {fixed.strip()}" if len(fixed) < _LONGEST_ADVICE else "put the whole value in quotes"
    return message, advice, Position(place.line, match.start("template") + 1)


def _advice(text: FlowText, reason: str, line: str) -> str:
    if b"\0" in text.data:
        return "this is no text file, or not in UTF-8: write it as UTF-8"
    if not text.yaml and text.data.startswith(b"\xef\xbb\xbf"):
        return "the text begins with a byte order mark: save it as UTF-8 without one"
    if not text.yaml and line.lstrip().startswith(("//", "/*", "#")):
        return "JSON has no comments: leave it out, or write the flow in YAML"
    if "not UTF-8" in reason:
        return "save the text as UTF-8"
    if "deeper" in reason:
        return "no flow needs that many brackets: is one not closed?"
    if "the text is empty" in reason:
        return "write a flow: name and steps"
    for part, advice in (_YAML_ADVICE if text.yaml else _JSON_ADVICE).items():
        if part in reason:
            return advice
    return ""


def _found(rule: Rule, text: FlowText, message: str, advice: str, place: Position) -> Finding:
    return Finding(rule, message, advice, text.file, (), place.line, place.column)
