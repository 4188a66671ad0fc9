"""The way to the app: by an open socket, or to its request URLs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

from pack.sandbox.slack.delivery.disturbances import Disturbances
from pack.sandbox.slack.delivery.http_delivery import HttpDelivery
from pack.sandbox.slack.delivery.http_requests import Reply
from pack.sandbox.slack.delivery.interference import Interference
from pack.sandbox.slack.delivery.sockets import Sockets

Json = Any

PayloadKind = Literal["interactive", "slash_commands"]
UrlKind = Literal["interactivity", "commands", "options"]


@dataclass(frozen=True, slots=True)
class AppAnswer:
    """What the app answered to an interaction within three seconds."""

    accepted: bool
    """Whether it acknowledged in time."""
    body: Json = None
    """The acknowledgement's payload: parsed JSON, a text, or None when it was empty (``{}`` is)."""
    reason: str = ""
    """Why it is not accepted, in the words that Slack shows to the person: ``operation_timeout`` (nothing in
    three seconds), ``dispatch_failed`` (no socket is open, the address cannot be reached, or the app is
    uninstalled),
    ``http_client_error`` (status 4xx), ``http_service_error`` (another status that is not 2xx)."""


class Outlet:
    """Sends payloads the way that the app asked for: to its sockets or to its addresses, never to both.

    ``is_installed`` says whether people can use the app.
    """

    def __init__(
        self,
        sockets: Sockets,
        http: HttpDelivery,
        disturbances: Disturbances,
        interference: Interference,
        is_installed: Callable[[], bool],
    ) -> None:
        self._sockets = sockets
        self._http = http
        self._disturbances = disturbances
        self._interference = interference
        self._is_installed = is_installed

    @property
    def is_by_sockets(self) -> bool:
        """Whether events go by Socket Mode: it is in use, or there is no address to send them to."""
        return self._sockets.in_use or self._http.url is None

    def publish(self, payload: dict[str, Json]) -> None:
        """Deliver a wrapped event, with retries, without waiting for it."""
        self._disturbances.pass_on(payload, self._send)

    async def ask(self, kind: PayloadKind, payload: dict[str, Json], *, url_kind: UrlKind) -> AppAnswer:
        """Send an interaction to the app, once, and wait for its answer: at most three of Slack's seconds.

        With Socket Mode in use it goes to one socket, as a frame of this ``kind`` that accepts a response
        payload; the acknowledgement's payload is the answer. Otherwise it goes to the request URL of
        ``url_kind`` (the events' URL when there is none of its own): ``slash_commands`` with the payload's
        fields as the form, ``interactive`` with the form field ``payload``. Nothing is raised, and nothing
        is sent again.
        """
        if not self._is_installed():
            return AppAnswer(False, reason="dispatch_failed")

        def send() -> Awaitable[AppAnswer]:
            return self._ask(kind, payload, url_kind)

        answer = await self._interference.meet(kind, send, lambda answer: answer.accepted)
        return AppAnswer(False, reason="operation_timeout") if answer is None else answer

    async def _ask(self, kind: PayloadKind, payload: dict[str, Json], url_kind: UrlKind) -> AppAnswer:
        url = self._http.url_of(url_kind)
        if url is not None and not self._sockets.in_use:
            return _answer_of(await self._http.ask(url, payload, wrapped=kind == "interactive"))
        envelope = await self._sockets.envelopes.ask(kind, payload)
        if envelope is None or envelope.answered is None:
            return AppAnswer(False, reason="dispatch_failed")
        if not envelope.answered.is_set():
            return AppAnswer(False, reason="operation_timeout")
        return AppAnswer(True, _unless_empty(envelope.response))

    def _send(self, payload: dict[str, Json]) -> None:
        if not self.is_by_sockets:
            self._http.deliver(payload)
        elif self._sockets.enabled:
            self._sockets.envelopes.publish("events_api", payload)


def _unless_empty(body: Json) -> Json:
    return None if body in (None, "", {}) else body


def _answer_of(reply: Reply) -> AppAnswer:
    if not reply.outcome:
        return AppAnswer(True, _unless_empty(reply.body()))
    if reply.outcome == "http_timeout":
        return AppAnswer(False, reason="operation_timeout")
    if not reply.status:
        return AppAnswer(False, reason="dispatch_failed")
    wrong = "http_client_error" if 400 <= reply.status < 500 else "http_service_error"
    return AppAnswer(False, reason=wrong)
