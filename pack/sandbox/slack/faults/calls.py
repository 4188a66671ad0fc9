"""Calls as faults see them: of the Web API's methods, and of the addresses that its answers name."""

from __future__ import annotations

from typing import Any, NamedTuple

Json = Any

UPLOAD = "upload"
"""What an upload to the address of ``files.getUploadURLExternal`` is called, as if it were a method."""
RESPONSE_URL = "response_url"
"""What a request to a ``response_url`` is called."""


class Call(NamedTuple):
    """One call of a Web API method, as it came over the wire; its token is not kept.

    An ``upload`` has the arguments ``file_id``, ``filename`` and ``length``, as they were announced; a
    ``response_url`` the payload's fields.
    """

    method: str
    arguments: dict[str, Json]
