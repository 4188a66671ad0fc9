"""Syntax of Django, Jinja, Go and JavaScript that authors bring along, found at the place of an error."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple


class Foreign(NamedTuple):
    """One way to write what Flyte does not read.

    ``before`` is searched in the line up to the error's place, ``here`` has to match at it. A group ``a`` of
    either stands in the advice in place of ``{a}``.
    """

    before: str
    here: str
    wrong: str
    advice: str


_QUOTATION_MARKS = "`\u00ab\u00b4\u00bb\u2018\u2019\u201c\u201d\u201e"
_INSIDE_IF = r"(\{\{|\{%-?\s*(el)?if\b)[^}]*$"

_OPERAND = r"'[^']*'|\"[^\"]*\"|[\w.]+"
_QUOTED = r"'[^']*'|\"[^\"]*\""
_LEFT = rf"(?P<a>(?:{_OPERAND})(?:\|\w+(?::(?:{_OPERAND}))?)*)\s*$"
_RIGHT = rf"(?P<b>(?:{_OPERAND})(?:\|\w+(?::(?:{_OPERAND}))?)*)"

_KNOWN = tuple(
    Foreign(*row)
    for row in (
        (r"[\w)]\s*$", r"\[", "brackets are no index here", "write |key:name, or |index:number"),
        (r"", r"\[", "there are no lists in templates", "write 'a,b,c'|split:','"),
        (
            _LEFT,
            rf"~\s*{_RIGHT}",
            "there is no '~'",
            "put the parts side by side, {{ {a} }}{{ {b} }}, or write {a}|add:{b}",
        ),
        (r"", r"~", "there is no '~'", "put the parts side by side, {{ a }}{{ b }}, or write a|add:b"),
        (
            _LEFT,
            r"\?\s*(?P<b>.+?)\s*:\s*(?P<c>.+?)\s*[}%]\}",
            "there is no 'a ? b : c'",
            "write {% if {a} %}{{ {b} }}{% else %}{{ {c} }}{% endif %}",
        ),
        (r"", r"\?", "there is no 'a ?? b'", "write a|default:b"),
        (r"\{%-?\s*else\s+$", r"if\b", "there is no {% else if %}", "write {% elif … %}"),
        (
            _LEFT,
            r"if\s+(?P<b>.+?)\s+else\s+(?P<c>.+?)\s*[}%]\}",
            "there is no 'a if b else c'",
            "write {% if {b} %}{{ {a} }}{% else %}{{ {c} }}{% endif %}",
        ),
        (_INSIDE_IF, r"if\b", "there is no 'a if b else c'", "write {% if b %}a{% else %}c{% endif %}"),
        (
            r"",
            r"is\s+(not\s+)?(defined|none|None|empty|null)\b",
            "there are no tests with 'is'",
            "write {% if name %} or {{ not name }}: a missing name is empty",
        ),
        (r"\w\s+$", r"is\b", "there is no 'is'", "write =="),
        (_LEFT, rf"not\s+in\s+{_RIGHT}", "there is no 'not in'", "write not ({a} in {b})"),
        (r"", r"not\s+in\b", "there is no 'not in'", "write not (a in b)"),
        (
            r"\w\s+$",
            r"(matches|contains|startswith|endswith)\b",
            "there is no such operator",
            "write text|match:'…', or 'part' in text",
        ),
        (r"==$", r"=", "there is no '==='", "write =="),
        (r"!=$", r"=", "there is no '!=='", "write !="),
        (r"", r"!\s*=", "there is no such operator", "write != without a space in it"),
        (r"\bset\s+\w+\s*$", r"[-+*/]\s*=", "names are set by '=' only", "write {% set x = x + 1 %}"),
        (
            r"\bset\s+\w*\s*$",
            r"",
            "{% set %} takes a name and a value in one tag, and has no end tag",
            "write {% set name = value %}; a text of parts is a|add:b",
        ),
        (_INSIDE_IF, r"=(?!=)", "one '=' compares nothing", "write == in its place"),
        (
            rf"(?P<a>(?:{_OPERAND})(?:\|\w+)?)\s*\|\s*(?P<n>\w+)\s*$",
            rf"\(\s*(?P<b>{_OPERAND})\s*\)",
            "a filter's argument follows a colon, without brackets",
            "write {a}|{n}:{b}",
        ),
        (
            r"\|\s*(?P<n>\w+)\s*$",
            r"\(",
            "a filter takes one argument, behind a colon and without brackets",
            "write |{n}:x",
        ),
        (
            r"\)\s*$",
            r"\|",
            "a filter cannot follow brackets",
            "give the value a name first: {% set x = … %}{{ x|… }}",
        ),
        (
            r"\|\s*\w+\s*:\s*$",
            r"-\s*(?P<n>[\d.]+)",
            "a filter's argument has no sign",
            "write it as a text, '-{n}', where the filter takes one, or reckon first: {% set x = … %}",
        ),
        (
            r"\|\s*\w+\s*:\s*$",
            r"\(",
            "a filter's argument is one text, number or name",
            "{% set x = … %} it first",
        ),
        (r"[-+*/%^(=<>]\s*$", r"-", "a sign may stand only where an expression begins", "write (0 - x)"),
        (
            r"\|\s*\w+\s*:\s*('[^']*'|\"[^\"]*\")$",
            r"\.",
            "nothing but another filter may follow a filter's argument",
            "write |key:'name' instead of .name",
        ),
        (
            r"",
            f"[{_QUOTATION_MARKS}]",
            "these quotation marks are none to Flyte",
            "write ' or \"",
        ),
        (
            r"\{[{%].*$",
            r"\{[{%]",
            "braces stand inside of braces",
            "leave the inner ones away: a name needs none there",
        ),
        (
            r"\{\{-?\s*('[^']*'|\"[^\"]*\")\s*$",
            r":",
            "'{{' begins a template, and JSON stands here",
            "write '{ {'",
        ),
        (r"\{[{%][^}]*$", r"\{", "there are no maps in templates", "write unmarshalJson('{…}')"),
        (r"\bfor\s[^}]*$", r"of\b", "there is no 'of'", "write {% for x in list %}"),
        (r"\{\{-?\s*$", r"\.", "names have no dot before them", "write Event, not .Event"),
        (r"\{[{%][^}]*$", r"[$@#]", "names have no such sign", "write the name alone"),
        (
            r"(?P<a>[\w.]+)\.(?P<n>\w+)-$",
            r"(?P<b>(in|and|or|not|as|true|false|export)\b)",
            "a name with a dash in it is read as a subtraction",
            "write {a}|key:'{n}-{b}'",
        ),
        (r"\.$", r"[^\W\d_]", "a name has only the letters a to z, digits and _", "write |key:'name'"),
    )
)


def recognized(before: str, rest: str) -> tuple[str, str] | None:
    """Return what is wrong at a place and how to write it right; None: nobody's syntax that is known.

    ``before`` and ``rest`` are the template before and from the place.
    """
    line = before.rpartition("\n")[2]
    if rest.startswith("[") and (found := _membership(line, rest) or _indexed(line, rest)):
        return found
    for known in _KNOWN:
        left, right = re.search(known.before, line), re.match(known.here, rest)
        if left and right:
            named = {"n": "n"} | left.groupdict() | right.groupdict()
            return known.wrong, _filled(known.advice, named)
    return None


def _membership(line: str, rest: str) -> tuple[str, str] | None:
    """Explain ``a in ['b', 'c']``."""
    left = re.search(rf"{_LEFT.removesuffix('$')}in\s+$", line.replace("not in", "in"))
    items = re.match(rf"\[\s*((?:{_OPERAND})(?:\s*,\s*(?:{_OPERAND}))*)\s*,?\s*\]", rest)
    if left is None or items is None:
        return None
    texts = re.findall(_OPERAND, items[1])
    plain = [text[1:-1] for text in texts if text[0] in "'\""]
    wrong, mark = "there are no lists in templates", '"' if texts[0][0] == '"' else "'"
    if len(plain) == len(texts) and not any(re.search(r"[,'\"\\\\]", text) for text in plain):
        return wrong, f"write {left['a']} in {mark}{','.join(plain)}{mark}|split:{mark},{mark}"
    floats = (f"{text}.0" if text.isdecimal() else text for text in texts)
    return wrong, "write " + " or ".join(f"{left['a']} == {text}" for text in floats)


def _indexed(line: str, rest: str) -> tuple[str, str] | None:
    """Explain ``a[0].b`` and ``a['b']['c']``."""
    left = re.search(_LEFT, line)
    steps = re.match(rf"(?:\[\s*(?:\d+|{_QUOTED})\s*\]|\.\w+)+", rest)
    if left is None or steps is None:
        return None
    whole = left["a"]
    for index, key, name in re.findall(rf"\[\s*(\d+)\s*\]|\[\s*({_QUOTED})\s*\]|\.(\w+)", steps[0]):
        if key:
            whole += f"|key:{key}"
        elif "|" not in whole:
            whole += f".{index or name}"
        else:
            whole += f"|index:{index}" if index else f"|key:'{name}'"
    return "brackets are no index here", f"write {whole}"


def _filled(advice: str, words: Mapping[str, str | None]) -> str:
    return re.sub(r"\{([a-z])\}", lambda found: words.get(found[1]) or found[1], advice)
