"""The way to the app: by an open socket, or to its request URLs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from pack.sandbox.slack.delivery.disturbances import Disturbances
from pack.sandbox.slack.delivery.http_delivery import HttpDelivery
from pack.sandbox.slack.delivery.http_requests import Reply
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
    three seconds), ``dispatch_failed`` (no socket is open and there is no address, or it cannot be reached),
    ``http_client_error`` (status 4xx), ``http_service_error`` (another status that is not 2xx)."""


class Outlet:
    """Sends payloads the way that the app asked for: to its address, to its sockets, or both."""

    def __init__(self, sockets: Sockets, http: HttpDelivery, disturbances: Disturbances) -> None:
        self._sockets = sockets
        self._http = http
        self._disturbances = disturbances

    def publish(self, payload: dict[str, Json]) -> None:
        """Deliver a wrapped event, with retries, without waiting for it."""
        self._disturbances.pass_on(payload, self._send)

    async def ask(self, kind: PayloadKind, payload: dict[str, Json], *, url_kind: UrlKind) -> AppAnswer:
        """Send an interaction to the app, once, and wait for its answer: at most three of Slack's seconds.

        It goes to one open socket, as a frame of this ``kind`` that accepts a response payload; the
        acknowledgement's payload is the answer. When no socket is open it goes to the request URL of
        ``url_kind`` (the events' URL when there is none of its own): ``slash_commands`` with the payload's
        fields as the form, ``interactive`` with the form field ``payload``. Nothing is raised, and nothing
        is sent again.
        """
        if self._sockets.ready:
            envelope = await self._sockets.envelopes.ask(kind, payload)
            if envelope is not None and envelope.answered is not None:
                if envelope.answered.is_set():
                    return AppAnswer(True, envelope.response or None)
                return AppAnswer(False, reason="operation_timeout")
        url = self._http.url_of(url_kind)
        if url is None:
            return AppAnswer(False, reason="dispatch_failed")
        return _answer_of(await self._http.ask(url, payload, wrapped=kind == "interactive"))

    def _send(self, payload: dict[str, Json]) -> None:
        if self._http.url is not None:
            self._http.deliver(payload)
        if self._sockets.enabled and (self._http.url is None or self._sockets.connections):
            self._sockets.envelopes.publish("events_api", payload)


def _answer_of(reply: Reply) -> AppAnswer:
    if not reply.outcome:
        return AppAnswer(True, reply.body() or None)
    if reply.outcome == "http_timeout":
        return AppAnswer(False, reason="operation_timeout")
    if not reply.status:
        return AppAnswer(False, reason="dispatch_failed")
    wrong = "http_client_error" if 400 <= reply.status < 500 else "http_service_error"
    return AppAnswer(False, reason=wrong)
