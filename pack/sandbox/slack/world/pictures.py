"""Which uploaded files can stand in blocks as pictures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pack.sandbox.slack.world.file_objects import File
from pack.sandbox.slack.world.files import Files

Json = Any

_FILETYPES = frozenset({"gif", "jpeg", "jpg", "png"})


def can_show(files: Files, slack_file: Mapping[str, Json], user_id: str | None) -> bool:
    """Say whether a user's blocks (None: somebody's) may show a file.

    It is named by ``id``, or by ``url``: the private one or the permalink.

    It has to be a picture that was completed, processed and not deleted, and one that the user may see
    (docs.slack.dev/reference/block-kit/composition-objects/slack-file-object; slackapi/python-slack-sdk#1797,
    slackapi/java-slack-sdk#1349).
    """
    file = _find(files, slack_file)
    return (
        file is not None
        and not file.deleted
        and file.kind.filetype in _FILETYPES
        and files.is_processed(file)
        and (user_id is None or files.places.is_visible(file, user_id))
    )


def _find(files: Files, slack_file: Mapping[str, Json]) -> File | None:
    if "id" in slack_file:
        return files.find(slack_file["id"])
    url = slack_file["url"]
    for file in files.all():
        described = files.describe(file)
        if url in (described["url_private"], described["permalink"]):
            return file
    return None
