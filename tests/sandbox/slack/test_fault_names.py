"""A fault that could never strike is refused, with what was probably meant."""

from __future__ import annotations

import aiohttp
import pytest

from pack.sandbox.slack import SimulatedSlack


async def ask(slack: SimulatedSlack, session: aiohttp.ClientSession, **fault: object) -> dict[str, object]:
    async with session.post(f"{slack.url}/sandbox/faults", json=fault) as response:
        return await response.json()


@pytest.mark.parametrize(
    ("fault", "meant"),
    [
        ({"fault": "answer", "method": "chat.postMesage", "error": "x"}, "did you mean chat.postMessage?"),
        ({"fault": "answer", "method": "", "error": "x"}, "a family like chat.*"),
        ({"fault": "storm", "method": "chta.*"}, "did you mean chat.*?"),
        ({"fault": "limit", "method": "uploads", "calls": 1}, "did you mean upload?"),
        ({"fault": "answer", "method": "chat.update", "error": "x", "time": 3}, "did you mean times?"),
        ({"fault": "answer", "method": "chat.update", "error": "x", "probabilty": 1}, "mean probability?"),
        ({"fault": "lose_events", "kind": "mesage"}, "did you mean message?"),
        ({"fault": "lose_events", "kind": "message.channels"}, "message stands for all kinds of it"),
        ({"fault": "repeat_events", "kind": "nothing"}, "neither a type of event"),
        ({"fault": "shuffle_events", "kind": "slash_commands"}, "no order"),
    ],
)
async def test_a_name_that_nothing_has_is_refused(
    slack, session, fault: dict[str, object], meant: str
) -> None:
    answer = await ask(slack, session, **fault)
    assert answer["error"] == "invalid_arguments"
    assert meant in str(answer["message"])
    assert slack.faults.listing() == []


@pytest.mark.parametrize(
    "fault",
    [
        {
            "fault": "answer",
            "method": "conversations.canvases.*",
            "error": "x",
            "errors": ["y"],
            "needed": "z",
        },
        {"fault": "storm", "method": "response_url"},
        {"fault": "delay", "method": "*", "seconds": 1},
        {"fault": "lose_events", "kind": "app_mention"},
        {"fault": "ignore_acks", "kind": "interactive"},
    ],
)
async def test_a_name_that_something_has_is_taken(slack, session, fault: dict[str, object]) -> None:
    assert (await ask(slack, session, **fault))["ok"]
