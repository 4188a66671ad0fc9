"""The forms that a report comes in."""

from __future__ import annotations

from enum import Enum


class Format(Enum):
    """The forms of a report."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"
