"""The Events API over HTTP: signed requests to the app's own address, repeated when they fail."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
import secrets
from collections import deque
from dataclasses import dataclass
from typing import Any

import aiohttp

from pack.clock import Clock
from pack.errors import PackError

logger = logging.getLogger(__name__)

Json = Any

ANSWER_SECONDS = 3.0
RETRY_AFTER_SECONDS = (0.0, 60.0, 300.0)
_AT_ONCE = 10
_MOST_WAITING = 10_000
_REMEMBERED = 1_000


class VerificationFailed(PackError):
    """The address did not answer the ``url_verification`` challenge."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request to the app, and what became of it."""

    event_id: str
    retry_num: int
    retry_reason: str
    outcome: str
    """Empty when it was accepted, else the reason as the next retry names it."""
    answer: str
    """The first part of the answer's body."""


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Return the ``x-slack-signature`` of a request."""
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


class HttpDelivery:
    """Sends payloads to one request URL, once it has proved that it belongs to the app."""

    def __init__(self, signing_secret: str, clock: Clock) -> None:
        self.attempts: deque[Attempt] = deque(maxlen=_REMEMBERED)
        self.given_up = 0
        """Payloads that were never accepted."""
        self.url: str | None = None
        self._secret = signing_secret
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._slots = asyncio.Semaphore(_AT_ONCE)

    async def subscribe(self, url: str) -> None:
        """Verify an address and send it every event from now on.

        Raises:
            VerificationFailed: it did not send the challenge back.
        """
        challenge = secrets.token_hex(16)
        body = {"token": "sandbox-verification-token", "challenge": challenge, "type": "url_verification"}
        outcome, answer = await self._request(url, json.dumps(body).encode(), {})
        if outcome or challenge not in answer:
            reason = outcome or "the answer does not contain the challenge"
            raise VerificationFailed(f"{url} did not pass url_verification: {reason}")
        self.url = url

    def unsubscribe(self) -> None:
        """Send nothing any more."""
        self.url = None

    def deliver(self, payload: dict[str, Json]) -> None:
        """Begin to deliver a wrapped event."""
        if self.url is None:
            return
        if len(self._tasks) >= _MOST_WAITING:
            self.given_up += 1
            return
        task = asyncio.create_task(self._deliver(self.url, payload), name="sandbox-http-event")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """Give up what is under way."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _deliver(self, url: str, payload: dict[str, Json]) -> None:
        body = json.dumps(payload).encode()
        reason = ""
        for number in range(len(RETRY_AFTER_SECONDS) + 1):
            headers = {}
            if number:
                await self._clock.sleep(RETRY_AFTER_SECONDS[number - 1])
                headers = {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": reason}
            async with self._slots:
                outcome, answer = await self._request(url, body, headers)
            self.attempts.append(Attempt(payload["event_id"], number, reason, outcome, answer[:200]))
            if not outcome:
                return
            reason = outcome
            if reason == "no_retry":
                break
        self.given_up += 1
        logger.warning("an event was given up", extra={"event_id": payload["event_id"], "reason": reason})

    async def _request(self, url: str, body: bytes, headers: dict[str, str]) -> tuple[str, str]:
        """Send one request; return why it failed (empty: it did not) and the answer's text."""
        sending = asyncio.ensure_future(self._send(url, body, headers))
        timing = asyncio.ensure_future(self._clock.sleep(ANSWER_SECONDS))
        try:
            await asyncio.wait((sending, timing), return_when=asyncio.FIRST_COMPLETED)
            if not sending.done():
                return "http_timeout", ""
            return sending.result()
        finally:
            sending.cancel()
            timing.cancel()

    async def _send(self, url: str, body: bytes, headers: dict[str, str]) -> tuple[str, str]:
        if self._session is None:
            # Time is the clock's, so the client has no limit of its own.
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None))
        timestamp = str(int(self._clock.now().timestamp()))
        signed = {
            "Content-Type": "application/json",
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": sign(self._secret, timestamp, body),
            **headers,
        }
        try:
            async with self._session.post(url, data=body, headers=signed, max_redirects=2) as response:
                answer = await response.text(errors="replace")
                if 200 <= response.status < 300:
                    return "", answer
                unwanted = response.headers.get("X-Slack-No-Retry") == "1"
                return "no_retry" if unwanted else "http_error", answer
        except aiohttp.TooManyRedirects:
            return "too_many_redirects", ""
        except aiohttp.ClientSSLError:
            return "ssl_error", ""
        except (aiohttp.ClientError, OSError):
            return "connection_failed", ""
