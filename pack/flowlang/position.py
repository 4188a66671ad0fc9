"""From a place in what the lexer read to a place that a person, or Flyte itself, would name.

Flyte wraps every template in ``{% autoescape off %}`` … ``{% endautoescape %}``, as text: a template may
even close it from inside. So the lexer reads the wrapped text, and the author is told places in their own.
"""

from __future__ import annotations

ENGINE_PREFIX = "{% autoescape off %}"
ENGINE_SUFFIX = "{% endautoescape %}"


def wrapped(template: str) -> str:
    """Return the text that is lexed for a template."""
    return f"{ENGINE_PREFIX}{template}{ENGINE_SUFFIX}"


def place(source: str, offset: int) -> tuple[str, int, int]:
    """Return the author's template, and the line and column in it of an offset into the wrapped text."""
    template = source[len(ENGINE_PREFIX) : len(source) - len(ENGINE_SUFFIX)]
    inside = min(max(offset - len(ENGINE_PREFIX), 0), len(template))
    line_start = template.rfind("\n", 0, inside) + 1
    return template, template.count("\n", 0, inside) + 1, inside - line_start + 1


def engine_place(source: str, offset: int) -> tuple[int, int]:
    """Return the line and column that Flyte names: in the wrapped text, and in bytes."""
    line_start = source.rfind("\n", 0, offset) + 1
    column = len(source[line_start:offset].encode("utf-8", "surrogateescape")) + 1
    return source.count("\n", 0, offset) + 1, column
