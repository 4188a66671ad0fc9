"""``flyte-slack fault``: what is typed, what it does, what it tells."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pack.sandbox.control_calls import NotDone, call_control
from pack.sandbox.engine import EmbeddedEngine
from pack.sandbox.fault import list_faults, read_arguments, set_fault
from pack.sandbox.slack import SimulatedSlack
from tests.sandbox.process import Running, environment, flyte_slack


@pytest.fixture
async def slack() -> AsyncIterator[SimulatedSlack]:
    async with SimulatedSlack() as simulated:
        yield simulated


def test_what_looks_like_json_is_read_as_such_and_the_rest_is_text() -> None:
    given = (
        "times=3",
        "probability=0.5",
        "after=true",
        "seed=null",
        "method=chat.*",
        "id=7",
        "error=404",
        "retry_after=-x",
        "scopes=a:b,c:d",
        "match.channel=C1",
        "match.limit=5",
        "body={html",
    )
    assert read_arguments(given) == {
        "times": 3,
        "probability": 0.5,
        "after": True,
        "seed": None,
        "method": "chat.*",
        "id": "7",
        "error": "404",
        "retry_after": "-x",
        "scopes": ["a:b", "c:d"],
        "match": {"channel": "C1", "limit": "5"},
        "body": "{html",
    }
    assert read_arguments(['scopes=["a:b"]']) == {"scopes": ["a:b"]}
    assert read_arguments(["scopes=a:b"]) == {"scopes": ["a:b"]}


@pytest.mark.parametrize("text", ["times", "=3", ""])
def test_what_is_no_key_and_value_is_refused(text: str) -> None:
    with pytest.raises(NotDone, match=r"expected key=value, such as method=chat\.postMessage"):
        read_arguments([text])


async def test_slack_is_broken_listed_and_repaired(slack: SimulatedSlack) -> None:
    url = slack.api_url
    line = await set_fault("storm", ["method=chat.*", "probability=0.5"], slack_url=url, at_engine=False)
    assert line == "f1: storm at Slack"
    await set_fault("drop", ["method=*", "match.channel=C1"], slack_url=url, at_engine=False)
    told = (await list_faults(slack_url=url, at_engine=False)).splitlines()
    assert told[0] == "f1: storm chat.* retry_after=1 probability=0.5 struck 0x"
    assert told[1] == "f2: drop * match.channel=C1 after=false struck 0x (1 to come)"
    assert any(one.startswith("  refuse_connections for_seconds*") for one in told)
    assert told[-1] == "Values are as in JSON; of a list also a,b: scopes=chat:write,users:read"
    assert told[-3] == "method is one of Slack's, a family like chat.*, upload, response_url, or *"
    await set_fault("skew", ["seconds=-30", "for_seconds=3600"], slack_url=url, at_engine=False)
    assert "seconds=-30 struck 0x (3" in await list_faults(slack_url=url, at_engine=False)
    assert await set_fault("clear", [], slack_url=url, at_engine=False) == "Slack works as it should"
    assert (await list_faults(slack_url=url, at_engine=False)).startswith("f3: skew")
    assert await set_fault("go_silent", [], slack_url=url, at_engine=False) == "f4: go_silent at Slack"
    assert await set_fault("seed", ["seed=1"], slack_url=url, at_engine=False) == "seed at Slack: done"
    await set_fault("storm", [], slack_url=url, at_engine=False)
    assert await set_fault("clear", ["id=f5"], slack_url=url, at_engine=False) == "f5 at Slack is over"


async def test_the_engine_is_broken_with_its_jwt(monkeypatch: pytest.MonkeyPatch) -> None:
    async with EmbeddedEngine(jwt="secret", control=True) as engine:
        monkeypatch.delenv("FLYTE_JWT", raising=False)
        with pytest.raises(NotDone, match="carries no Authorization"):
            await set_fault("lost_race", [], slack_url=None, at_engine=True, at=engine.url)
        monkeypatch.setenv("FLYTE_JWT", "secret\n")
        line = await set_fault("lost_race", [], slack_url=None, at_engine=True, at=engine.url + "/v1")
        assert line == "f1: lost_race at the engine"
        told = await list_faults(slack_url=None, at_engine=True, at=engine.url)
        assert "kind is one of audit" in told


async def test_what_the_sandbox_refuses_is_told_as_it_says(slack: SimulatedSlack) -> None:
    with pytest.raises(NotDone, match="fault has to be one of answer"):
        await set_fault("earthquake", [], slack_url=slack.url, at_engine=False)
    with pytest.raises(NotDone, match="channel_not_found") as refused:
        await call_control("say", {"channel": "#nowhere", "text": "x"}, slack.url)
    assert refused.value.code == "channel_not_found"


async def test_no_sandbox_is_reported_with_where_it_was_looked_for() -> None:
    with pytest.raises(NotDone, match=r"no sandbox answers at http://127\.0\.0\.1:1\. Start one"):
        await list_faults(slack_url="127.0.0.1:1", at_engine=False)
    with pytest.raises(NotDone, match=r"does not answer at http://127\.0\.0\.1:1/"):
        await list_faults(slack_url=None, at_engine=True, at="127.0.0.1:1")


@pytest.mark.slow
def test_the_command_says_when_no_engine_runs(tmp_path: Path) -> None:
    ended = flyte_slack("fault", "lost_race", "--engine", env=environment(tmp_path))
    assert ended.returncode == 1
    assert "no sandbox with an engine was found" in ended.stderr


@pytest.mark.slow
def test_the_command_breaks_the_running_sandbox(tmp_path: Path) -> None:
    env = environment(tmp_path)
    with Running("sandbox", "--no-pack", "--json", "--port", "0", "--speed", "60", env=env) as running:
        addresses = running.first_line()
        assert "slackApiUrl" in addresses
        done = flyte_slack("fault", "storm", "method=auth.test", "retry_after=7", env=env)
        assert (done.returncode, done.stdout, done.stderr) == (0, "f1: storm at Slack\n", "")
        done = flyte_slack("fault", "--engine", "down", "for_seconds=0.1", env=env)
        assert (done.returncode, done.stdout) == (0, "f1: down at the engine\n")
        listed = flyte_slack("fault", env=env)
        assert listed.stdout.startswith("f1: storm auth.test retry_after=7 struck 0x")
        refused = flyte_slack("fault", "storm", "retry_after=soon", env=env)
        assert refused.returncode == 1
        assert "retry_after: Input should be a valid integer" in refused.stderr
