"""Filters that write, cut or take away HTML, lines and addresses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from pack.flowlang.expressions import Filter, escaped
from pack.flowlang.filters_text import iriencode
from pack.flowlang.html_cut import cut_characters, cut_words
from pack.flowlang.kinds import SafeText, from_bytes, to_bytes
from pack.flowlang.patterns import substituted
from pack.flowlang.run import Run
from pack.flowlang.strings import trim
from pack.flowlang.values import integer, length, text

_JS_ESCAPED = re.compile(r"\\[rn]|[^A-Za-z /]", re.DOTALL)
_JS_LINE_ENDS: Mapping[str, str] = MappingProxyType({"\\r": "\\u000D", "\\n": "\\u000A"})
_ADDRESS = "".join(
    (
        r"((((http|https)://)|www\.|((^|[ ])[0-9A-Za-z_\-]+(\.com|\.net|\.org|\.info|\.biz|\.de))))",
        r"(?U:.*)([ ]+|$)",
    )
)
_MAIL = r"(\w+@\w+\.\w{2,4})"
_SHORTEST_TITLE = 3
_STEPS_OF_A_LINK = 2


def escape(value: object, argument: object, run: Run) -> object:
    """Return the text with nothing in it that HTML would read."""
    return escaped(text(value))


def safe(value: object, argument: object, run: Run) -> object:
    """Return the value; ``autoescape`` looks for this filter."""
    return value


def escapejs(value: object, argument: object, run: Run) -> object:
    """Return the text with everything but letters, spaces and slashes as JavaScript's escapes."""
    whole = text(value)
    run.reserve(6 * len(whole))
    run.read(whole)
    return _JS_ESCAPED.sub(_js_escape, "".join(c for c in whole if not _is_broken(c)))


def _is_broken(character: str) -> bool:
    return character == "\ufffd" or "\ud800" <= character <= "\udfff"


def _js_escape(found: re.Match[str]) -> str:
    return _JS_LINE_ENDS.get(found[0]) or "".join(f"\\u{ord(character):04X}" for character in found[0])


def linebreaks(value: object, argument: object, run: Run) -> object:
    """Return lines as paragraphs: an empty line parts two of them, any other end is a ``<br />``."""
    if length(value) == 0:
        return value
    lines = text(value).split("\n")
    parts: list[str] = []
    opened = False
    for index, line in enumerate(lines):
        if not opened:
            parts.append("<p>")
            opened = True
        parts.append(line)
        if index < len(lines) - 1 and trim(line):
            opened = trim(lines[index + 1]) != ""
            parts.append("<br />" if opened else "</p>")
    return "".join(parts) + ("</p>" if opened else "")


def linebreaksbr(value: object, argument: object, run: Run) -> object:
    """Return the text with ``<br />`` in place of line ends."""
    return text(value).replace("\n", "<br />")


def linenumbers(value: object, argument: object, run: Run) -> object:
    """Return every line with its number before it."""
    return "\n".join(f"{number}. {line}" for number, line in enumerate(text(value).split("\n"), start=1))


def remove_tags(value: object, argument: object, run: Run) -> object:
    """Return the text without the tags that are named, separated by commas, where they have no attributes.

    Raises:
        Refusal: a name makes no regular expression.
    """
    found = text(value)
    for tag in text(argument).split(","):
        run.reserve(len(found))
        found = substituted(f"</?{tag}/?>", "", found)
    return trim(found)


def strip_tags(value: object, argument: object, run: Run) -> object:
    """Return the text without any tags."""
    return trim(substituted("<[^>]*?>", "", text(value)))


def truncate_characters_html(value: object, argument: object, run: Run) -> object:
    """Return at most so many characters, not counting tags, with all tags closed."""
    run.read(text(value))
    return SafeText(cut_characters(text(value), integer(argument), run.spend))


def truncate_words_html(value: object, argument: object, run: Run) -> object:
    """Return at most so many words, not counting tags, with all tags closed."""
    run.read(text(value))
    return SafeText(cut_words(text(value), integer(argument), run.spend))


def urlize(value: object, argument: object, run: Run) -> object:
    """Return the text with links around addresses; ``urlize:false`` leaves what they show unescaped."""
    return _linked(text(value), run, escapes=argument is not False, longest=-1)


def urlize_trunc(value: object, argument: object, run: Run) -> object:
    """Return the text with links around addresses, which show at most so many bytes."""
    return _linked(text(value), run, escapes=True, longest=integer(argument))


def _linked(source: str, run: Run, *, escapes: bool, longest: int) -> str:
    def title(shown: str) -> str:
        data = to_bytes(shown)
        if longest > _SHORTEST_TITLE and len(data) > longest:
            return from_bytes(data[: longest - _SHORTEST_TITLE]) + "..."
        return shown

    def link(found: re.Match[str]) -> str:
        run.spend(_STEPS_OF_A_LINK)
        whole = found[0]
        before, after = " " * whole.startswith(" "), " " * whole.endswith(" ")
        shown = trim(whole)
        address = text(iriencode(shown, None, run))
        if not address.startswith("http"):
            address = f"http://{address}"
        shown = title(shown)
        shown = escaped(shown) if escapes else shown
        return f'{before}<a href="{address}" rel="nofollow">{shown}</a>{after}'

    def mail(found: re.Match[str]) -> str:
        run.spend()
        return f'<a href="mailto:{found[0]}">{title(found[0])}</a>'

    run.reserve(8 * len(source))
    return substituted(_MAIL, mail, substituted(_ADDRESS, link, source))


HTML_FILTERS: Mapping[str, Filter] = MappingProxyType(
    {
        "escape": escape,
        "escapejs": escapejs,
        "linebreaks": linebreaks,
        "linebreaksbr": linebreaksbr,
        "linenumbers": linenumbers,
        "removetags": remove_tags,
        "safe": safe,
        "striptags": strip_tags,
        "truncatechars_html": truncate_characters_html,
        "truncatewords_html": truncate_words_html,
        "urlize": urlize,
        "urlizetrunc": urlize_trunc,
    }
)
