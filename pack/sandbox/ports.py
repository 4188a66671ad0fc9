"""Which TCP ports the sandbox listens on: those that were asked for, else well-known ones, else any."""

from __future__ import annotations

import errno
import socket
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass

from pack.errors import SettingsError

ENGINE_PORT = 8080
SLACK_PORT = 8081
HEALTH_PORT = 8090
HIGHEST_PORT = 65535
_NOT_HERE = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})


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
        SettingsError: one was asked for twice, is taken, or cannot be listened on.
    """
    _compare(wishes)
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
        raise SettingsError(_explain(wish, error)) from error


def _compare(wishes: Mapping[str, Port]) -> None:
    """Refuse one number that was asked for twice."""
    asked: dict[int, str] = {}
    for wish in wishes.values():
        if wish.option is None or wish.number == 0:
            continue
        if wish.number in asked:
            raise SettingsError(
                f"{asked[wish.number]} and {wish.option}: both are {wish.number}; give each a port of its own"
            )
        asked[wish.number] = wish.option


def _explain(wish: Port, error: OSError) -> str:
    """Return why it cannot be listened on, and what to do."""
    reason = error.strerror or str(error)
    what = f"cannot listen on {wish.host}, port {wish.number}: {reason}"
    if isinstance(error, socket.gaierror):
        return f"--host {wish.host}: no such host: {reason}. Give a name or address of this machine."
    if error.errno in _NOT_HERE:
        return (
            f"--host {wish.host}: {reason}. It is no address of this machine; 127.0.0.1 is for this machine "
            "only, 0.0.0.0 for everybody."
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"{wish.option}: {what}. Ports below 1024 need rights of their own; choose a higher one."
    if error.errno == errno.EADDRINUSE:
        return f"{wish.option}: {what}. Choose another port (0: any free one), or end what uses it."
    return f"{wish.option}: {what}"


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
