"""What the sandbox starts, and how it shows itself."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from pack.sandbox.ports import Port


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to start, and how."""

    engine_port: Port
    slack_port: Port
    health_port: Port
    engine: bool = True
    slack: bool = True
    pack: bool = True
    """Needs both of them."""
    host: str = "127.0.0.1"
    flows: tuple[Path, ...] | None = None
    """Files and directories; None: the examples where there is a Slack too, else nothing."""
    state: Path | None = None
    """The file that the engine keeps everything in; None: nothing is kept."""
    jwt: str | None = None
    """What the engine asks of every caller."""
    limits: bool = True
    """Whether Slack's rate limits hold."""
    speed: float = 1.0
    """A factor on everything that takes time in Slack."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How the sandbox shows itself."""

    headless: bool = False
    """Plain lines, nothing is read; always so when standard output is no terminal."""
    as_json: bool = False
    """One JSON object on standard output and nothing else; headless."""
    pack_log: bool = False
    """The pack's log goes to standard error too."""

    @property
    def live(self) -> bool:
        """Whether somebody looks at a terminal."""
        return not self.headless and not self.as_json and sys.stdout.isatty()
