"""What is said to a caller whose request is not understood: errors as JSON, as everywhere."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from aiohttp import web

from pack.flows.go_json import encode_json
from pack.sandbox.engine.answers import JSON_TYPE, Refused, refusal

logger = logging.getLogger(__name__)

_LONGEST_REASON = 120
_LONGEST_HEAD = 1024 * 1024
"""How many bytes the first line of a request, or one header, may have: what Go allows for all of them."""


class ExplainingProtocol(web.RequestHandler):
    """aiohttp's end of a connection, but for what it answers to what is no HTTP, and for longer headers."""

    def __init__(self, server: web.Server, **options: Any) -> None:
        super().__init__(server, max_line_size=_LONGEST_HEAD, max_field_size=_LONGEST_HEAD, **options)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Return the answer to a request that could not be read; the connection ends with it."""
        words = (message or HTTPStatus(status).phrase).split("\n", 1)[0].rstrip(":")[:_LONGEST_REASON]
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or request.writer.output_size > 0:
            super().handle_error(request, status, exc, message)
        else:
            logger.info("a request from %s cannot be read as HTTP: %s", request.remote, words)
        answer = refusal(Refused(status, f"the request cannot be read as HTTP: {words}"))
        answer.force_close()
        return answer


async def explain_refusal(_: web.Request, response: web.StreamResponse) -> None:
    """Let a refusal that aiohttp makes by itself, such as 417, explain itself as ours do."""
    if isinstance(response, web.HTTPException):
        response.body = encode_json({"error": response.text or response.reason})
        response.headers["Content-Length"] = str(len(response.body))
        response.headers["Content-Type"] = JSON_TYPE
