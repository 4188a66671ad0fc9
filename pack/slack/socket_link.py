"""One Socket Mode connection: opened with a ticket, greeted, read, watched and closed."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

import aiohttp
from yarl import URL

from pack.clock import Clock
from pack.errors import PackError, SlackRefused, SlackUnavailable
from pack.slack.deadline import within
from pack.slack.socket_frames import Disconnect, Envelope, Hello, Unreadable, acknowledgement, read_frame
from pack.slack.socket_tuning import SocketTuning

logger = logging.getLogger(__name__)

_MAX_FRAME_BYTES = 4 * 1024 * 1024
# A proxy is looked up in the environment by the URL's scheme, and nobody sets WSS_PROXY.
_HTTP_SCHEMES = {"wss": "https", "ws": "http"}


class Cause(Enum):
    """Why a connection has to be replaced."""

    ASKED = "asked"
    TOO_MANY = "too many connections"
    DISABLED = "disabled"
    SILENT = "silent"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Parting:
    """That and why a connection has to be replaced."""

    cause: Cause
    error: PackError
    """The reason as a sentence; for ``ASKED`` only of interest when it came instead of a hello."""


class SocketLink:
    """An open connection, read and watched by tasks of its own until it is closed.

    ``deliver`` gets every payload, in order, and must return at once.
    """

    def __init__(
        self,
        websocket: aiohttp.ClientWebSocketResponse,
        deliver: Callable[[Envelope, SocketLink], None],
        clock: Clock,
        tuning: SocketTuning,
    ) -> None:
        self._websocket = websocket
        self._deliver = deliver
        self._clock = clock
        self._tuning = tuning
        self._heard_at = clock.monotonic()
        self._settled = asyncio.Event()
        self.hello: Hello | None = None
        self.greeted_at = 0.0
        """When the hello came, by the monotonic clock."""
        self.parting: Parting | None = None
        """Why this connection has to be replaced; None while it is fit."""
        self.unfit = asyncio.Event()
        """Set when this connection has to be replaced; it may still bring payloads."""
        self.ended = asyncio.Event()
        """Set when nothing more can come."""
        self.replaced = asyncio.Event()
        """Set by who has another connection in its place."""
        self._tasks = (
            asyncio.create_task(self._read(), name="socket-mode reader"),
            asyncio.create_task(self._watch(), name="socket-mode watch"),
        )

    @property
    def live(self) -> bool:
        """Whether payloads can be expected by this connection."""
        broken = self.parting is not None and self.parting.cause in (Cause.SILENT, Cause.DISABLED)
        return self.hello is not None and not broken and not self.ended.is_set()

    async def greeting(self) -> None:
        """Wait for Slack's hello.

        Raises:
            SlackUnavailable: it did not come in time, or the connection ended instead.
            SlackRefused: Socket Mode is switched off.
        """
        seconds = self._tuning.hello_seconds
        try:
            await within(self._settled.wait(), seconds, self._clock)
        except TimeoutError:
            raise SlackUnavailable(
                f"Slack accepted the Socket Mode connection but said no hello within {seconds:g} s."
            ) from None
        if self.hello is None and self.parting is not None:
            raise self.parting.error

    async def acknowledge(self, envelope_id: str) -> None:
        """Tell Slack that the payload is kept. Never raises: what is not acknowledged comes again."""
        try:
            await self._websocket.send_str(acknowledgement(envelope_id))
        except (OSError, aiohttp.ClientError):
            logger.debug("A payload was kept, but its connection is gone: Slack will send it again")

    async def superseded(self) -> None:
        """Wait until another connection has taken its place, or it ended."""
        waiting = [asyncio.ensure_future(event.wait()) for event in (self.replaced, self.ended)]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waiting:
                one.cancel()

    async def retire(self) -> None:
        """Go on reading and acknowledging until Slack closes it or has had time to; then close."""
        if self.live:
            with contextlib.suppress(TimeoutError):
                await within(self.ended.wait(), self._tuning.retire_seconds, self._clock)
        await self.close()

    async def close(self) -> None:
        """Close the connection; what was written before is still sent."""
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)
        with contextlib.suppress(TimeoutError):
            await within(self._websocket.close(), self._tuning.close_seconds, self._clock)
        self._end("it was closed here")

    async def _read(self) -> None:
        reason = "it broke"
        try:
            reason = await self._read_frames()
        except (OSError, aiohttp.ClientError) as error:
            reason = type(error).__name__
        except Exception:
            logger.exception("Reading a Socket Mode connection failed")
        finally:
            self._end(reason)

    async def _read_frames(self) -> str:
        while True:
            message = await self._websocket.receive()
            self._heard_at = self._clock.monotonic()
            match message.type:
                case aiohttp.WSMsgType.TEXT:
                    self._take(message.data)
                case aiohttp.WSMsgType.PING:
                    await self._websocket.pong(message.data)
                case aiohttp.WSMsgType.PONG:
                    pass
                case aiohttp.WSMsgType.BINARY:
                    logger.warning("Slack sent a binary frame; it is ignored")
                case aiohttp.WSMsgType.CLOSE:
                    return f"Slack closed it with code {message.data}"
                case _:
                    return "it broke"

    def _take(self, text: str) -> None:
        match read_frame(text):
            case Envelope() as envelope:
                self._deliver(envelope, self)
            case Hello() as hello if self.hello is None:
                self.hello = hello
                self.greeted_at = self._clock.monotonic()
                self._settled.set()
            case Disconnect(reason):
                self._part(_parting_for(reason))
            case Hello():
                pass
            case Unreadable(problem):
                logger.warning(
                    "A frame from Slack is ignored: %s", problem, extra={"frame_characters": len(text)}
                )

    async def _watch(self) -> None:
        tuning = self._tuning
        while True:
            silence = self._clock.monotonic() - self._heard_at
            if silence >= tuning.silence_seconds:
                self._part(Parting(Cause.SILENT, _silent(tuning.silence_seconds)))
                return
            if silence < tuning.ping_seconds:
                await self._clock.sleep(tuning.ping_seconds - silence)
                continue
            try:
                await within(self._websocket.ping(), tuning.ping_seconds, self._clock)
            except TimeoutError:
                logger.debug("A ping cannot be sent")
            except (OSError, aiohttp.ClientError):
                return
            await self._clock.sleep(min(tuning.ping_seconds, tuning.silence_seconds - silence))

    def _part(self, parting: Parting) -> None:
        if self.parting is None or parting.cause is Cause.DISABLED:
            self.parting = parting
        self._settled.set()
        self.unfit.set()

    def _end(self, reason: str) -> None:
        self.ended.set()
        message = f"The Socket Mode connection ended: {reason}."
        self._part(Parting(Cause.CLOSED, SlackUnavailable(message)))


async def open_link(
    url: str,
    *,
    session: aiohttp.ClientSession,
    deliver: Callable[[Envelope, SocketLink], None],
    clock: Clock,
    tuning: SocketTuning,
) -> SocketLink:
    """Open a connection with the URL of a ticket; its hello is still to come.

    Raises:
        SlackUnavailable: the upgrade failed or took too long. The URL, which is a secret, is not named.
    """
    try:
        target = URL(url)
        connecting = session.ws_connect(
            target.with_scheme(_HTTP_SCHEMES[target.scheme]),
            autoping=False,
            max_msg_size=_MAX_FRAME_BYTES,
            timeout=aiohttp.ClientWSTimeout(ws_close=tuning.close_seconds),
        )
        websocket = await within(connecting, tuning.open_seconds, clock)
    except TimeoutError:
        raise SlackUnavailable(
            f"The Socket Mode connection could not be opened within {tuning.open_seconds:g} s."
        ) from None
    except (OSError, aiohttp.ClientError, ValueError, KeyError, TypeError) as error:
        # Not chained: the error's text has the URL, and the URL is a secret.
        raise SlackUnavailable(f"The Socket Mode connection could not be opened: {_why(error)}.") from None
    return SocketLink(websocket, deliver, clock, tuning)


def _why(error: Exception) -> str:
    match error:
        case aiohttp.ClientHttpProxyError():
            return f"the proxy answered with HTTP {error.status}"
        case aiohttp.ClientProxyConnectionError():
            return f"no connection to the proxy {error.host}:{error.port} ({_name(error.os_error)})"
        case aiohttp.ClientResponseError():
            return f"the upgrade was answered with HTTP {error.status}"
        case aiohttp.ClientConnectorCertificateError():
            return f"the certificate of {error.host} is not trusted here"
        case aiohttp.ClientConnectorError():
            return f"no connection to {error.host}:{error.port} ({_name(error.os_error)})"
        case ValueError() | KeyError() | TypeError():
            return f"apps.connections.open gave no usable WebSocket URL ({type(error).__name__})"
        case _:
            return f"the connection broke ({type(error).__name__})"


def _name(error: OSError) -> str:
    return error.strerror or type(error).__name__


def _silent(seconds: float) -> PackError:
    message = f"The Socket Mode connection is silent: nothing, not even a pong, for {seconds:g} s."
    return SlackUnavailable(message)


def _parting_for(reason: str) -> Parting:
    match reason:
        case "link_disabled":
            message = (
                "Socket Mode is switched off for this app. Switch it on in the app's settings at "
                "https://api.slack.com/apps, under Socket Mode; the pack then connects by itself."
            )
            refused = SlackRefused(message, code=reason, method="apps.connections.open")
            return Parting(Cause.DISABLED, refused)
        case "too_many_websockets":
            message = (
                "Slack allows no more Socket Mode connections for this app (10 at once). "
                "Stop other processes that use its app-level token, or lower FLYTE_SLACK_SOCKETS."
            )
            return Parting(Cause.TOO_MANY, SlackUnavailable(message))
        case _:
            message = f"Slack asked for another Socket Mode connection ({reason or 'no reason given'})."
            return Parting(Cause.ASKED, SlackUnavailable(message))
