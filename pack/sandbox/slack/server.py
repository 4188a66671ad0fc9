"""The simulated Slack: one server for the Web API, Socket Mode and the sandbox's own addresses."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable
from typing import Any

from aiohttp import web

from pack.clock import Clock, SystemClock
from pack.sandbox.slack.calls.api import Api
from pack.sandbox.slack.control.serving import Control
from pack.sandbox.slack.delivery.disturbances import Disturbances
from pack.sandbox.slack.delivery.events import HOURLY_LIMIT, EventsApi
from pack.sandbox.slack.delivery.http_delivery import HttpDelivery
from pack.sandbox.slack.delivery.interference import Interference
from pack.sandbox.slack.delivery.outlet import Outlet
from pack.sandbox.slack.delivery.socket_faults import SocketFaults
from pack.sandbox.slack.delivery.sockets import Sockets
from pack.sandbox.slack.faults.faults import Faults
from pack.sandbox.slack.interaction.interactions import Interactions
from pack.sandbox.slack.interaction.screens import Sight
from pack.sandbox.slack.limits.limits import Limits
from pack.sandbox.slack.reference.facts import Facts, load_facts
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.timing import SlackClock
from pack.sandbox.slack.web.file_addresses import FileAddresses
from pack.sandbox.slack.web.response_addresses import ResponseAddresses
from pack.sandbox.slack.web.unreadable import RequestLog, answer_unreadable
from pack.sandbox.slack.web.web_api import WebApi
from pack.sandbox.slack.world.directory import Occurrence
from pack.sandbox.slack.world.feed import Feed
from pack.sandbox.slack.world.grants import Grant, TokenKind
from pack.sandbox.slack.world.objects import App
from pack.sandbox.slack.world.world import World
from pack.sandbox.trouble.listening import Connections, Door
from pack.sandbox.trouble.rules import RuleBook

Json = Any

_LARGEST_BODY = 16 * 1024 * 1024
_SHUTDOWN_SECONDS = 1.0
_IN_FEED = {"view_id": "viewId", "callback_id": "callbackId"}
_FURTHER_SCOPES = frozenset(
    {"app_mentions:read", "chat:write.customize", "links:read", "metadata.message:read"}
)


def default_scopes(facts: Facts) -> frozenset[str]:
    """Return what the bot's token is granted when nothing is said.

    Every bot scope of the reference's methods, mentions, custom names, links and metadata, but not
    ``chat:write.public``: the bot has to be in a channel to post there.
    """
    return facts.bot_scopes() | _FURTHER_SCOPES


class SimulatedSlack:
    """A Slack workspace with one app installed, served on loopback.

    ``port`` 0: any free one; it is kept over stop and start. ``scopes``: the bot token's; None: all but
    ``chat:write.public``. ``limits``: whether the rate limits hold. ``speed``: a factor on everything that
    takes time there. The state (``workspace``) is there before the start and survives a stop. A
    default workspace is made: users ada, bob and carol, the channels general, random and deployments, and
    the private incidents; the bot is in none.
    """

    rejoined: tuple[str, ...] = ()
    """The channels that the bot joins again when everything begins anew."""

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        clock: Clock | None = None,
        scopes: Iterable[str] | None = None,
        limits: bool = False,
        speed: float = 1.0,
    ) -> None:
        self.clock = SlackClock(clock or SystemClock(), speed)
        facts = load_facts()
        self.app = _new_app(self.clock)
        self.signing_secret = secrets.token_hex(16)
        self.world = World(self.app, self.clock, default_scopes(facts) if scopes is None else scopes)
        self.workspace = self.world.workspace
        self.feed = Feed(self.workspace, self.world.ephemerals)
        self._rules = RuleBook(self.clock)
        self.disturbances = Disturbances(self.clock, self._rules)
        self.sockets = Sockets(self.app, self.clock, self.disturbances, SocketFaults(self._rules))
        self.http_delivery = HttpDelivery(self.signing_secret, self.clock, self.disturbances)
        self.interference = Interference(self.clock, self._rules)
        self.outlet = Outlet(
            self.sockets,
            self.http_delivery,
            self.disturbances,
            self.interference,
            lambda: self.world.grants.installed,
        )
        self.interactions = Interactions(self.world, self.outlet)
        self.interactions.screens.listen(self._see)
        self.events = EventsApi(self.world, self.outlet.publish)
        self._connections = Connections()
        self._door = Door(host, port, self._serve_connection, self._hang_up)
        surroundings = (self.world.grants, self.sockets, self.disturbances, self._door)
        self.faults = Faults(self.clock, *surroundings, self._rules)
        self.limits = Limits(self.clock, self._channel_id, on=limits)
        self.events.hourly_limit = HOURLY_LIMIT if limits else None
        self._web_api = WebApi(facts, self.world, self._api_of, self.faults, self.limits)
        self._runner: web.AppRunner | None = None
        self._background: list[asyncio.Task[None]] = []

    @property
    def bot_token(self) -> str:
        """The bot's token."""
        return self.world.grants.bot.token

    @property
    def app_token(self) -> str:
        """The app-level token, for Socket Mode."""
        return self.world.grants.app_level.token

    @property
    def scopes(self) -> frozenset[str]:
        """The scopes of the bot's token."""
        return self.world.grants.bot.scopes

    def issue_user_token(
        self, user: str, scopes: Iterable[str] | None = None, *, lasting: bool = False
    ) -> str:
        """Issue a token with which the app acts as a person (ID or name); scopes None: all for people.

        ``lasting``: it holds again after a reset.
        """
        granted = load_facts().user_scopes() if scopes is None else scopes
        person = self.workspace.user(user)
        return self.world.grants.issue(TokenKind.USER, person.id, granted, lasting=lasting).token

    @property
    def undocumented(self) -> set[tuple[str, str]]:
        """The methods, each with what it answered and Slack's reference does not know; empty: all is well."""
        return self._web_api.conformity.undocumented

    @property
    def url(self) -> str:
        """``http://HOST:PORT``, valid once it was started."""
        return f"http://{self._door.host}:{self._door.port}"

    @property
    def api_url(self) -> str:
        """The Web API's base address, ending in ``/api/``."""
        return f"{self.url}/api/"

    @property
    def bot_user_id(self) -> str:
        """The bot's user ID."""
        return self.app.bot_user_id

    @property
    def bot_id(self) -> str:
        """The bot's ID, which its messages carry."""
        return self.app.bot_id

    @property
    def app_id(self) -> str:
        """The app's ID."""
        return self.app.app_id

    @property
    def team_id(self) -> str:
        """The workspace's ID."""
        return self.app.team_id

    async def start(self) -> None:
        """Begin to serve; from now on the app is told of what happens."""
        if self._runner is not None:
            return
        application = web.Application(
            client_max_size=_LARGEST_BODY, middlewares=[self._connections.watch, answer_unreadable]
        )
        application.on_response_prepare.append(self._stamp)
        application.router.add_route("GET", "/link/", self.sockets.serve)
        application.add_routes([*self._web_api.routes(), *Control(self).routes()])
        application.add_routes(FileAddresses(self.world, self.faults).routes())
        application.add_routes(ResponseAddresses(self.interactions, self.faults).routes())
        self._runner = web.AppRunner(
            application, access_log=None, logger=RequestLog(), shutdown_timeout=_SHUTDOWN_SECONDS
        )
        await self._runner.setup()
        try:
            await self._door.open()
        except OSError:
            await self._runner.cleanup()
            self._runner = None
            raise
        self.sockets.address = f"{self._door.host}:{self._door.port}"
        self.interactions.response_urls.address = self.url
        self._background = [
            asyncio.create_task(self.sockets.envelopes.watch(), name="sandbox-envelopes"),
            asyncio.create_task(self.world.schedules.run(), name="sandbox-schedules"),
            asyncio.create_task(self._rules.run(), name="sandbox-faults"),
        ]
        self.workspace.listen(self._hear)

    async def stop(self) -> None:
        """Stop serving, with every connection closed; the workspace stays as it is."""
        if self._runner is None:
            return
        self.workspace.unlisten(self._hear)
        for task in self._background:
            task.cancel()
        self.feed.close()
        await self._door.close()
        self.faults.release()
        await self.disturbances.stop()
        await self.interference.stop()
        await self.http_delivery.stop()
        await self.sockets.stop()
        await self._runner.cleanup()
        await asyncio.gather(*self._background, return_exceptions=True)
        self._runner = None

    async def __aenter__(self) -> SimulatedSlack:
        await self.start()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.stop()

    def _serve_connection(self) -> asyncio.Protocol:
        assert self._runner is not None
        assert self._runner.server is not None
        return self._runner.server()

    def _hang_up(self) -> None:
        assert self._runner is not None
        self._connections.hang_up(self._runner.server)

    async def _stamp(self, request: web.Request, response: web.StreamResponse) -> None:
        """Date an answer by Slack's clock."""
        response.headers["Date"] = self.clock.http_date()

    def _channel_id(self, named: str) -> str:
        try:
            return self.workspace.channel(named).id
        except Refusal:
            return named

    def _see(self, sight: Sight) -> None:
        """Have the feed tell of what came before one person alone; it hears of messages by itself."""
        if sight.user_id and sight.shown["kind"] != "ephemeral":
            renamed = {_IN_FEED.get(name, name): value for name, value in sight.shown.items()}
            self.feed.show(sight.user_id, channel_id=sight.channel_id, **renamed)

    def _hear(self, occurrence: Occurrence) -> None:
        self.events.publish(occurrence)

    def reset(self) -> None:
        """Begin anew: the workspace as at the start, the first tokens, no faults, the machine's date.

        Connections stay open, unless they are silent or dead.
        """
        self.faults.clear()
        self.limits.reset()
        for part in (self.disturbances, self.interference, self.events, self.sockets, self.http_delivery):
            part.reset()
        self.clock.set_date_right()
        self.interactions.reset()
        self.world.reset()
        for channel in self.rejoined:
            self.workspace.join(channel, self.bot_user_id)

    def _offer_ticket(self, host: str) -> dict[str, Json]:
        """Let the app connect, and answer interactions at the address by which it came."""
        if host:
            self.interactions.response_urls.address = f"http://{host}"
        return self.sockets.offer(host)

    def _api_of(self, grant: Grant, host: str) -> Api:
        return Api(self.world, grant, self.interactions, self._offer_ticket, host)


def _new_app(clock: Clock) -> App:
    return App(
        app_id="A0FLYTEPACK",
        bot_id="B0FLYTEPACK",
        bot_user_id="U0FLYTEPACK",
        name="flyte",
        team_id="T0SANDBOX01",
        team_name="Flyte Sandbox",
        team_domain="flyte-sandbox",
        created=int(clock.now().timestamp()),
    )
