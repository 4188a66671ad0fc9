"""The processes of a measurement: the peers, and the program that is measured against them."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import psutil

from benchmarks.record import now

ROOT = Path(__file__).resolve().parent.parent

PROGRAMS = {
    "pack": ("-m", "pack", "run"),
    "bare": ("-m", "benchmarks.bare"),
    "fast pack": ("-m", "benchmarks.fast_pack"),
    "memory pack": ("-m", "benchmarks.memory_pack"),
}
"""What is measured, by its name."""

LOOK_SECONDS = 0.02
"""How often it is looked whether something has happened."""

STOP_SECONDS = 15.0

OFFERED_AT_ONCE = 2000
"""How many actions are in one order."""

SETTLE_SECONDS = 0.5
"""How long a program that works is left to itself before anything is measured."""


class Unfinished(Exception):
    """A program did not get as far as it had to within the time."""


@dataclass(frozen=True, slots=True)
class Peers:
    """An engine and a Slack in a process of their own."""

    urls: dict[str, str]
    session: aiohttp.ClientSession
    settings: dict[str, str] = field(default_factory=dict)
    """What a program is told beside the addresses."""

    async def ask(self, what: str, order: dict[str, Any] | None = None) -> dict[str, Any]:
        """Give an order (offer, events) or ask a question (progress, record)."""
        async with self.session.post(f"{self.urls['control']}/{what}", json=order or {}) as answer:
            answer.raise_for_status()
            return dict(await answer.json())

    async def offer(self, actions: Sequence[dict[str, Any]]) -> None:
        """Offer actions, however many, in messages that are not too long."""
        for first in range(0, len(actions), OFFERED_AT_ONCE):
            await self.ask("offer", {"actions": actions[first : first + OFFERED_AT_ONCE]})


@dataclass(frozen=True, slots=True)
class Program:
    """A running program that is measured."""

    name: str
    started: float
    """When its process was begun, by the clock of the peers."""
    process: psutil.Process
    peers: Peers

    def cpu_seconds(self) -> float:
        """Return the processor time that it used, its own and the system's for it, in seconds."""
        times = self.process.cpu_times()
        return float(times.user + times.system)

    def mebibytes(self) -> float:
        """Return the memory that it has now (resident), in MiB."""
        return float(self.process.memory_info().rss) / 2**20

    def peak_mebibytes(self) -> float:
        """Return the most memory that it ever had (resident; where only Linux tells: now), in MiB."""
        return peak_mebibytes(self.process)

    async def until(self, done: Callable[[dict[str, Any]], bool], seconds: float, what: str) -> None:
        """Wait until the peers have seen the program get as far as it has to.

        Raises:
            Unfinished: the time was over before, or the program ended.
        """
        deadline = now() + seconds
        while not done(progress := await self.peers.ask("progress")):
            if now() > deadline:
                raise Unfinished(
                    f"{self.name}: {what} took longer than {seconds:g} s; it got so far: {progress}"
                )
            if not self.process.is_running():
                raise Unfinished(f"{self.name} ended by itself; it got so far: {progress}")
            await asyncio.sleep(LOOK_SECONDS)

    async def until_it_works(self, seconds: float = 30.0) -> None:
        """Wait until it is registered and listens, and what it does at start is over."""
        await self.until(
            lambda progress: progress["registered"] and progress["listens"], seconds, "the start"
        )
        await asyncio.sleep(SETTLE_SECONDS)


def peak_mebibytes(process: psutil.Process) -> float:
    """Return the most memory that a process ever had (resident; where only Linux tells: now), in MiB."""
    status = Path(f"/proc/{process.pid}/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text("utf-8").splitlines() if ":" in line)
        return int(lines["VmHWM"].split()[0]) / 1024
    return float(process.memory_info().rss) / 2**20


@asynccontextmanager
async def open_peers(
    *, channels: int = 200, latency_ms: tuple[int, int] = (0, 0), seed: int = 1
) -> AsyncIterator[Peers]:
    """Start the peers and end them."""
    options = ["--channels", channels, "--latency-ms", *latency_ms, "--seed", seed]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "benchmarks.peer", *map(str, options)),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin and process.stdout
    try:
        urls = json.loads(await asyncio.wait_for(process.stdout.readline(), 30))
        async with aiohttp.ClientSession() as session:
            yield Peers(urls, session)
    finally:
        process.stdin.close()
        await _end(process)


@asynccontextmanager
async def open_program(name: str, peers: Peers, kept: Path | None = None) -> AsyncIterator[Program]:
    """Start one of :data:`PROGRAMS` against the peers and end it.

    ``kept``: the directory that it keeps its files in; None: an empty one.

    Raises:
        Unfinished: it failed; with the end of what it logged.
    """
    with tempfile.TemporaryDirectory() as directory:
        log = Path(directory, "log")
        started = now()
        process = await _begin(name, _environment(peers, str(kept or directory)), log)
        try:
            yield Program(name, started, psutil.Process(process.pid), peers)
        except Unfinished as error:
            raise Unfinished(f"{error}; {name} logged at the end:\n{_last_lines(log)}") from error
        finally:
            crashed = process.returncode
            await _end(process)
        if crashed is not None or (name == "pack" and process.returncode != 0):
            raise Unfinished(f"{name} ended with {process.returncode}:\n{_last_lines(log)}")


async def _begin(name: str, environment: dict[str, str], log: Path) -> asyncio.subprocess.Process:
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            *PROGRAMS[name],
            cwd=ROOT,
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=descriptor,
            stderr=descriptor,
        )
    finally:
        os.close(descriptor)


def _environment(peers: Peers, directory: str) -> dict[str, str]:
    return {
        "FLYTE_API": peers.urls["engine"],
        "FLYTE_SLACK_TOKEN": "xoxb-benchmark",
        "FLYTE_SLACK_APP_TOKEN": "xapp-benchmark",
        "FLYTE_SLACK_API_URL": peers.urls["slack"],
        "FLYTE_SLACK_BACKUP_DIR": directory,
        "FLYTE_SLACK_HEALTH_PORT": "0",
        **peers.settings,
    }


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), STOP_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()


def _last_lines(log: Path) -> str:
    return "\n".join(log.read_text("utf-8", "replace").splitlines()[-20:]) or "(nothing)"


@asynccontextmanager
async def working(name: str, **peer_options: Any) -> AsyncIterator[Program]:
    """Start a program with peers of its own, and wait until it works."""
    async with AsyncExitStack() as stack:
        peers = await stack.enter_async_context(open_peers(**peer_options))
        program = await stack.enter_async_context(open_program(name, peers))
        await program.until_it_works()
        yield program
