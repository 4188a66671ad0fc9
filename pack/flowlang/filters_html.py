"""Filters that write or take away HTML."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pack.flowlang.expressions import Filter, escaped
from pack.flowlang.run import Run
from pack.flowlang.values import text


def escape(value: object, argument: object, run: Run) -> object:
    """Return the text with nothing in it that HTML would read."""
    return escaped(text(value))


def safe(value: object, argument: object, run: Run) -> object:
    """Return the value; ``autoescape`` looks for this filter."""
    return value


HTML_FILTERS: Mapping[str, Filter] = MappingProxyType({"escape": escape, "safe": safe})
