"""The names by which a server is called: this machine's, or public ones."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

_PRIVATE = (".localhost", ".local", ".internal", ".test", ".svc", ".lan", ".home.arpa")


def is_loopback(url: str) -> bool:
    """Tell whether an address leads to this machine alone."""
    host = urlsplit(url).hostname or ""
    return host == "localhost" or (_is_address(host) and ip_address(host).is_loopback)


def is_public_name(host: str) -> bool:
    """Tell whether a ``Host`` header, with a port or without, has a name that the public DNS could know."""
    try:
        name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return True
    return not _is_address(name) and "." in name and not name.endswith(_PRIVATE)


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
