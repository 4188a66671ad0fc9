"""Which TCP ports the sandbox listens on: those that were asked for, else well-known ones, else any."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass

from pack.errors import SettingsError

ENGINE_PORT = 8080
SLACK_PORT = 8081
HEALTH_PORT = 8090
HIGHEST_PORT = 65535


@dataclass(frozen=True, slots=True)
class Port:
    """A wish for a port."""

    number: int
    """0: any free one."""
    option: str | None = None
    """The option by which it was asked for; None: nobody did, so another port does as well."""
    host: str = "127.0.0.1"
    """The address to listen at."""


def choose(wishes: Mapping[str, Port]) -> dict[str, int]:
    """Return a free port for each wish, all different; those that were asked for are seen to first.

    Raises:
        SettingsError: a port that was asked for is taken, or cannot be listened on.
    """
    chosen: dict[str, int] = {}
    with ExitStack() as held:
        for name, wish in sorted(wishes.items(), key=lambda item: (item[1].option is None, item[0])):
            listener = held.enter_context(_listen(wish))
            chosen[name] = listener.getsockname()[1]
    return chosen


def _listen(wish: Port) -> socket.socket:
    try:
        return _bind(wish.host, wish.number)
    except OSError as error:
        if wish.option is None:
            return _listen(Port(0, "--host", wish.host))
        reason = error.strerror or str(error)
        raise SettingsError(
            f"{wish.option}: cannot listen on {wish.host}, port {wish.number}: {reason}. "
            "Choose another port (0: any free one), or end what uses it."
        ) from error


def _bind(host: str, number: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, number, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener
