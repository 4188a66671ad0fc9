"""The embedded engine: one HTTP server that answers as Flyte does, and one worker for the events."""

from __future__ import annotations

import asyncio
import hmac
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from email.utils import formatdate
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from pack.clock import Clock, SystemClock
from pack.sandbox.engine import routes_info
from pack.sandbox.engine.answers import TEXT_TYPE, Refused, refusal
from pack.sandbox.engine.documents import Documents
from pack.sandbox.engine.execution import Executor
from pack.sandbox.engine.faults import Faults
from pack.sandbox.engine.feed import Feed, Subscription
from pack.sandbox.engine.protocol import ExplainingProtocol, explain_refusal
from pack.sandbox.engine.routes_actions import ActionRoutes
from pack.sandbox.engine.routes_audit import AuditRoutes
from pack.sandbox.engine.routes_datastore import DatastoreRoutes
from pack.sandbox.engine.routes_faults import FaultRoutes
from pack.sandbox.engine.routes_flows import FlowRoutes
from pack.sandbox.engine.routes_packs import PackRoutes
from pack.sandbox.engine.state import State
from pack.sandbox.engine.worker import Worker
from pack.sandbox.trouble.listening import Connections, Door

logger = logging.getLogger(__name__)

LARGEST_BODY = 16 * 1024 * 1024
"""How many bytes a request may carry."""
_SHUTDOWN_SECONDS = 1.0
_SILENT: dict[str, Any] = {"access_log": None}

Route = Callable[[web.Request], Awaitable[web.StreamResponse]]


class EmbeddedEngine:
    """A flow engine in this process, served on a real socket.

    ``port`` 0: any free one; it is kept over stop and start. ``jwt``: every request has to carry it as
    ``Authorization: Bearer``; None: none has to. ``state``: the file that everything is kept in, for an
    engine that is started on it later; None: nothing stays behind. ``control``: the sandbox's own address for
    faults is served too. A stop loses nothing, :meth:`close` gives the file back.

    Raises:
        SettingsError: the file cannot be used.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        jwt: str | None = None,
        state: Path | None = None,
        clock: Clock | None = None,
        control: bool = False,
    ) -> None:
        self._door = Door(host, port, self._serve_connection, self._hang_up)
        self._connections = Connections()
        self._control = control
        self._jwt = jwt
        self._clock: Clock = clock or SystemClock()
        self._state = State(self._clock, state)
        self._feed = Feed()
        self.faults = Faults(self._clock, self._door, self.forget_pack, self._has_action)
        self._flow_routes = FlowRoutes(self._state, self._feed, self._clock)
        self._datastore_routes = DatastoreRoutes(self._state.datastore)
        functions = {"datastore": Documents(self._state.datastore).lookup}
        executor = Executor(self._state, functions, self._feed, self._clock)
        self._worker = Worker(self._state.arrivals, executor, self._clock)
        self._runner: web.AppRunner | None = None
        self._working: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """``http://HOST:PORT``, valid once it was started."""
        return f"http://{self._door.host}:{self._door.port}"

    async def start(self) -> None:
        """Begin to serve; does nothing when it does already.

        Raises:
            OSError: the port is taken.
        """
        if self._runner is not None:
            return
        runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS)
        await runner.setup()
        self._runner = runner
        try:
            await self._door.open()
        except OSError:
            self._runner = None
            await runner.cleanup()
            raise
        self._worker.wake()
        self._working = asyncio.create_task(self._worker.run(), name="engine-worker")

    async def stop(self) -> None:
        """Stop serving, with every connection closed; what is remembered stays, waiting events included."""
        if self._runner is None or self._working is None:
            return
        runner, working, self._runner, self._working = self._runner, self._working, None, None
        await self._door.close()
        self.faults.release()
        await runner.cleanup()
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        self._feed.close()

    async def close(self) -> None:
        """Stop for good, and give the file of the state back."""
        await self.stop()
        self._state.close()

    def _server(self) -> web.Server:
        assert self._runner is not None
        assert self._runner.server is not None
        return self._runner.server

    def _serve_connection(self) -> asyncio.Protocol:
        return ExplainingProtocol(self._server(), loop=asyncio.get_running_loop(), **_SILENT)

    def _hang_up(self) -> None:
        self._connections.hang_up(self._server())

    async def __aenter__(self) -> EmbeddedEngine:
        await self.start()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close()

    @property
    def flow_names(self) -> Sequence[str]:
        """The names of the flows that it has now."""
        return [flow.name for flow in self._state.flows.all()]

    async def store_flow(self, text: str, *, yaml: bool) -> None:
        """Store a flow, replacing the one with its name.

        Raises:
            FlowRefused: it is no flow; the message says what is wrong with it.
        """
        self._flow_routes.put(text.encode("utf-8", "replace"), yaml=yaml)

    async def settled(self) -> None:
        """Return when every event that arrived so far was dealt with; the engine has to be started."""
        await self._worker.settled()

    def subscribe(self) -> Subscription:
        """Begin to watch what happens: iterate over it (see :mod:`.feed` for the records)."""
        return self._feed.subscribe()

    def unsubscribe(self, subscription: Subscription) -> None:
        """Stop watching; the subscription's loop ends."""
        self._feed.unsubscribe(subscription)

    def requests(self, kind: str) -> int:
        """Return how many requests of a kind (:data:`.faults.KINDS`) came so far."""
        return self.faults.requests(kind)

    def forget_pack(self, pack_id: str) -> bool:
        """Forget a pack, as the real engine does after a week; False when there is none of that id."""
        return self._state.packs.remove(pack_id, self._clock.now())

    def _has_action(self, pack_id: str) -> bool:
        pack = self._state.packs.get(pack_id, self._clock.now())
        return pack is not None and self._state.actions.waits_for(pack)

    async def _stamp(self, request: web.Request, response: web.StreamResponse) -> None:
        """Date an answer by the engine's clock, which is the one of the actions' times too."""
        response.headers["Date"] = formatdate(self._clock.now().timestamp(), usegmt=True)

    def _application(self) -> web.Application:
        application = web.Application(
            client_max_size=LARGEST_BODY, middlewares=[self._connections.watch, self._outermost]
        )
        application.on_response_prepare.append(explain_refusal)
        application.on_response_prepare.append(self._stamp)
        packs = PackRoutes(self._state, self._feed, self._clock)
        actions = ActionRoutes(self._state, self._feed, self._clock, self._worker.wake)
        flows, datastore, audit = self._flow_routes, self._datastore_routes, AuditRoutes(self._state.audit)
        for method, path, kind, route in (
            ("GET", "/", "index", routes_info.index),
            ("GET", "/v1", "index", routes_info.version),
            ("GET", "/health", "health", routes_info.HealthRoute(self._state).health),
            ("GET", "/v1/packs", "packs", packs.list_all),
            ("POST", "/v1/packs", "packs", packs.register),
            ("GET", "/v1/packs/{pack:[^/]+}", "packs", packs.get),
            ("DELETE", "/v1/packs/{pack:[^/]+}", "packs", packs.delete),
            ("POST", "/v1/packs/{pack:[^/]+}/actions/take", "take", actions.take),
            ("POST", "/v1/packs/{pack:[^/]+}/actions/{action:[^/]+}/result", "result", actions.complete),
            ("POST", "/v1/packs/{pack:[^/]+}/events", "event", actions.event),
            ("GET", "/v1/flows", "flows", flows.list_all),
            ("POST", "/v1/flows", "flows", flows.store),
            ("GET", "/v1/flows/{flow:[^/]+}", "flows", flows.get),
            ("DELETE", "/v1/flows/{flow:[^/]+}", "flows", flows.delete),
            ("GET", "/v1/datastore", "datastore", datastore.list_all),
            ("GET", "/v1/datastore/{key:[^/]+}", "datastore", datastore.get),
            ("PUT", "/v1/datastore/{key:[^/]+}", "datastore", datastore.put),
            ("DELETE", "/v1/datastore/{key:[^/]+}", "datastore", datastore.delete),
            ("GET", "/v1/audit/flows", "audit", audit.find),
            ("GET", "/v1/audit/flows/{correlation:[^/]+}", "audit", audit.get),
        ):
            served = self._with_faults(kind, route)
            application.router.add_route(method, path, served)
            if method == "GET":
                application.router.add_route("HEAD", path, served)
        if self._control:
            application.add_routes(FaultRoutes(self.faults).routes())
        return application

    def _with_faults(self, kind: str, route: Route) -> Route:
        async def serve(request: web.Request) -> web.StreamResponse:
            return await self.faults.meet(kind, request, lambda: route(request))

        return serve

    @web.middleware
    async def _outermost(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Ask for the JWT, and turn everything that goes wrong into an answer."""
        if not self._is_authorised(request):
            return refusal(Refused(401, "the request carries no Authorization: Bearer with the right JWT"))
        try:
            return await handler(request)
        except Refused as refused:
            return refusal(refused)
        except web.HTTPNotFound:
            return _unrouted(404, f"there is nothing at {request.path!r}; GET /v1 lists what there is")
        except web.HTTPMethodNotAllowed as error:
            allowed = ", ".join(sorted(error.allowed_methods))
            return _unrouted(405, f"{request.method} is not for {request.path!r}; use {allowed}")
        except web.HTTPRequestEntityTooLarge:
            return refusal(Refused(413, f"the body is larger than {LARGEST_BODY} bytes"))
        except web.HTTPException as error:
            return refusal(Refused(error.status, error.reason))
        except web.RequestPayloadError as error:
            reason = str(error).split("\n")[-1].strip()
            answer = refusal(Refused(400, f"the body cannot be read as its headers say: {reason}"))
            answer.force_close()
            return answer
        except ConnectionError as error:
            logger.debug("the caller of %s %s has gone: %s", request.method, request.path, error)
            return refusal(Refused(400, "the connection broke off"))
        except sqlite3.Error as error:
            logger.error("the engine's state cannot be written (is its disk full?): %s", error)
            return refusal(Refused(500, f"the engine's state cannot be written: {error}"))
        except Exception:
            logger.exception("the engine failed to serve %s %s", request.method, request.path)
            return refusal(Refused(500, "the embedded engine has a bug: its log says more"))

    def _is_authorised(self, request: web.Request) -> bool:
        if self._jwt is None:
            return True
        given = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
        return hmac.compare_digest(given, f"Bearer {self._jwt}".encode())


def _unrouted(status: int, reason: str) -> web.Response:
    """Return a refusal with the Content-Type that the real server's router gives it."""
    return refusal(Refused(status, reason), content_type=TEXT_TYPE)
