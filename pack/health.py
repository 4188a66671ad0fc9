"""The health page: 200 while a restart would not help, and ``/ready`` for whether it works at the moment.

The body is what Flyte's packs answer: ``{"Name": {"healthy": bool, "status": text}}``. Old liveness probes
may ask for any path; only ``/ready`` means readiness.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from aiohttp import web

from pack.contracts.ports import Check
from pack.errors import SettingsError

logger = logging.getLogger(__name__)

READY_PATH = "/ready"


class HealthServer:
    """Answers from checks that are asked anew for each request."""

    def __init__(
        self, *, port: int, checks: Mapping[str, Callable[[], Check]], host: str = "0.0.0.0"
    ) -> None:
        self._host = host
        self._port = port
        self._checks = checks
        self._runner: web.AppRunner | None = None

    @property
    def port(self) -> int:
        """The port that it listens on, once it is started."""
        assert self._runner is not None
        return int(self._runner.addresses[0][1])

    async def start(self) -> None:
        """Listen.

        Raises:
            SettingsError: the port cannot be listened on.
        """
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise SettingsError(
                f"FLYTE_SLACK_HEALTH_PORT={self._port}: the health page cannot listen there: "
                f"{error.strerror or error}; choose another port, or end what uses it"
            ) from error

    async def stop(self) -> None:
        """Stop listening."""
        if self._runner:
            await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        checks = {name: check() for name, check in self._checks.items()}
        if request.path == READY_PATH:
            good = all(check.ready and check.healthy for check in checks.values())
        else:
            good = all(check.healthy for check in checks.values())
        body = {name: {"healthy": check.healthy, "status": check.status} for name, check in checks.items()}
        return web.json_response(body, status=200 if good else 500)
