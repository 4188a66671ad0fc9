"""Cursors: lists are handed out in pages."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from pack.sandbox.slack.refusal import Refusal

T = TypeVar("T")

LARGEST_PAGE = 1_000
USUAL_PAGE = 100


def encode_cursor(kind: str, value: str) -> str:
    """Return a cursor that names where the next page begins."""
    return base64.b64encode(f"{kind}:{value}".encode()).decode()


def decode_cursor(kind: str, cursor: str) -> str:
    """Return what a cursor names.

    Raises:
        Refusal: ``invalid_cursor``.
    """
    try:
        text = base64.b64decode(cursor, validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise Refusal("invalid_cursor") from error
    found, _, value = text.partition(":")
    if found != kind or not value:
        raise Refusal("invalid_cursor")
    return value


def take_page(
    items: Sequence[T], kind: str, key: Callable[[T], str], *, cursor: str, limit: int
) -> tuple[Sequence[T], str]:
    """Return one page and the cursor of the next (empty: this was the last).

    Raises:
        Refusal: ``invalid_cursor``: it does not name an item of this list.
    """
    start = 0
    if cursor:
        wanted = decode_cursor(kind, cursor)
        position = next((index for index, item in enumerate(items) if key(item) == wanted), None)
        if position is None:
            raise Refusal("invalid_cursor")
        start = position
    page = items[start : start + limit]
    following = start + limit
    return page, encode_cursor(kind, key(items[following])) if following < len(items) else ""


def page_limit(arguments: dict[str, Any], *, refuse: bool) -> int:
    """Return the page's length from the argument ``limit``.

    ``refuse``: a limit outside 1…1,000 is an error; else it is brought into the range.

    Raises:
        Refusal: ``invalid_limit``.
    """
    limit = arguments.get("limit")
    if limit is None:
        return USUAL_PAGE
    if refuse and not 1 <= limit <= LARGEST_PAGE:
        raise Refusal("invalid_limit")
    return min(max(int(limit), 1), LARGEST_PAGE)
