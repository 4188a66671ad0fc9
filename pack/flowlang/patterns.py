r"""Go's regular expressions: RE2, which never takes longer than the text is long.

Only what differs is looked after here: ``\C`` (one byte) exists in RE2 and not in Go.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any

import re2

from pack.flowlang.errors import Refusal
from pack.flowlang.kinds import clean

_MAX_PATTERN_CHARACTERS = 10_000
_MAX_MEMORY_BYTES = 32 << 20
_CACHED = 64
_CHARACTERS_TIMES_SIZE_PER_STEP = 20_000


def compiled(pattern: str) -> Any:
    """Return the compiled pattern.

    Raises:
        Refusal: Go does not take it; the message says why where RE2 does.
    """
    if len(pattern) > _MAX_PATTERN_CHARACTERS:
        raise Refusal(f"a regular expression is longer than {_MAX_PATTERN_CHARACTERS} characters")
    made = _compiled(clean(pattern))
    if isinstance(made, str):
        raise Refusal(
            f"{pattern!r} is no regular expression that Go takes ({made}); lookaround and backreferences do "
            "not exist there"
        )
    return made


@functools.lru_cache(maxsize=_CACHED)
def _compiled(pattern: str) -> Any:
    """Return the compiled pattern, or as a text what is wrong with it."""
    if _has_byte_escape(pattern):
        return "\\C is unknown to it"
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MAX_MEMORY_BYTES
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0] if error.args else "it cannot be read"
        return reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)


def work(pattern: str, text: str) -> int:
    """Return how many steps a search counts as: it may take as long as pattern times text.

    Raises:
        Refusal: Go does not take the pattern.
    """
    return 1 + len(text) * int(compiled(pattern).programsize) // _CHARACTERS_TIMES_SIZE_PER_STEP


def found(pattern: str, text: str) -> bool:
    """Say whether the pattern occurs in the text.

    Raises:
        Refusal: Go does not take the pattern.
    """
    return compiled(pattern).search(clean(text)) is not None


def groups(pattern: str, text: str) -> tuple[str, ...] | None:
    """Return the groups of the first occurrence, empty for those that took no part; None: it does not occur.

    Raises:
        Refusal: Go does not take the pattern.
    """
    match = compiled(pattern).search(clean(text))
    return None if match is None else tuple(group or "" for group in match.groups())


def substituted(pattern: str, replacement: str | Callable[[re.Match[str]], str], text: str) -> str:
    """Return the text with every occurrence of the pattern replaced.

    Raises:
        Refusal: Go does not take the pattern.
    """
    changed: str = compiled(pattern).sub(replacement, clean(text))
    return changed


def _has_byte_escape(pattern: str) -> bool:
    index, literal = 0, False
    while (index := pattern.find("\\", index)) >= 0:
        following = pattern[index + 1 : index + 2]
        if following == "C" and not literal:
            return True
        if following in ("Q", "E"):
            literal = following == "Q"
        index += 2
    return False
