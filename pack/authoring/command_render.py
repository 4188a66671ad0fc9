"""The command ``render``."""

from __future__ import annotations


def render() -> None:
    """Not there yet."""
