"""The way to the app: by an open socket, or to its request URLs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pack.sandbox.slack.delivery.http_delivery import HttpDelivery
from pack.sandbox.slack.delivery.sockets import Sockets

Json = Any


@dataclass(frozen=True, slots=True)
class AppAnswer:
    """What the app answered to an interaction within three seconds."""

    accepted: bool
    """Whether it acknowledged in time."""
    body: Json = None
    """The acknowledgement's payload: parsed JSON, a text, or None when it was empty."""
    reason: str = ""
    """Why it is not accepted: ``operation_timeout``, ``no_connection``, ``http_error``…"""


class Outlet:
    """Sends payloads the way that the app asked for: to its address, to its sockets, or both."""

    def __init__(self, sockets: Sockets, http: HttpDelivery) -> None:
        self._sockets = sockets
        self._http = http

    def publish(self, payload: dict[str, Json]) -> None:
        """Deliver a wrapped event, with retries, without waiting for it."""
        if self._http.url is not None:
            self._http.deliver(payload)
        if self._http.url is None or self._sockets.connections:
            self._sockets.envelopes.publish("events_api", payload)
