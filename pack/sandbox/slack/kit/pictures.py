"""Uploaded files that blocks show: whether they can be shown is asked of whoever knows files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pack.sandbox.slack.kit.shapes import Fault

Json = Any

ShowsFile = Callable[[Mapping[str, Json]], bool]
"""Says of a ``slack_file`` (with an ``id`` or a ``url``) whether the author of the blocks can show it."""


def unknown_files(document: Json, pointer: str, shows: ShowsFile) -> Iterator[Fault]:
    """Yield the files in a document in order that cannot be shown.

    The wording is Slack's (slackapi/python-slack-sdk#1797, slackapi/java-slack-sdk#1335).
    """
    if isinstance(document, list):
        for index, item in enumerate(document):
            yield from unknown_files(item, f"{pointer}/{index}", shows)
    elif isinstance(document, dict):
        for name, item in document.items():
            if name == "slack_file" and document.get("type") == "image":
                if not shows(item):
                    yield Fault("invalid slack file", f"{pointer}/{name}")
            elif name != "call":
                yield from unknown_files(item, f"{pointer}/{name}", shows)
