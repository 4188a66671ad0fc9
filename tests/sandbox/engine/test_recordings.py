"""What a real Flyte answered, asked of the embedded engine: every scenario from first to last step."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.engine.caller import Answer, Caller

Json = Any

SCENARIOS = Path(__file__).parents[2] / "golden" / "rest"
PLACEHOLDER = re.compile(r"\{(base|time|id:\d+)\}")
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z"
ID = r"[0-9a-z-]+"


class Scenario:
    """Compares answers with recorded ones; an id is free at its first appearance and the same ever after."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.ids: dict[str, str] = {}

    def concrete(self, recorded: str) -> str:
        """A recorded request's text as it is sent now; an id that never appeared stays as it stands."""
        return PLACEHOLDER.sub(
            lambda found: self.base if found[1] == "base" else self.ids.get(found[1], found[0]), recorded
        )

    def compare(self, recorded: Json, got: Json, at: str) -> None:
        """Compare JSON values. Even links, whose order nobody relies on, come in the recorded order."""
        if isinstance(recorded, str):
            assert isinstance(got, str), at
            self.compare_text(recorded, got, at)
        elif isinstance(recorded, dict):
            assert set(got) == set(recorded), at
            for key in recorded:
                self.compare(recorded[key], got[key], f"{at}.{key}")
        elif isinstance(recorded, list):
            assert len(got) == len(recorded), at
            for index, item in enumerate(recorded):
                self.compare(item, got[index], f"{at}.{index}")
        else:
            assert got == recorded, at
            assert isinstance(got, bool) == isinstance(recorded, bool), at

    def compare_text(self, recorded: str, got: str, at: str) -> None:
        groups: list[str] = []

        def pattern(name: str) -> str:
            if name == "base":
                return re.escape(self.base)
            if name == "time":
                return TIME
            if name in self.ids:
                return re.escape(self.ids[name])
            if name in groups:
                return f"(?:\\{groups.index(name) + 1})"
            groups.append(name)
            return f"({ID})"

        parts = PLACEHOLDER.split(recorded)
        expression = "".join(
            pattern(part) if index % 2 else re.escape(part) for index, part in enumerate(parts)
        )
        match = re.fullmatch(expression, got)
        assert match, f"{at}: recorded {recorded!r}, got {got!r}"
        self.ids.update(zip(groups, match.groups(), strict=True))


async def play(step: Json, scenario: Scenario, call: Caller) -> None:
    """Send a step's request and compare the answer. No waiting: the engine says when it is done."""
    await call.engine.settled()
    if "request" not in step:
        return
    request, response = step["request"], step["response"]
    body = json.dumps(request["json"]) if "json" in request else request.get("text")
    answer = await call.send(
        request["method"],
        scenario.concrete(request["path"]),
        text=None if body is None else scenario.concrete(body),
        headers=request.get("headers"),
    )
    check(response, answer, scenario, request["method"])


def check(response: Json, answer: Answer, scenario: Scenario, method: str) -> None:
    if response.get("dropped"):
        assert answer.status == (200 if method == "HEAD" else 404)
        return
    assert answer.status == response["status"], answer.text
    for name, value in response.get("headers", {}).items():
        scenario.compare_text(value, answer.headers[name], name)
    if "json" in response:
        scenario.compare(response["json"], answer.json, "")
    elif answer.status < 400:
        scenario.compare_text(response["text"], answer.text, "body")
    else:
        assert answer.json["error"]


@pytest.mark.parametrize("name", sorted(path.stem for path in SCENARIOS.glob("*.json")))
async def test_the_engine_answers_as_the_recorded_flyte(name: str, call: Caller) -> None:
    recorded = json.loads((SCENARIOS / f"{name}.json").read_text("utf-8"))
    scenario = Scenario(call.engine.url)
    for number, step in enumerate(recorded["steps"], 1):
        try:
            await play(step, scenario, call)
        except AssertionError as difference:
            difference.add_note(f"step {number} of {name}: {step['do']}")
            raise


def test_every_recorded_scenario_is_there() -> None:
    names = {path.stem for path in SCENARIOS.glob("*.json")}
    assert names == {
        "actions", "audit", "datastore", "execution", "flows", "links", "packs", "versions"
    }  # fmt: skip
