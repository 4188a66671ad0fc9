"""The HTTP receiver: Slack's signed requests of the Events API, slash commands and interactivity."""

from __future__ import annotations

import asyncio
import errno
import logging
from collections.abc import Callable

from aiohttp import web
from pydantic import SecretStr

from pack.clock import Clock
from pack.contracts.ports import Accept, Check, Inbound
from pack.errors import SettingsError
from pack.slack.deadline import within
from pack.slack.http_payloads import Challenge, Unusable, is_certificate_check, read_request
from pack.slack.http_signature import SIGNATURE_HEADER, doubt
from pack.slack.trouble import Trouble

logger = logging.getLogger(__name__)

MAX_BODY_BYTES = 1024 * 1024
READ_SECONDS = 10.0
"""How long a request's body may take to come in."""
ACCEPT_SECONDS = 2.5
"""How long the intake may take: Slack waits 3 s for the answer."""
_STOP_SECONDS = ACCEPT_SECONDS + 0.5
# Slack repeats a request that was not answered with 200, unless this header says that it need not.
_NO_RETRY = {"X-Slack-No-Retry": "1"}


def _unnoticed() -> None:
    """Tell nobody of a refusal."""


class HttpReceiver:
    """Receives Slack's requests on any path and answers 200 when ``accept`` keeps them; fills ``Receiver``.

    ``port`` 0 takes a free one; the property ``port`` tells which. TLS is the business of a proxy before it.
    ``on_gap`` is called when a payload was not accepted, and so may not come again.

    Raises:
        SettingsError: the signing secret is empty, so anybody could sign.
    """

    def __init__(
        self,
        *,
        signing_secret: SecretStr,
        host: str = "0.0.0.0",
        port: int,
        accept: Accept,
        clock: Clock,
        on_gap: Callable[[], None] = _unnoticed,
    ) -> None:
        if not signing_secret.get_secret_value().strip():
            raise SettingsError(
                "FLYTE_SLACK_SIGNING_SECRET is empty: copy it from the app's Basic Information."
            )
        self._secret = signing_secret
        self._host = host
        self._port = port
        self._accept = accept
        self._clock = clock
        self._on_gap = on_gap
        self._runner: web.AppRunner | None = None
        self._trouble = Trouble(
            logger,
            clock,
            began="A request was not accepted: %s",
            ended="Slack's requests are accepted again",
        )

    @property
    def port(self) -> int:
        """The TCP port it listens on; before ``start``, the one asked for."""
        return self._port

    async def start(self) -> None:
        """Listen.

        Raises:
            SettingsError: the port cannot be used.
        """
        app = web.Application(client_max_size=MAX_BODY_BYTES)
        app.router.add_route("*", "/{path:.*}", self._answer)
        runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=_STOP_SECONDS)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port).start()
        except OSError as error:
            await runner.cleanup()
            raise SettingsError(self._cannot_listen(error)) from error
        self._runner = runner
        self._port = runner.addresses[0][1]
        logger.info("Listening for Slack's requests", extra={"host": self._host, "port": self._port})

    async def run(self) -> None:
        """Listen, if ``start`` has not been called, and receive until cancelled.

        Raises:
            SettingsError: the port cannot be used.
        """
        if self._runner is None:
            await self.start()
        try:
            await asyncio.Event().wait()
        finally:
            await self.stop()

    async def stop(self) -> None:
        """Stop listening; requests that are being answered are finished."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    def status(self) -> Check:
        """Say whether it listens, and why the last request was not accepted, if so."""
        if self._runner is None:
            return Check(healthy=True, ready=False, status="Not listening for Slack's requests.")
        sentence = f"Listening for Slack's requests on port {self._port}."
        if problem := self._trouble.problem:
            sentence += f" The last request was not accepted: {problem}"
        return Check(healthy=True, ready=True, status=sentence)

    async def _answer(self, request: web.Request) -> web.Response:
        if request.method != "POST":
            hint = "This is where Slack sends signed POST requests; there is nothing to see."
            return _refusal(405, hint, Allow="POST")
        try:
            body = await within(request.read(), READ_SECONDS, self._clock)
        except TimeoutError:
            return _refusal(408, f"The body did not come within {READ_SECONDS:g} s.", Connection="close")
        except web.HTTPRequestEntityTooLarge:
            return _refusal(413, f"The body is larger than {MAX_BODY_BYTES} bytes.", **_NO_RETRY)
        except web.RequestPayloadError:
            return _refusal(400, "The body could not be read.")
        if is_certificate_check(request.content_type, body):
            return web.Response()
        reason = doubt(self._secret, request.headers, body, self._clock.now())
        if reason:
            # What bears no signature at all is a stranger knocking: not worth a line, nor the status.
            if SIGNATURE_HEADER in request.headers:
                self._trouble.note(reason)
            return _refusal(401, reason)
        return await self._answer_signed(request, body)

    async def _answer_signed(self, request: web.Request, body: bytes) -> web.Response:
        match read_request(request.content_type, request.headers, body):
            case Challenge(text):
                self._trouble.note("")
                return web.Response(text=text)
            case Unusable(problem):
                self._trouble.note(problem)
                return _refusal(400, problem, **_NO_RETRY)
            case Inbound() as inbound:
                problem = await self._offer(inbound)
                self._trouble.note(problem)
                if problem:
                    self._on_gap()
                return _refusal(503, problem) if problem else web.Response()

    async def _offer(self, inbound: Inbound) -> str:
        """Hand the payload over; return why it was not kept, empty when it was."""
        try:
            kept = await within(self._accept(inbound), ACCEPT_SECONDS, self._clock)
        except TimeoutError:
            return f"The payload was not accepted within {ACCEPT_SECONDS:g} s. Send it again."
        except Exception:
            logger.exception("A payload from Slack could not be accepted", extra={"kind": inbound.kind.value})
            return "The payload could not be accepted; the pack's log says why. Send it again."
        return "" if kept else "There is no room for another payload at the moment. Send it again."

    def _cannot_listen(self, error: OSError) -> str:
        match error.errno:
            case errno.EADDRINUSE:
                advice = "another program uses it. Stop that program or set another FLYTE_SLACK_EVENTS_PORT."
            case errno.EACCES:
                advice = "ports below 1024 need privileges. Set FLYTE_SLACK_EVENTS_PORT to a higher one."
            case _:
                advice = f"{error.strerror or error}. Set another FLYTE_SLACK_EVENTS_PORT."
        return f"Cannot listen for Slack's requests on {self._host}, port {self._port}: {advice}"


def _refusal(status: int, message: str, **headers: str) -> web.Response:
    return web.json_response({"error": message}, status=status, headers=headers)
