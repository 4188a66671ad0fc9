"""The command ``schema``."""

from __future__ import annotations


def schema() -> None:
    """Not there yet."""
