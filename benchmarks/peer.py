"""The other side as a process: an engine, a Slack, and a port to command and question them.

``python -m benchmarks.peer`` prints its addresses as one line of JSON and ends when its standard input does.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from benchmarks.peer_engine import EnginePeer
from benchmarks.peer_slack import SlackPeer
from benchmarks.record import Record

Answer = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class Control:
    """Answers the program that measures."""

    def __init__(self, record: Record, engine: EnginePeer, slack: SlackPeer) -> None:
        self._record = record
        self._engine = engine
        self._slack = slack
        self._sending: asyncio.Task[None] | None = None

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Obey one order or answer one question."""
        given: Any = json.loads(await request.read() or b"{}")
        match request.path:
            case "/offer":
                self._engine.offer(given["actions"])
            case "/events":
                sending = self._slack.send_events(given["count"], given["first"], given["pause_seconds"])
                self._sending = asyncio.create_task(sending, name="send events")
            case "/latency":
                least, most = (milliseconds / 1000 for milliseconds in given["milliseconds"])
                self._slack.latency_seconds = least, most
            case "/progress":
                return web.json_response(self._record.progress())
            case "/record":
                return web.json_response(self._record.everything())
        return web.json_response({})


async def run(channels: int, latency_seconds: tuple[float, float], seed: int) -> None:
    """Serve until standard input ends."""
    record = Record()
    engine = EnginePeer(record)
    slack = SlackPeer(record, channels=channels, latency_seconds=latency_seconds, seed=seed)
    control = Control(record, engine, slack)
    engine.url = await serve(_counting(engine.answer, record, "engine"))
    slack.url = await serve(_counting(slack.answer, record, "slack"))
    control_url = await serve(control.answer)
    print(
        json.dumps({"engine": engine.url, "slack": f"{slack.url}/api/", "control": control_url}), flush=True
    )
    await asyncio.to_thread(sys.stdin.read)


async def serve(answer: Answer) -> str:
    """Serve on a free port until the process ends, and return the address."""
    runner = web.ServerRunner(web.Server(answer), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, backlog=1024)
    await site.start()
    host, port = runner.addresses[0][:2]
    return f"http://{host}:{port}"


def _counting(answer: Answer, record: Record, peer: str) -> Answer:
    """Count the connections by which requests come, by the address at their other end."""
    seen: set[Any] = set()

    async def counted(request: web.BaseRequest) -> web.StreamResponse:
        transport = request.transport
        address = transport.get_extra_info("peername") if transport else None
        if address not in seen:
            seen.add(address)
            record.connections[peer] += 1
        return await answer(request)

    return counted


def main() -> None:
    """Read the options and serve."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.peer", description=__doc__)
    options.add_argument("--channels", type=int, default=200)
    options.add_argument("--latency-ms", type=float, nargs=2, default=(0.0, 0.0), metavar=("LEAST", "MOST"))
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    least, most = (milliseconds / 1000 for milliseconds in given.latency_ms)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(run(given.channels, (least, most), given.seed))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


if __name__ == "__main__":
    main()
