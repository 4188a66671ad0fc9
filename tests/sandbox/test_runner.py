"""The whole sandbox as one real process: engine, Slack and the pack."""

from __future__ import annotations

import json
import signal
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.process import Running, arguments_of, call, environment, eventually, flyte_slack, packs_of

JWT = "header.payload.signature"
DEPLOYMENTS = "MyContinuousDeploymentToolPack"


@dataclass
class Whole:
    running: Running
    env: dict[str, str]
    directory: Path
    addresses: dict[str, str]

    @property
    def slack(self) -> str:
        return self.addresses["slackApiUrl"].removesuffix("/api/")

    def messages(self, channel: str) -> list[dict[str, Any]]:
        _, state = call(f"{self.slack}/sandbox/state")
        return next(one["messages"] for one in state["channels"] if one["name"] == channel)

    def from_bot(self, channel: str, contains: str) -> list[dict[str, Any]]:
        said = [message for message in self.messages(channel) if message.get("bot_id")]
        return [message for message in said if contains in json.dumps(message)]


@pytest.fixture(scope="module")
def whole() -> Iterator[Whole]:
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        (directory / "jwt").write_text(JWT + "\n")
        env = environment(directory, PACK_NAME="Other", HTTP_PROXY="http://127.0.0.1:9")
        arguments = ("--json", "--port", "0", "--health-port", "0", "--jwt-file", str(directory / "jwt"))
        with Running("sandbox", *arguments, env=env) as running:
            yield Whole(running, env, directory, json.loads(running.first_line()))
            assert running.end(signal.SIGTERM) == 0
            assert len(running.lines) == 1


@pytest.mark.slow
def test_the_first_line_tells_everything_that_was_started(whole: Whole) -> None:
    keys = {"engineUrl", "slackApiUrl", "botToken", "appToken", "userToken", "signingSecret", "healthUrl"}
    assert set(whole.addresses) == keys
    assert whole.addresses["botToken"].startswith("xoxb-")
    assert whole.addresses["appToken"].startswith("xapp-")
    assert whole.addresses["userToken"].startswith("xoxp-")


@pytest.mark.slow
def test_it_is_ready_when_it_says_so(whole: Whole) -> None:
    status, checks = call(f"{whole.addresses['healthUrl']}/ready")
    assert status == 200, checks
    status, pack = call(f"{whole.addresses['engineUrl']}/v1/packs/Slack", jwt=JWT)
    assert status == 200
    assert "SendMessage" in json.dumps(pack)
    _, state = call(f"{whole.slack}/sandbox/state")
    joined = {one["name"] for one in state["channels"] if state["botUserId"] in one["members"]}
    assert joined == {"general", "deployments"}
    assert state["openSockets"] >= 1


@pytest.mark.slow
def test_a_user_says_echo_hello_and_the_bot_answers_through_a_flow(whole: Whole) -> None:
    said = flyte_slack("say", "--wait", "#general", "echo hello", env=whole.env)
    assert said.returncode == 0, said.stderr
    answer = whole.from_bot("general", "&gt;&gt;&gt; hello")[-1]
    assert answer["text"].endswith(", you said:\n&gt;&gt;&gt; hello")
    assert said.stdout == answer["text"].replace("&gt;", ">") + "\n"


@pytest.mark.slow
def test_a_reset_leaves_the_bot_where_it_was_at_first(whole: Whole) -> None:
    status, _ = call(f"{whole.slack}/sandbox/reset", {})
    assert status == 200
    said = flyte_slack("say", "--wait", "#general", "echo after the reset", env=whole.env)
    assert said.returncode == 0, said.stderr
    assert said.stdout.endswith("after the reset\n")


@pytest.mark.slow
def test_a_deployment_is_announced_as_a_rich_message(whole: Whole) -> None:
    url = f"{whole.addresses['engineUrl']}/v1/packs/{DEPLOYMENTS}/events"
    status, _ = call(url, {"event": "DeploymentSucceeded", "payload": {}}, jwt=JWT)
    assert status == 202
    message = eventually(lambda: whole.from_bot("deployments", "Deployment Update"))[0]
    assert message["attachments"][0]["fields"][0]["value"] == "YOURAPP.0.1.641"
    assert message["attachments"][0]["actions"][0]["text"] == "View Logs"


@pytest.mark.slow
def test_the_engine_asks_everybody_for_the_jwt(whole: Whole) -> None:
    assert call(f"{whole.addresses['engineUrl']}/v1/packs")[0] == 401


@pytest.mark.slow
def test_no_secret_is_in_a_command_line_or_in_the_file_for_say(whole: Whole) -> None:
    pid = whole.running.process.pid
    processes = [pid, *packs_of(pid)]
    assert len(processes) == 2
    file = next(whole.directory.glob("flyte-slack-sandbox-*.json"))
    seen = file.read_text() + "".join(arguments_of(pid) for pid in processes)
    assert str(whole.directory / "jwt") in seen
    named = ("botToken", "appToken", "userToken", "signingSecret")
    secrets = {JWT, *(whole.addresses[name] for name in named)}
    assert not [secret for secret in secrets if secret in seen]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.slow
def test_the_path_of_the_packs_log_is_printed_on_standard_error(whole: Whole) -> None:
    line = eventually(lambda: next((line for line in whole.running.errors if "log is" in line), None))
    assert "the pack works" in Path(line.rpartition(" is ")[2]).read_text()
