"""Inline mrkdwn: what stands within a line, as the elements of a rich text section."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from typing import Any

from pack.sandbox.slack.kit.escaping import unescape

Json = Any
Element = dict[str, Json]

_STYLES: Mapping[str, str] = {"*": "bold", "_": "italic", "~": "strike"}
_CLOSING: Mapping[str, re.Pattern[str]] = {
    mark: re.compile(rf"(?<=\S){re.escape(mark)}(?![^\W_]|{re.escape(mark)})") for mark in _STYLES
}
_DEEPEST = 3  # one style within another: bold, italic, strike

_ANGLED = re.compile(r"<([^<>\n]+)>")
_MARK = re.compile(r"[<`:*_~]|(?<![^\W_])h(?=ttps?:)")
_CODE = re.compile(r"`([^`\n]+)`")
_EMOJI = re.compile(r":([a-z0-9_+'-]{1,100})(?:::skin-tone-([2-6]))?:", re.IGNORECASE)
_BARE_LINK = re.compile(r"https?://[^\s<>|`]*[^\s<>|`.,;:!?'\")\]}*_~]")
_DATE = re.compile(r"date\^(-?\d{1,15})\^([^^]+)(?:\^(.+))?")
_USER = re.compile(r"@([UWB][A-Z0-9]+)")
_CHANNEL = re.compile(r"#([CGD][A-Z0-9]+)")
_USERGROUP = re.compile(r"!subteam\^(S[A-Z0-9]+)")
_BROADCASTS = frozenset({"!here", "!channel", "!everyone"})
_LINK = re.compile(r"(?:https?|mailto|tel|ftp|slack|[a-z][a-z0-9+.-]*):\S+", re.IGNORECASE)
_NUMBERS_THAT_ARE_EMOJI = frozenset({"100", "1234", "+1", "-1"})


def read_line(text: str) -> list[Element]:
    """Return the elements of a text: text, link, user, channel, usergroup, broadcast, emoji and date."""
    return list(_joined(_read(text, {}, _DEEPEST)))


def _read(text: str, style: Mapping[str, bool], deepest: int) -> Iterator[Element]:
    """Read from the left; what begins nothing is text."""
    ends = _Ends(text)
    position = kept = 0
    while mark := _MARK.search(text, position):
        position = mark.start()
        found = _at(text, position, style, deepest, ends)
        if found is None:
            position += 1
            continue
        elements, end = found
        yield from _text(text[kept:position], style)
        yield from elements
        position = kept = end
    yield from _text(text[kept:], style)


class _Ends:
    """Where the styles of a text can end: found once, so that a long text is read in one go."""

    def __init__(self, text: str) -> None:
        bare = _ANGLED.sub(lambda match: "x" * len(match[0]), text) if "<" in text else text
        self._text = text
        self._ends = {
            mark: [match.start() for match in pattern.finditer(bare)] if mark in bare else []
            for mark, pattern in _CLOSING.items()
        }

    def after(self, start: int) -> int | None:
        """Return where the style that begins at a mark ends, None when this mark begins none."""
        text, mark = self._text, self._text[start]
        before, after = text[start - 1 : start] if start else "", text[start + 1 : start + 2]
        if before.isalnum() or before == mark or not after or after.isspace() or after == mark:
            return None
        ends = self._ends[mark]
        place = bisect_right(ends, start + 1)
        if place == len(ends) or text.find("\n", start, ends[place]) >= 0:
            return None
        return ends[place]


def _at(
    text: str, position: int, style: Mapping[str, bool], deepest: int, ends: _Ends
) -> tuple[list[Element], int] | None:
    """Return what begins at a position, and where it ends."""
    mark = text[position]
    if mark == "<" and (match := _ANGLED.match(text, position)):
        return [_styled(_angled(match[1]), style)], match.end()
    if mark == "`" and (match := _CODE.match(text, position)):
        coded = {**style, "code": True}
        return [_styled(element, coded) for element in _read_code(match[1])], match.end()
    if mark == ":" and (match := _EMOJI.match(text, position)) and _names_an_emoji(match[1]):
        return [_styled(_emoji(match), style)], match.end()
    if mark == "h":
        link = _BARE_LINK.match(text, position)
        return ([_styled({"type": "link", "url": unescape(link[0])}, style)], link.end()) if link else None
    if mark in _STYLES and deepest and (end := ends.after(position)):
        inner = {**style, _STYLES[mark]: True}
        return list(_read(text[position + 1 : end], inner, deepest - 1)), end + 1
    return None


def _read_code(text: str) -> Iterator[Element]:
    """Code has links and mentions, but no emoji and no styles."""
    kept = 0
    for match in _ANGLED.finditer(text):
        yield from _text(text[kept : match.start()], {})
        yield _angled(match[1])
        kept = match.end()
    yield from _text(text[kept:], {})


def _angled(content: str) -> Element:
    """Return what stands between ``<`` and ``>``: a mention, a date or a link."""
    target, bar, label = content.partition("|")
    if match := _USER.fullmatch(target):
        return {"type": "user", "user_id": match[1]}
    if match := _CHANNEL.fullmatch(target):
        return {"type": "channel", "channel_id": match[1]}
    if match := _USERGROUP.fullmatch(target):
        return {"type": "usergroup", "usergroup_id": match[1]}
    if target in _BROADCASTS:
        return {"type": "broadcast", "range": target[1:]}
    if target.startswith("!"):
        return _date(target[1:], label) or {
            "type": "text",
            "text": unescape(label if bar else f"<{target[1:]}>"),
        }
    if not _LINK.fullmatch(target):
        return {"type": "text", "text": unescape(f"<{content}>")}
    link: Element = {"type": "link", "url": unescape(target)}
    return {**link, "text": unescape(label)} if label else link


def _date(target: str, fallback: str) -> Element | None:
    match = _DATE.fullmatch(target)
    if match is None:
        return None
    date: Element = {"type": "date", "timestamp": int(match[1]), "format": unescape(match[2])}
    if match[3]:
        date["url"] = unescape(match[3])
    return {**date, "fallback": unescape(fallback)} if fallback else date


def _names_an_emoji(name: str) -> bool:
    return name in _NUMBERS_THAT_ARE_EMOJI or any(sign.isalpha() for sign in name)


def _emoji(match: re.Match[str]) -> Element:
    emoji: Element = {"type": "emoji", "name": match[1].lower()}
    return {**emoji, "skin_tone": int(match[2])} if match[2] else emoji


def _text(text: str, style: Mapping[str, bool]) -> Iterator[Element]:
    if text:
        yield _styled({"type": "text", "text": unescape(text)}, style)


def _styled(element: Element, style: Mapping[str, bool]) -> Element:
    return {**element, "style": dict(style)} if style else element


def _joined(elements: Iterator[Element]) -> Iterator[Element]:
    """Join texts that stand side by side in the same style."""
    last: Element | None = None
    for element in elements:
        if last and last["type"] == element["type"] == "text" and last.get("style") == element.get("style"):
            last = {**last, "text": last["text"] + element["text"]}
            continue
        if last:
            yield last
        last = element
    if last:
        yield last
