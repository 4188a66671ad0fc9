"""Which proxy a request goes through, as ``HTTP_PROXY``, ``HTTPS_PROXY`` and ``NO_PROXY`` say.

aiohttp can read them too (``trust_env``), but asks two threads about each request, which costs more than the
request itself, and fails when a ``.netrc`` names the host of a request that carries a JWT.
"""

from __future__ import annotations

import ipaddress
from urllib.request import getproxies, proxy_bypass

from yarl import URL

from pack.errors import SettingsError


class Proxies:
    """The proxies of the environment as it is when this is made; the variables may be in small letters too.

    An entry of ``NO_PROXY`` is a host, a domain (with everything below it), ``host:port``, a network such as
    ``10.0.0.0/8`` or ``*``.
    """

    def __init__(self) -> None:
        self._of_scheme = getproxies()
        self._networks = _networks(self._of_scheme.get("no", ""))
        self._found: dict[tuple[str, str | None, int | None], URL | None] = {}

    def find(self, url: URL) -> URL | None:
        """Return the proxy for a URL, None when it is asked directly.

        Raises:
            SettingsError: the variable's value is no address of an HTTP proxy.
        """
        if not self._of_scheme:
            return None
        origin = (url.scheme, url.host, url.port)
        if origin not in self._found:
            self._found[origin] = self._decide(url)
        return self._found[origin]

    def _decide(self, url: URL) -> URL | None:
        address, host = self._of_scheme.get(url.scheme), url.host
        if not address or not host or proxy_bypass(f"{host}:{url.port}") or self._in_a_network(host):
            return None
        try:
            proxy = URL(address if "://" in address else f"http://{address}")
        except ValueError:
            proxy = URL()
        if proxy.scheme not in ("http", "https") or not proxy.host:
            raise SettingsError(
                f"{url.scheme.upper()}_PROXY is not the address of an HTTP proxy; write http://host:port "
                f"(SOCKS is not understood), or name {host} in NO_PROXY"
            )
        return proxy

    def _in_a_network(self, host: str) -> bool:
        if not self._networks:
            return False
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return False
        return any(address in network for network in self._networks)


def _networks(no_proxy: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    found = []
    for entry in no_proxy.split(","):
        if "/" in entry:
            try:
                found.append(ipaddress.ip_network(entry.strip(), strict=False))
            except ValueError:
                continue
    return found
