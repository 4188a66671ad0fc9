"""Requests that are no HTTP, or whose body is not what it says: the sender's fault, who is told so."""

from __future__ import annotations

import logging
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import BadHttpMessage
from aiohttp.typedefs import Handler


@web.middleware
async def answer_unreadable(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer a request whose body cannot be read with status 400; a middleware for the application."""
    try:
        return await handler(request)
    except web.RequestPayloadError:
        text = "the body cannot be read: its encoding is not what the headers say"
        return web.Response(status=400, text=text, headers={"Connection": "close"})


class RequestLog(logging.LoggerAdapter[logging.Logger]):
    """Where aiohttp's server logs: what is wrong with a request is no error of the server's."""

    def __init__(self) -> None:
        super().__init__(logging.getLogger("aiohttp.server"), {})

    def log(self, level: int, msg: object, *args: object, **kwargs: Any) -> None:
        """Log a failure; with level DEBUG when the request is to blame."""
        blamed = isinstance(kwargs.get("exc_info"), BadHttpMessage | web.RequestPayloadError)
        super().log(logging.DEBUG if blamed else level, msg, *args, **kwargs)
