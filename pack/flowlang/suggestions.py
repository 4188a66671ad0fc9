"""Names that the author may have meant."""

from __future__ import annotations

import difflib
import re
from collections import deque
from collections.abc import Iterable, Iterator

from pack.flowlang.kinds import Entries, Record

MAX_SUGGESTIONS = 3
_CLOSENESS = 0.6
_MAX_NAMES = 500
_MAX_VALUES_SEARCHED = 500
_MAX_DEPTH = 6
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SEPARATORS = re.compile(r"[-_ ]")


def similar(name: str, names: Iterable[str]) -> tuple[str, ...]:
    """Return the names that look or begin like one, the likeliest first; at most MAX_SUGGESTIONS."""
    known = list(dict.fromkeys(names))[:_MAX_NAMES]
    plain = _plain(name)
    if not plain:
        return ()
    by_plain: dict[str, list[str]] = {}
    for other in known:
        by_plain.setdefault(_plain(other), []).append(other)
    close = difflib.get_close_matches(plain, by_plain, MAX_SUGGESTIONS, _CLOSENESS)
    begun = [other for other in by_plain if len(plain) > 1 and other.startswith(plain)]
    found = [other for key in dict.fromkeys([*close, *begun]) for other in by_plain[key] if other != name]
    return tuple(found[:MAX_SUGGESTIONS])


def hint(name: str, names: Iterable[str]) -> str:
    """Return a sentence's end that names what may have been meant; empty when nothing is like it."""
    found = similar(name, names)
    return f": did you mean {' or '.join(found)}?" if found else ""


def _plain(name: str) -> str:
    return _SEPARATORS.sub("", name).lower()


def names_of(value: object) -> list[str]:
    """Return the names of what a value has; none for what has no fields."""
    if isinstance(value, Entries):
        return value.keys()
    return list(value.names()) if isinstance(value, Record) else []


def below(owner: str, name: str) -> str:
    """Return how a field is written: ``owner.name``, or ``owner|key:"some-name"``."""
    if not owner:
        return name
    if _IDENTIFIER.fullmatch(name):
        return f"{owner}.{name}"
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'{owner}|key:"{escaped}"'


def elsewhere(name: str, roots: Iterable[tuple[str, object]]) -> tuple[str, ...]:
    """Return where else a key of that name is, in or below values given with the way they are written."""
    return tuple(found for found, _ in zip(_places(name, roots), range(MAX_SUGGESTIONS), strict=False))


def _places(name: str, roots: Iterable[tuple[str, object]]) -> Iterator[str]:
    waiting = deque((written, value, 0) for written, value in roots)
    plain = _plain(name)
    for _ in range(_MAX_VALUES_SEARCHED):
        if not waiting:
            return
        written, value, depth = waiting.popleft()
        if not isinstance(value, Entries) or "|" in written:
            continue
        for key in value.keys()[:_MAX_NAMES]:
            if _plain(key) == plain:
                yield below(written, key)
            elif depth < _MAX_DEPTH:
                waiting.append((below(written, key), value.get(key), depth + 1))
