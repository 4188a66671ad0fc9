"""For every rule about templates: what is broken, how it is written right, and what Flyte makes of both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

Json = Any

SKIPPED = "(the step is skipped)"
"""What becomes of a template that fails, or of a criteria that is no boolean."""


@dataclass(frozen=True)
class Claim:
    """A broken template and the same written right; ``gives`` and ``means`` are what they come out as."""

    rule: str
    broken: str
    fixed: str
    gives: str
    means: str
    payload: Json = field(default_factory=dict)
    context: Mapping[str, str] = field(default_factory=dict)
    criteria: bool = False
    slack: bool = False
    """Whether the event is the pack's own ReceivedMessage, whose payload is declared."""


CLAIMS = tuple(Claim(**row) for row in yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text("utf-8")))
