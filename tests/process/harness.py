"""The real process of the pack, as a child with an environment of its own, watched from outside."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

import aiohttp
from aiohttp import web

from pack.clock import SystemClock, wait_for

PATIENCE_SECONDS = 15.0
"""How long anything may take that is to happen at once."""

POLL_SECONDS = 0.01

SECRETS = ("FLYTE_SLACK_TOKEN", "FLYTE_SLACK_APP_TOKEN", "FLYTE_SLACK_SIGNING_SECRET", "FLYTE_JWT")
"""The variables whose values must never be seen."""

INHERITED = ("PATH", "LANG", "LC_ALL", "COVERAGE_PROCESS_START")

REPOSITORY = Path(__file__).parents[2]

COMPLAINTS = ("Traceback", "Exception ignored", "Warning:", "was never awaited", "was destroyed")
"""What Python writes when something was left lying about."""

Record = dict[str, Any]


class WakeableClock(SystemClock):
    """Real time; a server with this clock can be told to wait no longer before its slow answers."""

    def __init__(self) -> None:
        self._woken = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        await wait_for(self._woken, seconds, SystemClock())

    def wake(self) -> None:
        """End every sleep that has begun."""
        woken, self._woken = self._woken, asyncio.Event()
        woken.set()


async def eventually(look: Callable[[], Any], *, seconds: float = PATIENCE_SECONDS, what: str = "") -> Any:
    """Look again and again until what is seen is true; return it."""
    until = time.monotonic() + seconds
    while not (seen := look()):
        if time.monotonic() > until:
            raise AssertionError(f"not within {seconds:g} s: {what or look}")
        await asyncio.sleep(POLL_SECONDS)
    return seen


def unused_port() -> int:
    """Return a port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def python(*arguments: str) -> tuple[str, ...]:
    """Return the command line that runs the package with this interpreter."""
    return (sys.executable, "-m", "pack", *arguments)


def script(*arguments: str) -> tuple[str, ...]:
    """Return the command line that runs the installed script."""
    return (str(Path(sys.executable).with_name("flyte-slack")), *arguments)


class Child:
    """One run of the command line; ``directory`` is its home, its temporary directory and where it stands.

    Its environment has the given settings and nothing else of the pack's.
    """

    def __init__(
        self,
        directory: Path,
        settings: Mapping[str, str],
        *,
        command: Iterable[str] = (),
    ) -> None:
        self.directory = directory
        self.settings = dict(settings)
        self.command = tuple(command) or python("run")
        self.out: list[str] = []
        self.err: list[str] = []
        self._process: asyncio.subprocess.Process | None = None
        self._reading: tuple[asyncio.Task[None], ...] = ()

    # --- life ---

    async def start(self) -> Child:
        inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
        own = {
            "HOME": str(self.directory),
            "TMPDIR": str(self.directory),
            "PYTHONPATH": str(REPOSITORY),
            "PYTHONWARNINGS": "default",
        }
        self._process = await asyncio.create_subprocess_exec(
            *self.command,
            env={**inherited, **own, **self.settings},
            cwd=self.directory,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=2**24,
        )
        assert self._process.stdout
        assert self._process.stderr
        self._reading = (
            asyncio.create_task(_read(self._process.stdout, self.out)),
            asyncio.create_task(_read(self._process.stderr, self.err)),
        )
        return self

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    def send(self, number: signal.Signals) -> None:
        assert self._process
        self._process.send_signal(number)

    async def ended(self, *, seconds: float = PATIENCE_SECONDS) -> int:
        """Wait for its end; return the exit code (-N: signal N ended it)."""
        assert self._process
        try:
            async with asyncio.timeout(seconds):
                code = await self._process.wait()
                await asyncio.gather(*self._reading)
        except TimeoutError:
            raise AssertionError(f"it runs on after {seconds:g} s:\n{self.output}") from None
        return code

    async def stop(
        self, number: signal.Signals = signal.SIGTERM, *, seconds: float = PATIENCE_SECONDS
    ) -> int:
        """Send a signal and wait for its end; return the exit code."""
        self.send(number)
        return await self.ended(seconds=seconds)

    async def kill(self) -> None:
        if self._process and self.is_running:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
        await asyncio.gather(*self._reading)

    # --- what it says ---

    @property
    def output(self) -> str:
        """All that it wrote so far."""
        return "\n".join([*self.out, *self.err])

    @property
    def records(self) -> list[Record]:
        """The records of its log so far."""
        return [json.loads(line) for line in self.err if line.startswith("{")]

    def lines(self, text: str, *levels: str) -> list[Record]:
        """Return the records whose message has the text, of these levels only when there are any."""
        found = [record for record in self.records if text in record["message"]]
        return [record for record in found if record["level"] in levels] if levels else found

    def loud(self) -> list[str]:
        """Return the messages that an operator would look into: warnings and worse."""
        return [line["message"] for line in self.records if line["level"] in ("warning", "error", "critical")]

    async def logged(self, text: str, *, seconds: float = PATIENCE_SECONDS) -> Record:
        """Wait for a record whose message has the text; return the first."""
        return (await self._until(lambda: self.lines(text), f"{text!r} in the log", seconds))[0]

    async def _until(self, look: Callable[[], Any], what: str, seconds: float) -> Any:
        def look_or_fail() -> Any:
            seen = look()
            assert seen or self.is_running, f"it ended before {what}:\n{self.output}"
            return seen

        try:
            return await eventually(look_or_fail, seconds=seconds, what=what)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.output}") from None

    def faults(self) -> list[str]:
        """Return what no run may write: a secret, a mistake of the pack, a complaint of Python's."""
        found = []
        secrets = self._secrets()
        for line in self.output.splitlines():
            found += [f"{name} in: {line}" for name, secret in secrets.items() if secret in line]
            found += [f"{text} in: {line}" for text in ("ticket=", *COMPLAINTS) if text in line]
        found += [f"critical: {line['message']}" for line in self.records if line["level"] == "critical"]
        return found

    def _secrets(self) -> dict[str, str]:
        found = {name: self.settings[name] for name in SECRETS if name in self.settings}
        for name in SECRETS:
            path = Path(self.settings.get(f"{name}_FILE", "/nowhere"))
            if path.is_file():
                found[f"{name}_FILE"] = path.read_text().strip()
        return found

    # --- its health page ---

    async def port(self) -> int:
        """Return the port of the health page: the one that was set, or the one that the log names."""
        configured = int(self.settings.get("FLYTE_SLACK_HEALTH_PORT") or 8090)
        return configured or int((await self.logged("the health page listens"))["port"])

    async def health(self, path: str = "/", method: str = "GET") -> tuple[int, dict[str, Any]]:
        """Ask its health page; return the status and the body."""
        url = f"http://127.0.0.1:{await self.port()}{path}"
        async with aiohttp.ClientSession() as session, session.request(method, url) as answer:
            return answer.status, await answer.json() if method != "HEAD" else {}

    async def ready(self, status: int = 200, *, seconds: float = PATIENCE_SECONDS) -> dict[str, Any]:
        """Wait until ``/ready`` answers so; return the body."""
        until = time.monotonic() + seconds
        while True:
            assert self.is_running, f"it ended:\n{self.output}"
            answered, body = 0, {}
            with contextlib.suppress(aiohttp.ClientConnectorError):  # it does not listen yet
                answered, body = await self.health("/ready")
            if answered == status:
                return body
            assert time.monotonic() < until, (
                f"/ready is {answered} after {seconds:g} s: {body}\n{self.output}"
            )
            await asyncio.sleep(0.05)


async def _read(stream: asyncio.StreamReader, lines: list[str]) -> None:
    async for line in stream:
        lines.append(line.decode("utf-8", "replace").rstrip("\n"))


class Run(Protocol):
    """Makes a child, not started yet; a setting that is empty is taken away."""

    def __call__(self, *, command: Iterable[str] = (), **settings: str) -> Child: ...


class Gateway:
    """What stands before an engine whose API has a path: serves it below the path, and nothing beside it."""

    def __init__(self, engine_url: str, path: str) -> None:
        self.strays: list[str] = []
        """The requests beside the path."""
        self.url = ""
        self._engine = engine_url
        self._path = path
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Gateway:
        application = web.Application()
        application.router.add_route("*", "/{rest:.*}", self._pass_on)
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}{self._path}"
        return self

    async def __aexit__(self, *error: object) -> None:
        assert self._runner
        await self._runner.cleanup()

    async def _pass_on(self, request: web.Request) -> web.Response:
        if not request.path.startswith(self._path):
            self.strays.append(f"{request.method} {request.path}")
            return web.Response(status=404)
        url = self._engine + (request.path.removeprefix(self._path) or "/")
        async with (
            aiohttp.ClientSession() as session,
            session.request(request.method, url, data=await request.read()) as answer,
        ):
            body = (await answer.text()).replace(self._engine, self.url)
            return web.Response(status=answer.status, text=body, content_type="application/json")
