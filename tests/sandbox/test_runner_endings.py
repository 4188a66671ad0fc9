"""How the sandbox ends: told to, with its pack, by being killed, or because an option cannot be used."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sandbox.process import Running, call, environment, eventually, flyte_slack, is_alive, packs_of

PLAIN = ("sandbox", "--headless", "--port", "0", "--health-port", "0")


@pytest.mark.slow
def test_interrupted_it_ends_everything_and_leaves_nothing_behind(tmp_path: Path) -> None:
    env = environment(tmp_path)
    with Running(*PLAIN, env=env) as running:
        running.until_line("ready")
        assert flyte_slack("say", "#general", "echo plain *lines*", env=env).returncode == 0
        running.until_line("SendMessage ended in MessageSent")
        conversation = "\n".join(running.lines)
        assert "#general        ada      echo plain lines\n" in conversation
        assert (
            "#general        flyte    @ada, you said:\n                         ┃ plain lines" in conversation
        )
        assert "\x1b" not in conversation
        (pack,) = packs_of(running.process.pid)
        assert running.end(signal.SIGINT) == 0
        assert not is_alive(pack)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_headless_it_ends_with_exit_code_1_and_the_log_when_the_pack_ends(tmp_path: Path) -> None:
    with Running(*PLAIN, "--pack-log", env=environment(tmp_path)) as running:
        running.until_line("ready")
        (pack,) = packs_of(running.process.pid)
        os.kill(pack, signal.SIGKILL)
        assert running.end() == 1
    report = "\n".join(running.errors)
    assert "the pack was ended by signal 9; its log is " in report
    log = next(tmp_path.glob("flyte-slack-sandbox-*/pack.log")).read_text()
    assert "the pack works" in log
    assert set(log.splitlines()) <= {line.strip() for line in running.errors} | set(running.errors)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent was killed")
def test_the_pack_ends_when_the_sandbox_is_killed(tmp_path: Path) -> None:
    with Running(*PLAIN, env=environment(tmp_path)) as running:
        running.until_line("ready")
        (pack,) = packs_of(running.process.pid)
        running.end(signal.SIGKILL)
        eventually(lambda: not is_alive(pack))


@pytest.mark.slow
def test_the_engine_alone_prints_its_address_first_and_holds_no_flow(tmp_path: Path) -> None:
    with Running("sandbox", "--engine-only", "--port", "0", env=environment(tmp_path)) as running:
        url = running.first_line()
        assert call(f"{url}/v1/flows") == (200, {"flows": [], "links": call(f"{url}/v1/flows")[1]["links"]})
        assert running.end(signal.SIGTERM) == 0
        assert running.lines == [url]
        assert f"export FLYTE_API={url}" in running.errors


@pytest.mark.slow
def test_slack_alone_tells_its_tokens_and_no_engine(tmp_path: Path) -> None:
    arguments = ("sandbox", "--slack-only", "--json", "--slack-port", "0")
    with Running(*arguments, env=environment(tmp_path)) as running:
        addresses = json.loads(running.first_line())
        assert set(addresses) == {"slackApiUrl", "botToken", "appToken", "userToken", "signingSecret"}
        for token, user in (("botToken", "flyte"), ("userToken", "ada")):
            status, answer = call(f"{addresses['slackApiUrl']}auth.test", {}, jwt=addresses[token])
            assert (status, answer["ok"], answer["user"]) == (200, True, user)
        assert running.end(signal.SIGTERM) == 0


@pytest.mark.slow
def test_an_interrupt_ends_it_also_when_a_script_started_it_in_the_background(tmp_path: Path) -> None:
    # A shell without job control has the commands in its background ignore SIGINT.
    ours = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        running = Running("sandbox", "--slack-only", "--port", "0", env=environment(tmp_path))
    finally:
        signal.signal(signal.SIGINT, ours)
    with running:
        assert running.first_line().endswith("/api/")
        assert running.end(signal.SIGINT) == 0


@pytest.mark.slow
def test_a_well_known_port_that_is_taken_is_replaced_by_a_free_one(tmp_path: Path) -> None:
    with taken(8080), Running("sandbox", "--engine-only", "--json", env=environment(tmp_path)) as running:
        url = json.loads(running.first_line())["engineUrl"]
        assert not url.endswith(":8080")
        assert call(f"{url}/health")[0] == 200


@pytest.mark.slow
def test_what_is_piped_in_is_not_read_and_that_is_said(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "pack", "sandbox", "--slack-only", "--port", "0"],
        env=environment(tmp_path),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stderr is not None
        told = ""
        while "what is piped in is not read" not in told:
            told += (line := process.stderr.readline())
            assert line, told
        process.terminate()
        told += process.stderr.read()
    assert "say --slack-url http://127.0.0.1:" in told
    assert "'hello'" in told
    assert "echo hello" not in told


def test_a_port_that_was_asked_for_and_is_taken_is_exit_code_2(tmp_path: Path) -> None:
    with taken(0) as listener:
        number = listener.getsockname()[1]
        ended = flyte_slack("sandbox", "--engine-port", str(number), "--headless", env=environment(tmp_path))
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert f"--engine-port: cannot listen on 127.0.0.1, port {number}: Address already in use" in ended.stderr


def test_flows_that_cannot_be_used_are_exit_code_2_and_named(tmp_path: Path) -> None:
    broken = tmp_path / "mine.yaml"
    broken.write_text("name: mine\nsteps: [")
    ended = flyte_slack("sandbox", "--flows", str(broken), "--json", env=environment(tmp_path))
    assert ended.returncode == 2
    assert f"--flows {broken}: cannot be understood" in ended.stderr.replace("\n", " ")


def test_halves_that_exclude_each_other_are_exit_code_2(tmp_path: Path) -> None:
    ended = flyte_slack("sandbox", "--engine-only", "--slack-only", env=environment(tmp_path))
    assert ended.returncode == 2
    assert "--engine-only and --slack-only" in ended.stderr


def test_running_the_pack_imports_nothing_of_the_sandbox(tmp_path: Path) -> None:
    program = (
        "import sys; sys.argv = ['flyte-slack', 'run']\n"
        "from pack.__main__ import main\n"
        "try: main()\n"
        "except SystemExit as end: code = end.code\n"
        "import pack.app\n"
        "print(code, [name for name in sys.modules if name.startswith('pack.sandbox')])\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], env=environment(tmp_path), capture_output=True, text=True, check=True
    )
    assert ended.stdout == "2 []\n"


def taken(number: int) -> socket.socket:
    """Listen on a port, as soon as nobody else does: another test run could leave it at any moment.

    Who has it for longer than that has it for good, and so much the better.
    """
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)

    def listens() -> bool:
        try:
            listener.bind(("127.0.0.1", number))
        except OSError:
            return False
        return True

    with contextlib.suppress(AssertionError):
        eventually(listens, seconds=5.0)
        listener.listen()
    return listener
