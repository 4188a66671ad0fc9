"""One HTTP request to the engine: redirects followed as the engine means them, credentials kept at home."""

from __future__ import annotations

import asyncio
import io
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import aiohttp
from pydantic import SecretStr
from yarl import URL

from pack import __version__
from pack.engine.links import resolve
from pack.errors import AnswerLost, EngineUnavailable
from pack.proxies import Proxies
from pack.secrets import redact

REDIRECTS = frozenset({301, 302, 303, 307, 308})
MOST_REDIRECTS = 5
LONGEST_ANSWER_BYTES = 16 * 2**20
KEPT_END_BYTES = 64 * 2**10
"""How much of the end of a longer answer is kept for who wants it."""
LONGEST_SKIPPED_BYTES = 2**30
"""How long a longer answer may be for its end to be waited for."""
CONNECT_SHARE = 0.9
"""The part of the time for connecting, so that a time-out before sending can be told from one after."""
BUFFERED_BYTES = 2**20
"""Longer bodies are sent piece by piece."""
CONNECTIONS = 100
SECURED = (("http", 80), ("https", 443))
"""The one change of scheme and port that credentials may follow on their host."""
IDLE_SECONDS = 15.0
"""How long an unused connection is kept; proxies and balancers keep theirs for longer."""

_GONE = (("TCP_KEEPIDLE", 15), ("TCP_KEEPINTVL", 15), ("TCP_KEEPCNT", 4), ("TCP_USER_TIMEOUT", 75_000))
"""After how long a silent machine is asked whether it is there, how often, and when it counts as gone."""
_PROXY_TROUBLE = (aiohttp.ClientHttpProxyError, aiohttp.ClientProxyConnectionError)
_NEVER_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, ValueError)
"""What aiohttp raises before anything is sent; ValueError is for addresses that nobody can have."""


def open_session(*, timeout_seconds: float) -> aiohttp.ClientSession:
    """Open the connection pool for the engine; to be closed by the caller.

    ``timeout_seconds`` is for one request with its answer; 0: without limit. The proxies of the environment
    are kept to by :class:`Transport`. No cookies.
    """
    return aiohttp.ClientSession(
        timeout=_timeout(timeout_seconds),
        connector=aiohttp.TCPConnector(
            limit=CONNECTIONS, keepalive_timeout=IDLE_SECONDS, socket_factory=open_socket
        ),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": f"flyte-slack/{__version__}", "Accept": "application/json"},
    )


def open_socket(address: tuple[int, int, int, str, tuple[Any, ...]]) -> socket.socket:
    """Open a socket that breaks when the other machine is gone, so that no request waits for ever for it.

    That matters where requests have no limit of time, and for what a firewall in between forgot.
    """
    family, kind, protocol, _, _ = address
    opened = socket.socket(family, kind, protocol)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _GONE:
        if option := getattr(socket, name, None):  # not every operating system has each
            opened.setsockopt(socket.IPPROTO_TCP, option, value)
    return opened


def _timeout(seconds: float) -> aiohttp.ClientTimeout:
    if seconds <= 0:
        return aiohttp.ClientTimeout(total=None)
    return aiohttp.ClientTimeout(total=seconds, connect=seconds * CONNECT_SHARE, ceil_threshold=seconds + 1)


@dataclass(slots=True)
class Answer:
    """What a server answered."""

    method: str
    url: URL
    """The address that answered, after redirects."""
    status: int
    headers: Mapping[str, str]
    body: bytes
    """The body, as far as it came."""
    damage: str
    """Why the body is not whole; empty when it is."""
    authorized: bool
    """Whether the request carried the credentials."""
    end: bytes = b""
    """The last bytes of a body that is too long, if they were asked for and came."""


class Transport:
    """Sends requests to one engine."""

    def __init__(
        self, *, base_url: URL, session: aiohttp.ClientSession, jwt: SecretStr | None, timeout_seconds: float
    ) -> None:
        self._place = _place(base_url)
        self._session = session
        self._seconds = timeout_seconds
        self._timeout = _timeout(timeout_seconds)
        self._proxies = Proxies()
        self._authorization = _authorization(base_url, jwt)
        self._secret = (jwt.get_secret_value() if jwt else base_url.password or "").encode()

    async def send(
        self, method: str, url: URL, body: bytes | None = None, *, keep_end: bool = False
    ) -> Answer:
        """Send one request and return whatever was answered; redirects keep its method and body.

        ``keep_end``: read an answer that is too long to its end, and keep that.

        Raises:
            EngineUnavailable: nothing was sent, or the redirects lead nowhere.
            AnswerLost: it was sent, and the connection broke or the time was over before an answer.
        """
        started, timeout = asyncio.get_running_loop().time(), self._timeout
        for _ in range(MOST_REDIRECTS + 1):
            answer = await self._send(method, url, body, timeout, keep_end)
            if answer.status not in REDIRECTS:
                return answer
            target = resolve(answer.headers.get("Location", ""), answer.url)
            if target is None or "Location" not in answer.headers:
                return answer
            url = target
            if self._seconds > 0:
                left = self._seconds - (asyncio.get_running_loop().time() - started)
                timeout = _timeout(max(left, 0.001))
        raise EngineUnavailable(
            f"{method} {shown(url)}: redirected more than {MOST_REDIRECTS} times; check FLYTE_API",
            status=answer.status,
        )

    async def _send(
        self, method: str, url: URL, body: bytes | None, timeout: aiohttp.ClientTimeout, keep_end: bool
    ) -> Answer:
        headers = {}
        if authorized := self.is_trusted(url) and self._authorization is not None:
            headers["Authorization"] = self._authorization
        if body is not None:
            headers["Content-Type"] = "application/json"
        data = io.BytesIO(body) if body is not None and len(body) > BUFFERED_BYTES else body
        try:
            response = await self._session.request(
                method,
                url,
                data=data,
                headers=headers,
                proxy=self._proxies.find(url),
                allow_redirects=False,
                timeout=timeout,
            )
        except _PROXY_TROUBLE as error:
            # Not chained: such an error holds the proxy's address with user and password.
            raise EngineUnavailable(f"{method} {shown(url)}: cannot be reached: {_reason(error)}") from None
        except _NEVER_SENT as error:
            raise EngineUnavailable(
                f"{method} {shown(url)}: cannot be reached: {_reason(error)}{_remedy(error)}"
            ) from error
        except (aiohttp.ClientError, OSError) as error:
            raise AnswerLost(
                f"{method} {shown(url)}: sent, but no answer came: {_reason(error, self._seconds)}"
            ) from error
        try:
            received, end, damage = await self._receive(response, keep_end)
        finally:
            response.release()
        if response.status >= HTTPStatus.BAD_REQUEST and self._secret and self._secret in received:
            received = received.replace(self._secret, b"***")
        return Answer(method, url, response.status, response.headers, received, damage, authorized, end)

    async def _receive(self, response: aiohttp.ClientResponse, keep_end: bool) -> tuple[bytes, bytes, str]:
        """Read an answer; return its body, its end if too long, and why it is not whole (empty: it is)."""
        parts: list[bytes] = []
        size, end, damage = 0, b"", ""
        longest = LONGEST_SKIPPED_BYTES if keep_end else LONGEST_ANSWER_BYTES
        try:
            async for part in response.content.iter_any():
                size += len(part)
                if size <= LONGEST_ANSWER_BYTES:
                    parts.append(part)
                elif size <= longest:
                    end = (end + part)[-KEPT_END_BYTES:]
                else:
                    end = b""
                    response.close()
                    break
        except (aiohttp.ClientError, OSError) as error:
            end, damage = b"", f"it broke off: {_reason(error, self._seconds)}"
        body = parts[0] if len(parts) == 1 else b"".join(parts)
        if size <= LONGEST_ANSWER_BYTES:
            return body, b"", damage
        return body, (body[-KEPT_END_BYTES:] + end)[-KEPT_END_BYTES:] if end else b"", TOO_LONG

    def is_trusted(self, url: URL) -> bool:
        """Tell whether the credentials may go to that address: only where FLYTE_API is.

        That is its scheme, host and port, or the same host by HTTPS when FLYTE_API is plain HTTP, both at
        their usual ports.
        """
        place = _place(url)
        return place == self._place or (
            place[0] == self._place[0] and (self._place[1:], place[1:]) == SECURED
        )


TOO_LONG = f"it is longer than {LONGEST_ANSWER_BYTES // 2**20} MiB"


def _place(url: URL) -> tuple[str | None, str, int | None]:
    return url.raw_host, url.scheme, url.port


def shown(url: URL) -> str:
    """Return an address for a person to read, without user and password."""
    return str(url.with_user(None) if url.raw_user or url.raw_password else url)


def _authorization(base_url: URL, jwt: SecretStr | None) -> str | None:
    if jwt is not None:
        return f"Bearer {jwt.get_secret_value()}"
    if base_url.user is None and base_url.password is None:
        return None
    return aiohttp.encode_basic_auth(base_url.user or "", base_url.password or "")


_TLS_ERRORS = (aiohttp.ClientConnectorSSLError, aiohttp.ClientConnectorCertificateError)


def _reason(error: BaseException, seconds: float = 0) -> str:
    if isinstance(error, aiohttp.ClientHttpProxyError):
        status = error.status
        phrase = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else ""
        return f"the proxy answered {status} {phrase}".rstrip()
    if isinstance(error, aiohttp.ClientProxyConnectionError):
        why = _os_reason(error.os_error)
        return f"no connection to the proxy {error.host}:{error.port} ({why})"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return f"no host is called {error.host}; check FLYTE_API"
    if isinstance(error, aiohttp.ClientConnectorError) and not isinstance(error, _TLS_ERRORS):
        why = _os_reason(error.os_error)
        return f"no connection to {error.host}:{error.port} ({why}); is the engine running there?"
    if isinstance(error, TimeoutError) and not isinstance(error, aiohttp.ConnectionTimeoutError) and seconds:
        return f"nothing came within {seconds:g} s"
    return redact(str(error)) or type(error).__name__


def _remedy(error: BaseException) -> str:
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return "; make its certificate authority known, for instance by SSL_CERT_FILE"
    return ""


def _os_reason(error: OSError) -> str:
    """Return the operating system's word for it; asyncio puts another text into ``strerror``."""
    return os.strerror(error.errno) if error.errno and error.errno > 0 else type(error).__name__
