"""The health page: 200 while a restart would not help, and ``/ready`` for whether it works at the moment.

The body is what Flyte's packs answer: ``{"Name": {"healthy": bool, "status": text}}``. Old liveness probes
may ask for any path; only ``/ready`` means readiness.
"""

from __future__ import annotations

import asyncio
import errno
import logging
from collections.abc import Callable, Mapping

from aiohttp import web

from pack.clock import Clock
from pack.contracts.ports import Check
from pack.errors import SettingsError

logger = logging.getLogger(__name__)

READY_PATH = "/ready"

LISTEN_AGAIN_SECONDS = 1.0
"""How often it is tried to listen where another pack listens that this one waits for."""


class HealthServer:
    """Answers from checks that are asked anew for each request."""

    def __init__(
        self,
        *,
        port: int,
        checks: Mapping[str, Callable[[], Check]],
        clock: Clock,
        waits: Callable[[], bool] = lambda: False,
        host: str = "0.0.0.0",
    ) -> None:
        """Prepare; ``waits`` tells whether this process waits for another one, which may have the port."""
        self._clock = clock
        self._waits = waits
        self._retrying: asyncio.Task[None] | None = None
        self._host = host
        self._port = port
        self._checks = checks
        self._runner: web.AppRunner | None = None

    @property
    def port(self) -> int:
        """The port that it listens on, once it is started; what was asked for until it can be had."""
        assert self._runner is not None
        return int(self._runner.addresses[0][1]) if self._runner.addresses else self._port

    async def start(self) -> None:
        """Listen.

        Where another pack listens that this one waits for, it is tried again until that has ended.

        Raises:
            SettingsError: the port cannot be listened on.
        """
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        try:
            await self._listen(self._runner)
        except OSError as error:
            if error.errno == errno.EADDRINUSE and self._waits():
                self._wait(self._runner)
                return
            await self._runner.cleanup()
            raise SettingsError(
                f"FLYTE_SLACK_HEALTH_PORT={self._port}: the health page cannot listen there: "
                f"{error.strerror or error}; choose another port, or end what uses it"
            ) from error
        logger.debug("the health page listens", extra={"port": self.port})

    async def _listen(self, runner: web.AppRunner) -> None:
        site = web.TCPSite(runner, self._host, self._port)
        try:
            await site.start()
        except OSError:
            await site.stop()
            raise

    def _wait(self, runner: web.AppRunner) -> None:
        logger.warning(
            "FLYTE_SLACK_HEALTH_PORT=%d is used, as it seems by the pack that this one waits for; the health "
            "page is there once it is free",
            self._port,
        )
        self._retrying = asyncio.create_task(self._listen_later(runner), name="listen later")

    async def _listen_later(self, runner: web.AppRunner) -> None:
        while True:
            await self._clock.sleep(LISTEN_AGAIN_SECONDS)
            try:
                await self._listen(runner)
            except OSError as error:
                logger.debug("the health page cannot listen yet: %s", error)
            else:
                logger.info("the health page listens", extra={"port": self._port})
                return

    async def stop(self) -> None:
        """Stop listening."""
        if self._retrying:
            self._retrying.cancel()
        if self._runner:
            await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        checks = {name: check() for name, check in self._checks.items()}
        if request.path == READY_PATH:
            good = all(check.ready and check.healthy for check in checks.values())
        else:
            good = all(check.healthy for check in checks.values())
        body = {name: _shown(check, request.path) for name, check in checks.items()}
        return web.json_response(body, status=200 if good else 500)


def _shown(check: Check, path: str) -> dict[str, bool | str]:
    """Return what is told of a check; who asks for readiness hears which of them is not ready."""
    ready = {"ready": check.ready} if path == READY_PATH else {}
    return {"healthy": check.healthy, **ready, "status": check.status}
