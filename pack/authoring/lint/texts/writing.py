"""How to write a text so that it is read as one."""

from __future__ import annotations

import json


def quoted(text: str, *, yaml: bool) -> str:
    """Return a text in quotes: in YAML single ones where they can stand, else as JSON writes it."""
    if yaml and text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    return json.dumps(text, ensure_ascii=False)
