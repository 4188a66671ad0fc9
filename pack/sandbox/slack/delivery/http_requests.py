"""Signed requests to the app's own addresses, and what came back."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import aiohttp

from pack.sandbox.slack.delivery.patience import await_app
from pack.sandbox.slack.timing import SlackClock

Json = Any

ANSWER_SECONDS = 3.0
"""How long the app may take for an answer, connecting included."""
MOST_REDIRECTS = 2
VERIFICATION_TOKEN = "sandbox-verification-token"  # noqa: S105
"""What payloads carry as ``token``: the old way to tell that they come from Slack."""
JSON_TYPE = "application/json"
FORM_TYPE = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of one request."""

    outcome: str
    """Empty when a status 2xx came in time, else the reason as ``x-slack-retry-reason`` names it."""
    status: int = 0
    """0: no status came."""
    content_type: str = ""
    text: str = ""
    wants_no_retry: bool = False
    """Whether ``x-slack-no-retry: 1`` came with it."""

    def body(self) -> Json:
        """Return the parsed JSON when it is declared as such, else the text; None when it is empty."""
        if not self.text.strip():
            return None
        if self.content_type == JSON_TYPE:
            try:
                return json.loads(self.text)
            except (ValueError, RecursionError):
                return self.text
        return self.text


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Return the ``x-slack-signature`` of a request."""
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


def encode_form(fields: Mapping[str, Json]) -> bytes:
    """Return fields as a form; what is not a text goes as JSON, None is left out."""
    texts = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in fields.items()
        if value is not None
    }
    return urlencode(texts).encode()


class HttpRequests:
    """Sends signed requests, each with three of Slack's seconds for its answer."""

    def __init__(self, signing_secret: str, clock: SlackClock) -> None:
        self._secret = signing_secret
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None

    async def post(
        self,
        url: str,
        body: bytes,
        *,
        content_type: str = JSON_TYPE,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send a request and return what became of it; nothing is raised."""
        sending = asyncio.ensure_future(
            self._send(url, body, {"Content-Type": content_type, **(headers or {})})
        )
        timing = asyncio.ensure_future(self._clock.sleep(ANSWER_SECONDS))
        go_on = await_app(self._clock)
        try:
            await asyncio.wait((sending, timing), return_when=asyncio.FIRST_COMPLETED)
            return sending.result() if sending.done() else Reply("http_timeout")
        finally:
            sending.cancel()
            timing.cancel()
            go_on()
            await asyncio.gather(sending, timing, return_exceptions=True)

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _send(self, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        if self._session is None:
            # Time is the clock's, so the client has no limit of its own.
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=None), cookie_jar=aiohttp.DummyCookieJar()
            )
        signed = {**self._signed(body), **headers}
        try:
            # The client counts the redirect that it refuses, too.
            most = MOST_REDIRECTS + 1
            async with self._session.post(url, data=body, headers=signed, max_redirects=most) as response:
                return await _read(response)
        except aiohttp.TooManyRedirects:
            return Reply("too_many_redirects")
        except aiohttp.ClientSSLError:
            return Reply("ssl_error")
        except (aiohttp.ClientError, OSError, ValueError):
            return Reply("connection_failed")

    def _signed(self, body: bytes) -> dict[str, str]:
        timestamp = str(int(self._clock.machine_now().timestamp()))
        return {
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "Accept": "*/*",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": sign(self._secret, timestamp, body),
        }


async def _read(response: aiohttp.ClientResponse) -> Reply:
    text = await response.text(errors="replace")
    accepted = 200 <= response.status < 300
    return Reply(
        outcome="" if accepted else "http_error",
        status=response.status,
        content_type=response.content_type,
        text=text,
        wants_no_retry=response.headers.get("X-Slack-No-Retry") == "1",
    )
