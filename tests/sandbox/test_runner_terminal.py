"""The sandbox with somebody at the terminal: what is typed, what is shown, how it ends."""

from __future__ import annotations

import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pack.sandbox.keyboard import TypedLine
from pack.sandbox.terminal import tail
from tests.sandbox.process import PATIENCE_SECONDS, environment, packs_of

_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Screen:
    """A pseudo-terminal with the sandbox in it."""

    def __init__(self, process: subprocess.Popen[bytes], terminal: int) -> None:
        self.process = process
        self.terminal = terminal
        self.shown = ""

    def type(self, text: str) -> None:
        os.write(self.terminal, text.encode())

    def until(self, pattern: str) -> str:
        """Wait until the screen showed this; what came before it is not looked at again."""
        until = time.monotonic() + PATIENCE_SECONDS
        while not (found := re.search(pattern, self.shown)):
            assert time.monotonic() < until, self.shown
            if select.select([self.terminal], [], [], 0.1)[0]:
                self.shown += _CONTROL.sub("", os.read(self.terminal, 65536).decode("utf-8", "replace"))
        self.shown = self.shown[found.end() :]
        return found[0]


@contextmanager
def sandbox_in_a_terminal(directory: Path, *arguments: str) -> Iterator[Screen]:
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))

    def own_terminal() -> None:
        os.setsid()
        fcntl.ioctl(theirs, termios.TIOCSCTTY, 0)

    process = subprocess.Popen(
        [sys.executable, "-m", "pack", "sandbox", "--port", "0", *arguments],
        env=environment(directory, TERM="xterm-256color"),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        preexec_fn=own_terminal,
    )
    before = termios.tcgetattr(theirs)
    try:
        yield Screen(process, ours)
        assert process.wait(PATIENCE_SECONDS) == 0
        assert termios.tcgetattr(theirs) == before
    finally:
        process.kill()
        process.wait()
        os.close(ours)
        os.close(theirs)


@pytest.mark.slow
def test_somebody_types_and_sees_the_bot_answer_and_the_sandbox_outlives_its_pack(tmp_path: Path) -> None:
    with sandbox_in_a_terminal(tmp_path, "--health-port", "0") as screen:
        screen.until(r"flows +echo, announce_deployments")
        screen.until(r"echo hello +the bot answers, by the flow echo")
        screen.until(r"\+:eyes: +react to the latest message\s+#random echo hello")
        screen.until(r"say --slack-url http://127\.0\.0\.1:\d+ '#general' 'echo hello'")
        screen.until("ready")
        screen.type("echo hello there\r")
        screen.until(r"#general +ada +echo hello there")
        screen.until(r"event +ReceivedMessage from Slack")
        screen.until(r"flow +echo asks for SendMessage")
        screen.until(r"#general +flyte +@ada, you said:\s+┃ hello there")
        screen.until(r"command +SendMessage ended in MessageSent")
        screen.type("+:eyes:\r")
        screen.until(r"ada +reacted with :eyes: to “@ada, you said:”")
        screen.until(r"event +ReactionAdded from Slack")
        screen.type('!DeploymentSucceeded {"app": "web"}\r')
        screen.until(r"#deployments +flyte +▌ Deployment Update")
        screen.type("!Unheard\r")
        screen.until("no flow waits for an event Unheard of another pack; they wait for: DeploymentSucceeded")
        screen.type("#nowhere hi\r")
        screen.until("there is no channel #nowhere; try #general")
        screen.type("+:::\r")
        screen.until(r"name a reaction: \+:eyes:")
        screen.type("@flyte echo you\r")
        screen.until(r"direct message +flyte +@ada, you said:\s+┃ you")
        (pack,) = packs_of(screen.process.pid)
        os.kill(pack, signal.SIGKILL)
        screen.until("the pack was ended by signal 9")
        screen.until("press Ctrl-C and start the sandbox again")
        screen.type("#random still\x17\x7f there\r")
        screen.until(r"#random +ada +there")
        screen.until("the bot is not in #random and does not hear this")
        screen.type("\x04")


@pytest.mark.slow
def test_what_is_being_typed_stays_below_what_happens_and_ctrl_c_ends_it(tmp_path: Path) -> None:
    with sandbox_in_a_terminal(tmp_path, "--no-pack") as screen:
        screen.until("export FLYTE_SLACK_APP_TOKEN=xapp-")
        screen.until("ready")
        screen.type("half a sen")
        screen.until("> half a sen")
        screen.type("tence\r")
        screen.until(r"#general +ada +half a sentence")
        screen.type("\x1b[A")
        screen.until("> half a sentence")
        screen.type("\x03")


def test_keys_in_pieces_make_whole_lines() -> None:
    typed = TypedLine()
    assert typed.feed(b"gr") == []
    first, second = "ü".encode()[:1], "ü".encode()[1:]
    assert typed.feed(first) == []
    assert typed.feed(second + b"n\x1b") == []
    assert typed.feed(b"[D!\r\rtwo\nthr") == ["grün!", "two"]
    assert typed.text == "thr"
    typed.feed(b"\x15\x1b[A\x1b[A\x1b[A")
    assert typed.text == "grün!"
    typed.feed(b"\x1b[B\x1b[B")
    assert typed.text == ""
    assert not typed.ended
    typed.feed(b"\x04")
    assert typed.ended


def test_a_line_longer_than_the_terminal_shows_its_end() -> None:
    assert tail("0123456789", 4) == "6789"
    assert tail("短い文字列", 5) == "字列"
    assert tail("ab", 5) == "ab"


@pytest.mark.slow
def test_a_terminal_that_is_closed_ends_the_sandbox_without_a_word(tmp_path: Path) -> None:
    ours, theirs = os.openpty()
    errors = tmp_path / "errors.txt"

    def own_terminal() -> None:
        os.setsid()
        fcntl.ioctl(theirs, termios.TIOCSCTTY, 0)

    with errors.open("wb") as written:
        process = subprocess.Popen(
            [sys.executable, "-m", "pack", "sandbox", "--port", "0", "--health-port", "0"],
            env=environment(tmp_path, TERM="xterm-256color"),
            stdin=theirs,
            stdout=theirs,
            stderr=written,
            preexec_fn=own_terminal,
        )
    os.close(theirs)
    try:
        Screen(process, ours).until("ready")
        os.close(ours)
        assert process.wait(PATIENCE_SECONDS) == 0
        assert errors.read_text() == ""
    finally:
        process.kill()
        process.wait()
