"""The sandbox with ``--state`` and ``--jwt``: what the options mean, and that the whole goes on with both."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from pack.errors import SettingsError
from pack.sandbox.options import GivenPorts, Options, plan_of
from tests.sandbox.process import Running, call, environment, flyte_slack

PORTS = GivenPorts()


def test_the_state_is_in_the_file_that_is_named_and_else_nowhere(tmp_path: Path) -> None:
    file = tmp_path / "state"
    assert plan_of(Options(ports=PORTS, state=str(file), engine_only=True), {}).state == file
    assert plan_of(Options(ports=PORTS), {}).state is None
    with pytest.raises(SettingsError, match="--state needs the flow engine, and --slack-only does not"):
        plan_of(Options(ports=PORTS, state=str(file), slack_only=True), {})
    with pytest.raises(SettingsError, match="--state: it is empty; name a file"):
        plan_of(Options(ports=PORTS, state=" "), {})


def test_the_jwt_of_the_option_comes_before_the_environment_and_not_beside_a_file() -> None:
    given = {"FLYTE_JWT": "from-environment"}
    assert plan_of(Options(ports=PORTS, jwt="from-option"), given).jwt == "from-option"
    assert plan_of(Options(ports=PORTS, slack_only=True), given).jwt is None
    with pytest.raises(SettingsError, match="--jwt and --jwt-file: give one of them"):
        plan_of(Options(ports=PORTS, jwt="a", jwt_file=Path("b")), {})
    with pytest.raises(SettingsError, match="--jwt needs the flow engine"):
        plan_of(Options(ports=PORTS, jwt="a", slack_only=True), {})


@pytest.mark.parametrize("token", ["", " ", "two words", "two\nlines", "ü"])
def test_a_jwt_that_no_request_can_carry_is_refused(token: str, tmp_path: Path) -> None:
    file = tmp_path / "jwt"
    file.write_text(token)
    for options, source in (
        (Options(ports=PORTS, jwt=token), "--jwt: "),
        (Options(ports=PORTS, jwt_file=file), f"--jwt-file {file}: "),
    ):
        with pytest.raises(SettingsError, match=f"{source}(it is empty|a token is one word)"):
            plan_of(options, {})


@pytest.mark.slow
def test_a_state_that_cannot_be_used_ends_the_sandbox_with_exit_code_2(tmp_path: Path) -> None:
    file = tmp_path / "state"
    file.write_text("no database\n" * 100)
    ended = flyte_slack(
        "sandbox", "--headless", "--port", "0", "--state", str(file), env=environment(tmp_path)
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == (
        f"flyte-slack sandbox cannot start: --state {file}: it is no SQLite file; "
        "name another file, and it is made if it is missing\n"
    )


@pytest.mark.slow
def test_a_sandbox_goes_on_with_its_flows_and_the_pack_has_the_jwt(tmp_path: Path) -> None:
    env = environment(tmp_path)
    ports = ("--json", "--port", "0", "--health-port", "0")
    arguments = ("sandbox", *ports, "--state", str(tmp_path / "state"), "--jwt", "the.right.one")

    def names(engine: str) -> set[str]:
        status, found = call(f"{engine}/v1/flows", jwt="the.right.one")
        assert status == 200
        return {flow["name"] for flow in found["flows"]}

    with Running(*arguments, env=env) as running:
        engine = json.loads(running.first_line())["engineUrl"]
        assert call(f"{engine}/v1/flows")[0] == 401
        examples = names(engine)
        assert len(examples) > 1
        own = {"name": "echo", "description": "mine", "steps": []}
        assert call(f"{engine}/v1/flows", own, jwt="the.right.one")[0] == 201
        assert running.end(signal.SIGTERM) == 0
    with Running(*arguments, env=env) as running:
        engine = json.loads(running.first_line())["engineUrl"]
        assert names(engine) == examples
        status, echo = call(f"{engine}/v1/flows/echo", jwt="the.right.one")
        assert (status, echo["description"]) == (200, "mine")
        status, pack = call(f"{engine}/v1/packs/Slack", jwt="the.right.one")
        assert (status, pack["status"]) == (200, "live")
        assert running.end(signal.SIGTERM) == 0
