"""The sandbox put together: a flow engine, a simulated Slack and the pack as a child, over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp

from pack.clock import Clock, SystemClock
from pack.errors import PackError, SettingsError
from pack.sandbox import ports
from pack.sandbox.child import PackProcess
from pack.sandbox.engine import EmbeddedEngine
from pack.sandbox.engine_calls import EngineCalls
from pack.sandbox.flow_files import EXAMPLES, FlowFile, example_directories, read_flows
from pack.sandbox.plan import Plan
from pack.sandbox.ports import Port
from pack.sandbox.slack import SimulatedSlack

PACK_NAME = "Slack"
DEFAULT_CHANNELS = ("general", "deployments")
"""The channels that the pack joins at start, so that it answers at once."""
_PERSON = "ada"
READY_SECONDS = 30.0
"""How long the pack may take until it works."""
POLL_SECONDS = 0.03
_HEALTH_SECONDS = 2.0


class NotReady(PackError):
    """The pack does not work yet, or ended; the message says what is missing."""


class Sandbox:
    """The running parts; each attribute is None when the plan leaves it out."""

    def __init__(
        self, plan: Plan, *, clock: Clock | None = None, on_log: Callable[[str], None] | None = None
    ) -> None:
        self.plan = plan
        self.engine: EmbeddedEngine | None = None
        self.slack: SimulatedSlack | None = None
        self.pack: PackProcess | None = None
        self.calls: EngineCalls | None = None
        self.health_url: str | None = None
        self.other_events: dict[str, str] = {}
        """Events of other packs that a flow waits for, with the pack's name."""
        self.flows: list[FlowFile] = []
        self.examples = plan.flows is None and plan.engine and plan.slack
        self._clock = clock or SystemClock()
        self._on_log = on_log
        self._stack = AsyncExitStack()
        self._session: aiohttp.ClientSession | None = None
        self.user_token = ""
        self._directory = Path()
        self._keep_directory = False

    async def start(self) -> None:
        """Start the servers and the pack, and store the flows; the pack is still on its way then.

        Raises:
            SettingsError: a port, a flow, the JWT or the file of the state cannot be used.
        """
        paths = example_directories() if self.examples else self.plan.flows or ()
        flows = self.flows = read_flows(paths)
        chosen = ports.choose(self._wishes())
        session = self._session = await self._stack.enter_async_context(aiohttp.ClientSession())
        with _listening(self.plan.host):
            if self.plan.slack:
                self.slack = SimulatedSlack(
                    host=self.plan.host,
                    port=chosen["slack"],
                    clock=self._clock,
                    limits=self.plan.limits,
                    speed=self.plan.speed,
                )
                await self._stack.enter_async_context(self.slack)
                self.slack.rejoined = DEFAULT_CHANNELS if self.plan.engine else ()
                self.user_token = self.slack.issue_user_token(_PERSON, lasting=True)
            if self.plan.engine:
                self.engine = EmbeddedEngine(
                    host=self.plan.host,
                    port=chosen["engine"],
                    jwt=self.plan.jwt,
                    state=self.plan.state,
                    clock=self._clock,
                    control=True,
                )
                await self._stack.enter_async_context(self.engine)
                self.calls = EngineCalls(self.engine.url, self.plan.jwt, session)
        if self.plan.pack:
            await self._start_pack(chosen["health"])
        if self.calls:
            await self._store(flows)
            await self._register_others([event for flow in flows for event in flow.events])

    def addresses(self) -> dict[str, str]:
        """Return what others need to work with what was started: addresses and tokens."""
        found = {}
        if self.engine:
            found["engineUrl"] = self.engine.url
        if self.slack:
            found["slackApiUrl"] = self.slack.api_url
            found["botToken"] = self.slack.bot_token
            found["appToken"] = self.slack.app_token
            found["userToken"] = self.user_token
            found["signingSecret"] = self.slack.signing_secret
        if self.health_url:
            found["healthUrl"] = self.health_url
        return found

    def pack_settings(self) -> dict[str, str]:
        """Return the environment variables with which a pack works against this sandbox."""
        found = {"FLYTE_SLACK_DEFAULT_JOIN_CHANNEL": ",".join(DEFAULT_CHANNELS)} if self.slack else {}
        if self.engine:
            found["FLYTE_API"] = self.engine.url
        if self.slack:
            found["FLYTE_SLACK_API_URL"] = self.slack.api_url
            found["FLYTE_SLACK_TOKEN"] = self.slack.bot_token
            found["FLYTE_SLACK_APP_TOKEN"] = self.slack.app_token
        return found

    async def until_ready(self) -> None:
        """Wait until the pack is registered, its socket is connected and it is in its channels.

        Raises:
            NotReady: it ended, or took too long; says what is missing.
        """
        missing = "it has not answered yet"
        until = self._clock.monotonic() + READY_SECONDS
        while self._clock.monotonic() < until:
            if self.pack is None:
                return
            if self.pack.exit_code is not None:
                raise NotReady(self.explain_end())
            missing = await self._missing()
            if not missing:
                return
            await self._clock.sleep(POLL_SECONDS)
        self._keep_directory = True
        raise NotReady(f"the pack is not ready after {READY_SECONDS:.0f} seconds: {missing}")

    def explain_end(self) -> str:
        """Return how the pack ended, with the end of its log; the log is kept then."""
        assert self.pack is not None
        self._keep_directory = True
        code = self.pack.exit_code or 0
        how = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
        lines = "".join(f"\n    {line}" for line in self.pack.last_lines(5))
        return f"the pack {how}; its log is {self.pack.log}{':' if lines else ''}{lines}"

    async def stop(self) -> None:
        """End the pack, then the servers; a log that explains a failure is kept."""
        if self.pack:
            await self.pack.stop()
        await self._stack.aclose()
        if self._directory != Path() and not self._keep_directory:
            shutil.rmtree(self._directory, ignore_errors=True)

    def _wishes(self) -> dict[str, Port]:
        wanted = {
            "engine": (self.plan.engine, self.plan.engine_port, self.plan.host),
            "slack": (self.plan.slack, self.plan.slack_port, self.plan.host),
            "health": (self.plan.pack, self.plan.health_port, "0.0.0.0"),
        }
        return {
            name: Port(port.number, port.option, host)
            for name, (needed, port, host) in wanted.items()
            if needed
        }

    async def _start_pack(self, health_port: int) -> None:
        self._directory = Path(tempfile.mkdtemp(prefix="flyte-slack-sandbox-"))
        self.health_url = f"http://127.0.0.1:{health_port}"
        settings = {
            **self.pack_settings(),
            "FLYTE_SLACK_HEALTH_PORT": str(health_port),
            "FLYTE_SLACK_BACKUP_DIR": str(self._directory / "backup"),
            "FLYTE_SLACK_LOG_FORMAT": "console",
            **({"FLYTE_JWT": self.plan.jwt} if self.plan.jwt else {}),
        }
        self.pack = PackProcess(settings, log=self._directory / "pack.log", on_log=self._on_log)
        await self.pack.start()

    async def _store(self, flows: list[FlowFile]) -> None:
        """Store flows; an engine that goes on with flows that it has is not given the examples again."""
        assert self.engine is not None
        assert self.calls is not None
        known = self.engine.flow_names
        if self.examples and known:
            self.examples = EXAMPLES[0] in known
            return
        await self.calls.store(flows)

    async def _register_others(self, events: list[tuple[str, str]]) -> None:
        """Make the packs known whose events the flows wait for, so that these can be posted."""
        if self.calls is None or not self.plan.slack:
            return
        others: dict[str, set[str]] = defaultdict(set)
        for pack, event in events:
            if pack != PACK_NAME:
                others[pack].add(event)
                self.other_events[event] = pack
        for pack, names in others.items():
            await self.calls.register(pack, names)

    async def _missing(self) -> str:
        """Say what the pack still lacks; empty when it works."""
        assert self.slack is not None
        assert self.calls is not None
        if trouble := await self._unhealthy():
            return trouble
        if not self.slack.faults.open_sockets:
            return "no Socket Mode connection is open"
        if not await self.calls.knows(PACK_NAME):
            return "it is not registered with the engine"
        missing = [
            name
            for name in DEFAULT_CHANNELS
            if self.slack.bot_user_id not in self.slack.workspace.channel(name).members
        ]
        return f"it has not joined #{', #'.join(missing)}" if missing else ""

    async def _unhealthy(self) -> str:
        assert self._session is not None
        timeout = aiohttp.ClientTimeout(total=_HEALTH_SECONDS)
        try:
            async with self._session.get(f"{self.health_url}/ready", timeout=timeout) as answer:
                if answer.status == 200:
                    return ""
                checks = await answer.json()
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            return f"its health page does not answer: {error}"
        return f"its health page says: {_statuses(checks)}"


def _statuses(checks: Mapping[str, Mapping[str, object]]) -> str:
    return "; ".join(f"{name}: {check.get('status')}" for name, check in checks.items())


@contextlib.contextmanager
def _listening(host: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SettingsError(f"cannot listen on {host}: {error.strerror or error}; start it again") from error


async def unless_stopped(work: asyncio.Task[None], stop: asyncio.Event) -> bool:
    """Wait for the work, but not longer than until the stop event; return whether the work was done.

    What the work raises is raised here.
    """
    stopped = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait((work, stopped), return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            work.result()
            return True
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        return False
    finally:
        stopped.cancel()
