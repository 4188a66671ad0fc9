"""The readers of Block Kit documents, in a workspace where every file but one can be shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pack.sandbox.slack.kit import attachments, blocks, views

Json = Any

UNKNOWN_FILE = "F0UNKNOWN"


def _shows(slack_file: Mapping[str, Json]) -> bool:
    return slack_file.get("id") != UNKNOWN_FILE


def read_blocks(value: Json) -> list[dict[str, Json]] | None:
    return blocks.read_blocks(value, _shows)


def read_attachments(value: Json) -> list[dict[str, Json]] | None:
    return attachments.read_attachments(value, _shows)


def read_view(value: Json, kinds: Sequence[str]) -> dict[str, Json]:
    return views.read_view(value, kinds, _shows)
