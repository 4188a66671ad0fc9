"""The keys that Flyte reads, and those that are written in their place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

from pack.flows.document import Document, Path

Json = Any

FLOW_KEYS = ("name", "description", "steps")
STEP_KEYS = ("id", "dependsOn", "event", "context", "criteria", "command")
EVENT_KEYS = ("name", "packName", "packLabels")
COMMAND_KEYS = ("name", "packName", "packLabels", "input")
EXACT_KEYS = frozenset(
    {"name", "steps", "event", "command", "packName", "description", "criteria", "context"}
)
"""The keys that the schema names: it knows them in this case only."""

_OTHER_WORDS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(
            ("depends", "dependson", "dependency", "dependencies", "needs", "after"), "dependsOn"
        ),
        **dict.fromkeys(("criterion", "condition", "conditions", "when", "if", "filter"), "criteria"),
        **dict.fromkeys(("inputs", "args", "arguments", "params", "parameters", "with", "payload"), "input"),
        **dict.fromkeys(("labels", "packlabel"), "packLabels"),
        **dict.fromkeys(("pack", "packname"), "packName"),
        **dict.fromkeys(("variables", "vars", "values"), "context"),
        **dict.fromkeys(("trigger", "on"), "event"),
        **dict.fromkeys(("action", "do", "run"), "command"),
        **dict.fromkeys(("desc", "summary", "comment"), "description"),
        **dict.fromkeys(("stepid", "key"), "id"),
        **dict.fromkeys(("title", "eventname", "commandname", "flowname"), "name"),
        **dict.fromkeys(("tasks", "jobs", "stages"), "steps"),
    }
)
_NEAR_ENOUGH = 0.7


def meant_by(key: str, known: Iterable[str]) -> str | None:
    """Return the known key that an unknown one may stand for; one in another case always does."""
    folded = {name.lower(): name for name in known}
    plain = key.lower().replace("_", "").replace("-", "").replace(" ", "")
    if plain in folded:
        return folded[plain]
    if _OTHER_WORDS.get(plain) in folded.values():
        return _OTHER_WORDS[plain]
    close = get_close_matches(plain, folded, 1, _NEAR_ENOUGH)
    return folded[close[0]] if close else None


def known_objects(document: Document) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """Yield each object of a flow whose keys Flyte knows, with these keys."""
    yield (), FLOW_KEYS
    steps = object_at(document, ()).get("steps")
    for index in range(len(steps) if isinstance(steps, list) else 0):
        yield ("steps", index), STEP_KEYS
        yield ("steps", index, "event"), EVENT_KEYS
        yield ("steps", index, "command"), COMMAND_KEYS


def object_at(document: Document, path: Path) -> dict[str, Json]:
    """Return the object at a place, an empty one when there is none."""
    value = document.value
    for part in document.real(path):
        if isinstance(value, dict) and isinstance(part, str):
            value = value.get(part)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            return {}
    return value if isinstance(value, dict) else {}
