"""Slack's Web API as an adapter of the Slack port: one attempt per call, every outcome a typed error.

slack_sdk makes the requests, over one session of our own (without it every call would open a connection) and
without its retry handlers (they may post twice).
"""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
from pydantic import SecretStr
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from yarl import URL

from pack import __version__
from pack.clock import Clock, SystemClock
from pack.contracts.ports import Identity, Json
from pack.errors import (
    AnswerLost,
    CredentialsRefused,
    PackError,
    SlackRateLimited,
    SlackRefused,
    SlackUnavailable,
)
from pack.proxies import Proxies
from pack.secrets import redact
from pack.slack.explanations import details, explain

JSON_METHODS = frozenset({"chat.postMessage"})
"""The methods that take nested objects and get them as JSON; all others get a query string."""

TOKEN_CODES = frozenset(
    {
        "not_authed",
        "invalid_auth",
        "account_inactive",
        "token_revoked",
        "token_expired",
        "not_allowed_token_type",
        "forbidden_team",
    }
)
"""The codes that mean: this token will not do, whatever is asked."""

MOVING_CODES = frozenset({"org_login_required", "team_added_to_org"})
"""The codes that mean: the workspace is being moved to an organization; it ends by itself."""

RATE_CODES = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
AMBIGUOUS_CODES = frozenset({"fatal_error", "internal_error", "service_unavailable", "request_timeout"})
"""Codes after which some of the call may have been carried out, whatever their names say."""

DEFAULT_RETRY_AFTER_SECONDS = 30.0
"""The wait after a 429 that does not say how long."""
SHORTEST_RETRY_AFTER_SECONDS = 1.0
LONGEST_RETRY_AFTER_SECONDS = 3600.0

PROXY_REFUSAL = 407
"""The proxy wants to know who asks: nothing reached Slack."""

_UNREADABLE = (ValueError, TypeError, AttributeError, LookupError, RecursionError)
"""What slack_sdk and the JSON decoder raise for an answer that is not one of Slack's."""


def open_session(timeout_seconds: float = 30.0) -> aiohttp.ClientSession:
    """Open the connection pool for the Web API, with a limit on the whole of each call."""
    return aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=timeout_seconds, sock_connect=10),
        connector=aiohttp.TCPConnector(limit=100),
        cookie_jar=aiohttp.DummyCookieJar(),
    )


def open_socket_session() -> aiohttp.ClientSession:
    """Open the connection pool for Socket Mode; proxies as the environment says."""
    return aiohttp.ClientSession(trust_env=True, cookie_jar=aiohttp.DummyCookieJar())


class SlackWeb:
    """The Web API with one token (https://docs.slack.dev/apis/web-api).

    Calls go through the proxy that the environment names for ``api_url``.
    """

    def __init__(
        self,
        *,
        token: SecretStr,
        api_url: str,
        session: aiohttp.ClientSession,
        clock: Clock | None = None,
    ) -> None:
        self._clock = clock or SystemClock()
        self._date: tuple[float, float] | None = None
        self._date_text = ""
        self._client = AsyncWebClient(
            token=token.get_secret_value(),
            base_url=api_url,
            session=session,
            retry_handlers=[],
            user_agent_prefix=f"flyte-slack/{__version__}",
        )
        proxy = Proxies().find(URL(api_url))  # slack_sdk reads the environment too, but not NO_PROXY
        self._client.proxy = str(proxy) if proxy else None
        self.scopes: frozenset[str] = frozenset()
        self.outage: str = ""
        """Why the last call got no answer, or the token was refused; empty when it was answered."""

    async def call(self, method: str, arguments: Mapping[str, Json]) -> dict[str, Json]:
        """Call one method; see :class:`pack.contracts.ports.Slack`."""
        try:
            answer = await self._request(method, arguments)
        except (SlackUnavailable, AnswerLost, CredentialsRefused) as error:
            self.outage = str(error)
            raise
        except PackError:
            self.outage = ""
            raise
        self.outage = ""
        return answer

    async def _request(self, method: str, arguments: Mapping[str, Json]) -> dict[str, Json]:
        given = {key: value for key, value in arguments.items() if value is not None}
        body: dict[str, Any] = {"json": given} if method in JSON_METHODS else {"params": given}
        try:
            response = await self._client.api_call(method, **body)
        except SlackApiError as error:
            raise _refusal(error.response, method, arguments) from error
        except (aiohttp.ClientHttpProxyError, aiohttp.ClientProxyConnectionError) as error:
            # Not chained: such an error holds the proxy's address with user and password.
            raise SlackUnavailable(f"Slack cannot be reached for {method}: {_proxy_problem(error)}") from None
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise SlackUnavailable(
                f"Slack cannot be reached for {method}: {_why_not_reached(error)}"
            ) from error
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            reason = " ".join(redact(str(error)).split()) or type(error).__name__
            raise AnswerLost(
                f"{method} was sent to Slack, but no answer came ({reason}): "
                "it may have been carried out or not"
            ) from error
        except _UNREADABLE as error:
            raise _unreadable(method, type(error).__name__) from error
        if not isinstance(response.data, dict):
            raise _unreadable(method, "it is no JSON object")
        self._note_date(response.headers)
        self._note_scopes(response.headers)
        return response.data

    def date(self) -> float:
        """Return Slack's time, as the ``Date`` of the last call that succeeded tells: seconds since 1970.

        It runs on by the monotonic clock, so that setting the machine's date changes nothing; before the
        first one it is the machine's. What refuses may be a proxy, whose date may be another.
        """
        if self._date is None:
            return self._clock.now().timestamp()
        date, noted = self._date
        return date + self._clock.monotonic() - noted

    def _note_date(self, headers: Mapping[str, str]) -> None:
        text = _header(headers, "date")
        if text == self._date_text:  # of the same second, and reading it costs
            return
        with contextlib.suppress(ValueError, TypeError, OverflowError):
            self._date = (parsedate_to_datetime(text).timestamp(), self._clock.monotonic())
            self._date_text = text

    def _note_scopes(self, headers: Mapping[str, str]) -> None:
        if not self.scopes and (granted := headers.get("x-oauth-scopes")):
            self.scopes = frozenset(part.strip() for part in granted.split(",") if part.strip())

    async def identify(self) -> Identity:
        """Ask who the token's owner is (auth.test).

        Raises:
            CredentialsRefused: Slack does not accept the token, or refuses for any other reason: without an
                answer the pack does not know itself.
            TransientError: Slack could not be reached, or the workspace is being moved.
        """
        try:
            answer = await self.call("auth.test", {})
        except SlackRefused as error:
            self.outage = str(error)
            if error.code in MOVING_CODES:
                raise SlackUnavailable(str(error)) from error
            raise CredentialsRefused(str(error), code=error.code) from error
        bot_id = answer.get("bot_id")
        return Identity(
            team_id=str(answer.get("team_id", "")),
            team=str(answer.get("team", "")),
            user_id=str(answer.get("user_id", "")),
            bot_id=bot_id if isinstance(bot_id, str) else None,
            scopes=self.scopes,
        )

    async def open_ticket(self) -> str:
        """Ask for a single-use Socket Mode address (apps.connections.open; needs the app token).

        Raises:
            CredentialsRefused: Slack does not accept the token.
            SlackRefused: Socket Mode is not to be had for this app.
            TransientError: Slack could not be reached.
        """
        answer = await self.call("apps.connections.open", {})
        url = answer.get("url")
        if not isinstance(url, str) or not url.startswith(("ws://", "wss://")):
            raise SlackUnavailable("apps.connections.open answered without a WebSocket address")
        return url


def _unreadable(method: str, why: str) -> AnswerLost:
    return AnswerLost(
        f"{method}: the answer cannot be read ({why}): it may have been carried out or not; "
        "if that goes on, check FLYTE_SLACK_API_URL and the proxy"
    )


def _why_not_reached(error: Exception) -> str:
    if isinstance(error, aiohttp.ClientConnectorSSLError | aiohttp.ClientConnectorCertificateError):
        return f"TLS fails ({redact(str(error))})"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return f"no host is called {error.host}; check the network, and FLYTE_SLACK_API_URL if it is set"
    if isinstance(error, aiohttp.ClientConnectorError):
        reason = _os_reason(error.os_error)
        return f"no connection to {error.host}:{error.port} ({reason}); check the network and its proxy"
    return redact(str(error)) or type(error).__name__


def _proxy_problem(error: aiohttp.ClientError) -> str:
    """Say what is wrong with the proxy, without its address, which may have user and password."""
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return f"the proxy answered {error.status}"
    if isinstance(error, aiohttp.ClientConnectorError):
        reason = _os_reason(error.os_error)
        return f"no connection to the proxy {error.host}:{error.port} ({reason})"
    return type(error).__name__


def _refusal(response: Any, method: str, arguments: Mapping[str, Json]) -> PackError:
    """Return the typed error for an answer that is not ``ok: true``."""
    status = int(getattr(response, "status_code", None) or getattr(response, "status", None) or 0)
    headers = _headers(response)
    data = getattr(response, "data", None)
    answer = data if isinstance(data, dict) else {}
    code = _code(answer)
    if status == 429 or code in RATE_CODES:
        wait = _retry_after(headers) or DEFAULT_RETRY_AFTER_SECONDS
        return SlackRateLimited(
            f"Slack limits {method} at the moment ({code or 429})", retry_after_seconds=wait
        )
    if status == PROXY_REFUSAL:
        return SlackUnavailable(f"Slack cannot be reached for {method}: the proxy answered {status}")
    if status >= 500 or code in AMBIGUOUS_CODES:
        said = f"{method} failed inside Slack ({code or status}): it may have been carried out or not"
        return AnswerLost(said, retry_after_seconds=_retry_after(headers))
    if not code:
        return _unreadable(method, f"HTTP {status}, no error code")
    sentence = explain(code, method, arguments, answer)
    if code in TOKEN_CODES:
        return CredentialsRefused(sentence, code=code)
    return SlackRefused(sentence, code=code, method=method, details=details(answer))


def _code(answer: Mapping[str, Json]) -> str:
    """Return the code of a refusal (``"error": "CODE"``, seldom ``"CODE": true``); empty when it has none."""
    code = answer.get("error") or next(
        (key for key, value in answer.items() if value is True and key != "ok"), ""
    )
    return code if isinstance(code, str) else ""


def _headers(response: Any) -> Mapping[str, str]:
    return getattr(response, "headers", None) or {}


def _header(headers: Mapping[str, str], name: str) -> str:
    return next((text for key, text in headers.items() if key.lower() == name), "")


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Return how long Slack asks to wait, within reason; None when it does not say."""
    try:
        seconds = float(_header(headers, "retry-after"))
    except ValueError:
        return None
    if not math.isfinite(seconds):
        return None
    return min(max(seconds, SHORTEST_RETRY_AFTER_SECONDS), LONGEST_RETRY_AFTER_SECONDS)


def _os_reason(error: OSError) -> str:
    """Return the operating system's word for it; asyncio puts another text into ``strerror``."""
    return os.strerror(error.errno) if error.errno and error.errno > 0 else type(error).__name__
