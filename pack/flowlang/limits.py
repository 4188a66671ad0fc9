"""What one rendering may cost, so that no template ever hangs or fills the memory."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one rendering. Flyte has none of them: a template that reaches one would hurt it."""

    steps: int = 300_000
    """Nodes written and values read; long texts count as more."""
    seconds: float = 2.0
    """How long all templates of one step may take together; the engine does nothing else meanwhile."""
    characters: int = 4 * 1024 * 1024
    """The longest text, rendered or in between."""
    depth: int = 24
    """How deep macros and ``template()`` may call each other."""


CHARACTERS_PER_STEP = 128
"""How much text may be worked on for one step."""
CHARACTERS_COMPARED_PER_STEP = 4096
"""How much text may be compared or searched for one step."""
ITEMS_PER_STEP = 8
"""How many items of a list or map may be gone through for one step."""
CHARACTERS_READ_PER_STEP = 16
"""How much text may be gone through one by one, or read as JSON, for one step."""
STEPS_PER_LOOK = 256
"""How many steps may pass between two looks at the clock."""
MAX_TOKENS = 100_000
"""The most pieces that a template may have."""
MAX_TEMPLATE_CHARACTERS = 2 * 1024 * 1024
"""The longest template that is parsed; plain text, which needs no parsing, may be longer."""
MAX_NESTING = 40
"""How deep brackets, function calls and tags may be nested in a template."""
