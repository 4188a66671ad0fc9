"""The Events API over HTTP: signed requests to the app's own address, repeated when they fail."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
from collections import deque
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from pack.errors import PackError
from pack.sandbox.slack.delivery.disturbances import Disturbances
from pack.sandbox.slack.delivery.failures import FEWEST_DELIVERIES, FailureWatch
from pack.sandbox.slack.delivery.http_requests import (
    ANSWER_SECONDS,
    FORM_TYPE,
    VERIFICATION_TOKEN,
    HttpRequests,
    Reply,
    encode_form,
)
from pack.sandbox.slack.timing import SlackClock

logger = logging.getLogger(__name__)

Json = Any

RETRY_AFTER_SECONDS = (0.0, 60.0, 300.0)
URL_KINDS = ("interactivity", "commands", "options")
"""The request URLs that an app can have beside that of its events."""
_AT_ONCE = 100
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


class HttpDelivery:
    """Sends payloads to one request URL, once it has proved that it belongs to the app."""

    def __init__(self, signing_secret: str, clock: SlackClock, disturbances: Disturbances) -> None:
        self.attempts: deque[Attempt] = deque(maxlen=_REMEMBERED)
        self.given_up = 0
        """Payloads that were never accepted."""
        self.url: str | None = None
        """Where events go, and everything else that has no address of its own."""
        self.further_urls: dict[str, str] = {}
        """Addresses of their own, by URL_KINDS; without one the events' address is used."""
        self.disabled = False
        """True: more than 95 % of the last hour's requests failed, and nothing is sent until ``enable``."""
        self.withheld = 0
        """Events that were not sent because of that; they never are."""
        self.failures = FailureWatch(clock)
        self._clock = clock
        self._disturbances = disturbances
        self._requests = HttpRequests(signing_secret, clock)
        self._tasks: set[asyncio.Task[None]] = set()
        self._slots = asyncio.Semaphore(_AT_ONCE)

    async def subscribe(self, url: str) -> None:
        """Verify an address and send it every event from now on.

        Raises:
            VerificationFailed: it did not send the challenge back.
        """
        challenge = secrets.token_hex(16)
        body = {"token": VERIFICATION_TOKEN, "challenge": challenge, "type": "url_verification"}
        reply = await self._requests.post(url, json.dumps(body).encode())
        if reply.outcome or not _has_challenge(reply, challenge):
            reason = reply.outcome or "the answer is not the challenge"
            raise VerificationFailed(f"{url} did not pass url_verification: {reason}")
        self.url = url
        self.enable()

    def unsubscribe(self) -> None:
        """Send nothing any more."""
        self.url = None

    def enable(self) -> None:
        """Send events again after too many failures; what was withheld does not come."""
        self.disabled = False
        self.failures.clear()

    def reset(self) -> None:
        """Forget what became of requests, and after how many failures none is sent; the addresses stay."""
        self.failures.fewest = FEWEST_DELIVERIES
        self.attempts.clear()
        self.given_up = self.withheld = 0
        self.enable()

    def deliver(self, payload: dict[str, Json]) -> None:
        """Begin to deliver a wrapped event."""
        if self.url is None:
            return
        if self.disabled:
            self.withheld += 1
            return
        if len(self._tasks) >= _MOST_WAITING:
            self.given_up += 1
            return
        task = asyncio.create_task(self._deliver(self.url, payload), name="sandbox-http-event")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def url_of(self, kind: str) -> str | None:
        """Return where payloads of a kind of address go (URL_KINDS); None: nowhere."""
        return self.further_urls.get(kind) or self.url

    async def ask(self, url: str, fields: dict[str, Json], *, wrapped: bool) -> Reply:
        """Send an interaction once and return what the app answered.

        ``wrapped``: as one form field ``payload`` of JSON, like everything but slash commands.
        """
        form = {"payload": json.dumps(fields)} if wrapped else fields
        return await self._requests.post(url, encode_form(form), content_type=FORM_TYPE)

    async def stop(self) -> None:
        """Give up what is under way."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._requests.close()

    async def _deliver(self, url: str, payload: dict[str, Json]) -> None:
        event_id = payload.get("event_id", "")
        reason = ""
        for number in range(len(RETRY_AFTER_SECONDS) + 1):
            headers = {}
            if number:
                await self._clock.sleep(RETRY_AFTER_SECONDS[number - 1])
                headers = {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": reason}
            reply = await self._try(url, payload, headers)
            self.attempts.append(Attempt(event_id, number, reason, reply.outcome, reply.text[:200]))
            self._judge(reply)
            if not reply.outcome:
                return
            reason = reply.outcome
            if reply.wants_no_retry or self.disabled:
                break
        self.given_up += 1
        logger.warning("the event %s was given up: %s", event_id or "of an interaction", reason)

    async def _try(self, url: str, payload: dict[str, Json], headers: dict[str, str]) -> Reply:
        """Send one request, unless it is lost on the way; its answer can be, too."""
        if self._disturbances.loses(payload):
            await self._clock.sleep(ANSWER_SECONDS)
            return Reply("http_timeout")
        began = self._clock.monotonic()
        async with self._slots:
            reply = await self._requests.post(url, json.dumps(payload).encode(), headers=headers)
        if not reply.outcome and self._disturbances.overhears(payload):
            await self._clock.sleep(began + ANSWER_SECONDS - self._clock.monotonic())
            return Reply("http_timeout", text=reply.text)
        return reply

    def _judge(self, reply: Reply) -> None:
        self.failures.note(failed=bool(reply.outcome))
        if reply.outcome and self.failures.too_many and not self.disabled:
            self.disabled = True
            logger.warning("the subscription is switched off: too many of its requests failed")


def _has_challenge(reply: Reply, challenge: str) -> bool:
    """Say whether an answer is the challenge: plain, in JSON or as a form, whatever it is declared as."""
    text = reply.text.strip()
    if text == challenge:
        return True
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return challenge in parse_qs(text).get("challenge", ())
    return body == challenge or (isinstance(body, dict) and body.get("challenge") == challenge)
