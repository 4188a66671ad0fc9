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
_MAX_MEMORY_BYTES = 8 << 20
_CACHED = 128


@functools.lru_cache(maxsize=_CACHED)
def compiled(pattern: str) -> Any:
    """Return the compiled pattern.

    Raises:
        Refusal: Go does not take it; the message says why where RE2 does.
    """
    if len(pattern) > _MAX_PATTERN_CHARACTERS:
        raise Refusal(f"a regular expression is longer than {_MAX_PATTERN_CHARACTERS} characters")
    if _has_byte_escape(pattern):
        raise Refusal("the regular expression has \\C, which Go does not know")
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MAX_MEMORY_BYTES
    try:
        return re2.compile(clean(pattern), options)
    except re2.error as error:
        reason = error.args[0] if error.args else "it cannot be read"
        if isinstance(reason, bytes):
            reason = reason.decode("utf-8", "replace")
        raise Refusal(
            f"{pattern!r} is no regular expression that Go takes ({reason}); lookaround and backreferences "
            "do not exist there"
        ) from None


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
