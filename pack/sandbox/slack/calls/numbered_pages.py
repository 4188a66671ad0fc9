"""Numbered pages, as the older lists of the Web API have them: ``count`` and ``page``."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeVar

T = TypeVar("T")

_USUAL_COUNT = 100
_LARGEST_COUNT = 1_000


def take_numbered_page(items: Sequence[T], arguments: dict[str, Any]) -> tuple[Sequence[T], dict[str, int]]:
    """Return the page that ``count`` and ``page`` ask for, and the answer's ``paging``.

    Numbers out of range are brought into it; a page after the last is empty.
    """
    count = min(max(_number(arguments.get("count"), _USUAL_COUNT), 1), _LARGEST_COUNT)
    page = max(_number(arguments.get("page"), 1), 1)
    pages = math.ceil(len(items) / count)
    paging = {"count": count, "total": len(items), "page": page, "pages": pages}
    return items[(page - 1) * count : page * count], paging


def _number(value: Any, otherwise: int) -> int:
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return otherwise
