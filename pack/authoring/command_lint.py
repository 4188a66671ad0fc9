"""The command ``lint``."""

from __future__ import annotations


def lint() -> None:
    """Not there yet."""
