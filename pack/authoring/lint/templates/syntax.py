"""Templates that Flyte cannot read: what stands there, and what was meant by it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import NamedTuple

from pack.authoring.lint.declared.declarations import near
from pack.authoring.lint.findings import Rule, Severity
from pack.authoring.lint.templates.foreign import recognized
from pack.authoring.lint.templates.reading import Remark
from pack.authoring.lint.templates.tags import OpenTag, balance
from pack.authoring.lint.templates.words import OTHER_FILTERS, OTHER_TAGS
from pack.flowlang.errors import TemplateSyntaxError
from pack.flowlang.filters import FILTERS
from pack.flowlang.position import ENGINE_PREFIX
from pack.flowlang.tag_table import TAGS
from pack.flowlang.tags_files import FILE_TAGS

SYNTAX = Rule("template-syntax", Severity.ERROR, "A template cannot be read.")
UNKNOWN_FILTER = Rule("unknown-filter", Severity.ERROR, "A template uses a filter that does not exist.")
UNKNOWN_TAG = Rule("unknown-tag", Severity.ERROR, "A template uses a tag that does not exist.")
WRONG_ESCAPE = Rule(
    "wrong-escape", Severity.ERROR, 'A text in a template has an escape other than \\\\ and \\".'
)
LINE_BREAK = Rule("line-break-in-tag", Severity.ERROR, "A line breaks inside {{ }}, {% %} or {# #}.")
UNBALANCED = Rule("unbalanced-tag", Severity.ERROR, "A tag is not closed, or closes what is not open.")
FOREIGN = Rule("foreign-syntax", Severity.ERROR, "A template has the syntax of another language.")
FILE_TAG = Rule("file-tag", Severity.ERROR, "A template wants to read a file.")

RULES = (SYNTAX, UNKNOWN_FILTER, UNKNOWN_TAG, WRONG_ESCAPE, LINE_BREAK, UNBALANCED, FOREIGN, FILE_TAG)

FILE_ADVICE = "write the text into the flow, or keep it in the engine's datastore: {{ datastore('key') }}"
_FAILS = "Flyte stores the flow all the same, and skips the step whenever it should run"


_LIMIT = re.compile(r".* (?:has more than|is longer than|nested more than) \d")
"""How the parser's own limits are told."""


_OPERATOR = r"(\band|\bor|&&|\|\||\bin|\bnot|[-+*/^]|(?<!\{)%|[=!]=|[<>]=?)"


class _Explanation(NamedTuple):
    rule: Rule
    message: str
    advice: str
    at: int | None = None
    """Where in the template it is, when it is not where the parser stopped."""


def explained(error: TemplateSyntaxError) -> Remark:
    """Return what a reader should know of a template that cannot be parsed."""
    if _LIMIT.match(error.message):
        advice = "make it shorter or simpler; Flyte has no such limit, but nothing further was checked in it"
        return Remark(SYNTAX, error.message, advice, len(ENGINE_PREFIX))
    template = error.template
    lines = template.split("\n")
    index = sum(len(line) + 1 for line in lines[: error.line - 1]) + error.column - 1
    before, rest = template[:index], template[index:]
    found = (
        _lexical(before, rest)
        or _file(before)
        or _delimiter(before, rest)
        or _unknown(before, rest)
        or _foreign(before, rest)
        or _unbalanced(template, index)
        or _Explanation(SYNTAX, f"the template cannot be read: {error.message}", _advice(before, rest))
    )
    place = index if found.at is None else found.at
    return Remark(found.rule, f"{found.message}. {_FAILS}", found.advice, len(ENGINE_PREFIX) + place)


def _lexical(before: str, rest: str) -> _Explanation | None:
    if rest.startswith("\n"):
        return _Explanation(
            LINE_BREAK,
            "a line breaks inside {{ }} or {% %}",
            "write it on one line, or close the braces before the break and open them again after it; YAML's "
            ">- makes one line of several that are indented alike",
        )
    if rest.startswith("{#") and "#}" in rest and "\n" in rest[: rest.find("#}")]:
        return _Explanation(
            LINE_BREAK, "a comment {# #} goes over lines", "write {% comment %} … {% endcomment %}"
        )
    escaped = rest[1:2]
    if not rest.startswith("\\") or not escaped:
        return None
    wrong = f'a text in a template has the escapes \\\\ and \\" only, not \\{escaped}'
    if escaped == "'":
        return _Explanation(
            WRONG_ESCAPE, wrong, f"put the text into the other quotation marks: {_other_marks(before, rest)}"
        )
    literal = re.sub(r'\\(?![\\"])|\\\\', r"\\\\", _literal(before, rest))
    doubled = literal.replace("\\", "\\\\")
    advice = (
        f"write two backslashes, {literal}; in JSON and in YAML's double quotes each of them is written "
        f"twice again, {doubled}"
    )
    if escaped in ("n", "r", "t"):
        advice += "; outside of a regular expression put the line break or tab outside of the braces"
    return _Explanation(WRONG_ESCAPE, wrong, advice)


def _other_marks(before: str, rest: str) -> str:
    """Return a text in which an apostrophe was escaped, in double quotation marks."""
    inner = _literal(before, rest)[1:-1].replace("\\'", "'")
    inner = re.sub(r'\\(?![\\"])', r"\\\\", inner)
    return '"' + re.sub(r'(?<!\\)"', r"\\" + '"', inner) + '"'


def _literal(before: str, rest: str) -> str:
    """Return the text, with its quotation marks, in which a place is."""
    start = max(before.rfind("{{"), before.rfind("{%"))
    mark, begin = "", len(before)
    for found in re.finditer(r"""\\.|['"]""", before[start:]):
        if not mark:
            mark, begin = found[0], start + found.start()
        elif found[0] == mark:
            mark = ""
    end = re.match(rf"(?:\\.|[^{mark}\\])*", rest) if mark else None
    return before[begin:] + (end[0] + mark if end else rest[:2])


def _file(before: str) -> _Explanation | None:
    tag = re.search(r"\{%-?\s*(\w+)\s*$", before)
    if tag is None or tag[1] not in FILE_TAGS:
        return None
    return _Explanation(
        FILE_TAG, f"{{% {tag[1]} %}} reads a file beside the engine, and flows have none", FILE_ADVICE
    )


def _unknown(before: str, rest: str) -> _Explanation | None:
    named = re.match(r"[A-Za-z_0-9]+", rest)
    if named is None:
        return None
    name = named[0]
    if re.search(r"(?<!\|)\|\s*$", before) and name not in FILTERS:
        advice = suggestion(name, FILTERS, OTHER_FILTERS, "|{}")
        return _Explanation(UNKNOWN_FILTER, f"there is no filter |{name}", advice)
    if not re.search(r"\{%-?\s*$", before) or name in TAGS or _closes(name):
        return None
    if printed := re.match(r"((?:Event|Context)\b[^%]*?|\w+[.|][^%]*?)\s*-?%\}", rest):
        return _Explanation(
            UNKNOWN_TAG, "{% %} is for tags, and prints no value", f"write {{{{ {printed[1]} }}}}"
        )
    return _Explanation(
        UNKNOWN_TAG, f"there is no tag {{% {name} %}}", suggestion(name, TAGS, OTHER_TAGS, "{{% {} %}}")
    )


def _closes(name: str) -> bool:
    return name in ("else", "elif", "empty") or (name.startswith("end") and name[3:] in TAGS)


def suggestion(name: str, names: Collection[str], others: Mapping[str, str], form: str) -> str:
    """Return what may be meant by a name that does not exist; ``form``: how such a name is written."""
    if name in others:
        return others[name]
    if (other := name.lower()) in others:
        return others[other]
    if close := near(name, names):
        return f"did you mean {form.format(close)}?"
    return f"there are {', '.join(sorted(names))}"


def _unbalanced(template: str, index: int) -> _Explanation | None:
    found = balance(template)
    if found.wrong is not None and found.wrong.offset <= index:
        return _wrong_end(template, found.wrong, found.inside)
    if found.inside and index >= len(template):
        tag = found.inside[-1]
        return _Explanation(
            UNBALANCED,
            f"{{% {tag.name} %}} is never closed",
            f"write {{% end{tag.name} %}} where it ends",
            tag.offset,
        )
    return None


def _wrong_end(template: str, wrong: OpenTag, inside: tuple[OpenTag, ...]) -> _Explanation:
    if inside:
        tag = inside[-1]
        line = template.count("\n", 0, tag.offset) + 1
        advice = f"{{% {tag.name} %}} of line {line} is open here: close it first, by {{% end{tag.name} %}}"
    else:
        advice = OTHER_TAGS.get(wrong.name) or f"leave it away, or write {{% {wrong.name[3:]} … %}} before it"
    message = f"{{% {wrong.name} %}} stands where it closes or divides nothing"
    return _Explanation(UNBALANCED, message, advice, wrong.offset)


def _delimiter(before: str, rest: str) -> _Explanation | None:
    """Explain braces that are not closed at all, and braces that were meant as text."""
    opening = max(before.rfind("{{"), before.rfind("{%"), before.rfind("{#"))
    start = rest[:2] if rest[:2] in ("{{", "{%", "{#") and opening < 0 else before[opening : opening + 2]
    if start not in ("{{", "{%", "{#"):
        return None
    end = {"{{": "}}", "{%": "%}", "{#": "#}"}[start]
    if end in (before[opening:] if opening >= 0 else "") + rest:
        return None
    word = {"{{": "openvariable", "{%": "openblock", "{#": "opencomment"}[start]
    return _Explanation(
        SYNTAX,
        f"'{start}' begins a part that '{end}' never ends",
        f"write '{end}' behind it; as plain text write {{% templatetag {word} %}} instead",
        opening if opening >= 0 else None,
    )


def _foreign(before: str, rest: str) -> _Explanation | None:
    found = recognized(before, rest)
    return None if found is None else _Explanation(FOREIGN, *found)


def _advice(before: str, rest: str) -> str:
    if re.search(r"\{[{%]-?\s*$", before) and re.match(r"\s*-?[}%]\}", rest):
        return "write a name or a value between the braces"
    if lone := re.match(rf"{_OPERATOR}\s*-?[}}%]\}}", rest) or (
        re.match(r"\s*-?[}%]\}", rest) and re.search(rf"{_OPERATOR}\s*$", before)
    ):
        return f"a value is missing behind '{lone[1]}'"
    if re.search(r"\bnot\s+$", before) and re.match(r"not\b", rest):
        return "only one `not` can stand there: leave both away, or write not (not …)"
    left, right = re.search(r"(\d+)$", before), re.match(r":\d+(:\d+)?", rest)
    if left and right:
        return f"a text needs quotation marks: '{left[1]}{right[0]}'"
    left, right = re.search(r"'([^']*)'$", before), re.match(r"'([^']*)'", rest)
    if left and right:
        return f'put a text with an apostrophe into the other quotation marks: "{left[1]}\'{right[1]}"'
    if re.match(r"'[^']*$|\"[^\"]*$", rest.partition("\n")[0]):
        return "write the text's closing quotation mark, on the same line"
    if re.search(r"[\w'\")]\s+$", before) and re.match(r"[\w'\"]", rest):
        return (
            "two values stand side by side: an operator (==, and, |) or a text's quotation marks are missing"
        )
    if re.match(r"\s*[}%]\}", rest):
        return "something is missing before the closing braces: a value, a name or a closing bracket"
    return "see docs/flows.md for how templates are written"
