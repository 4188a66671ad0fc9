"""The peers and child processes of the tests of whole processes."""

from __future__ import annotations

from tests.process.conftest import children, engine, run, slack

__all__ = ["children", "engine", "run", "slack"]
