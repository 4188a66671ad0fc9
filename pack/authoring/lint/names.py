"""How findings call things."""

from __future__ import annotations

from collections.abc import Iterable

from pack.flows.model import Flow

_MOST_LISTED = 8


def step_name(flow: Flow, index: int) -> str:
    """Return how a reader finds a step: by its id, without one by its number."""
    step = flow.steps[index]
    return f"step {step.id!r}" if step.id else f"step number {index + 1}"


def listed(names: Iterable[str], word: str = "or") -> str:
    """Return names in one phrase; of many only the first."""
    found = list(names)
    if len(found) > _MOST_LISTED:
        return f"{', '.join(found[:_MOST_LISTED])}, …"
    return f" {word} ".join(filter(None, [", ".join(found[:-1]), *found[-1:]]))
