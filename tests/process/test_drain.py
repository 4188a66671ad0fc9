"""A stop or a kill under full load: what is left is finished by the next start, each message once."""

from __future__ import annotations

import signal
import time
from collections import Counter

import pytest

from pack.sandbox.slack import SimulatedSlack
from tests.peers import ScriptedEngine
from tests.process.harness import Run, eventually

pytestmark = pytest.mark.slow

CHANNELS = ("general", "random", "deployments")
COUNT = 240
GRACE_SECONDS = 1.5
FOR_THE_REST = 1.5
"""How long ending may take beside the grace period: the interpreter's end, on a busy machine."""
QUICKLY = {"FLYTE_SLACK_GRACE_SECONDS": f"{GRACE_SECONDS}", "FLYTE_SLACK_SETTLING_SECONDS": "0.3"}


def load(engine: ScriptedEngine, slack: SimulatedSlack) -> list[str]:
    for name in CHANNELS:
        slack.workspace.invite_bot(name)
    return [
        engine.put("SendMessage", {"channelId": CHANNELS[number % 3], "message": f"message {number:03}"})
        for number in range(COUNT)
    ]


def said(slack: SimulatedSlack) -> list[list[str]]:
    """Return what the bot said in each channel, oldest first."""
    return [
        [
            one.text
            for one in slack.workspace.messages(name)
            if one.user == slack.bot_user_id and not one.subtype
        ]
        for name in CHANNELS
    ]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
async def test_a_stop_under_full_load_is_quick_and_the_next_start_finishes_what_is_left(
    engine: ScriptedEngine, slack: SimulatedSlack, run: Run, number: signal.Signals
) -> None:
    slack.faults.delay("chat.postMessage", 0.2)
    actions = load(engine, slack)
    first = await run(**QUICKLY).start()
    await eventually(lambda: engine.counts.get("take", 0) > COUNT and len(engine.results) > 5)
    before = time.monotonic()
    await first.stop(number)
    assert time.monotonic() - before < GRACE_SECONDS + FOR_THE_REST
    assert len(engine.results) < COUNT
    slack.faults.clear()
    second = await run(**QUICKLY).start()
    await eventually(lambda: len({one.action for one in engine.results}) == COUNT, seconds=60)
    assert await second.stop() == 0
    assert Counter(one.action for one in engine.results).keys() == set(actions)
    assert {one.name for one in engine.results} == {"MessageSent"}
    expected = [[f"message {one:03}" for one in range(first, COUNT, 3)] for first in range(3)]
    assert said(slack) == expected
