"""A signal in the first moments of the process, before there is anything to shut down."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SLOW_LIBRARY = "import sys, time; print('here', flush=True); time.sleep(60)"


def ended(child: subprocess.Popen[str]) -> tuple[int, str]:
    """Return how the child ended and what it said."""
    try:
        said = child.communicate(timeout=20)
    finally:
        child.kill()
    return child.returncode, "".join(said)


def start(environment: Mapping[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "pack", "run"],
        cwd=ROOT,
        env={"PATH": os.defpath, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_a_signal_while_libraries_are_loaded_ends_the_process_quietly(
    tmp_path: Path, number: signal.Signals
) -> None:
    (tmp_path / "slack_sdk.py").write_text(SLOW_LIBRARY)
    child = start({"PYTHONPATH": str(tmp_path)})
    assert child.stdout
    assert child.stdout.readline() == "here\n"
    child.send_signal(number)
    assert ended(child) == (128 + number, "")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_a_signal_while_settings_are_read_ends_the_process_quietly(
    tmp_path: Path, number: signal.Signals
) -> None:
    secret = tmp_path / "secret"
    os.mkfifo(secret)
    child = start({"FLYTE_API": "http://127.0.0.1:1", "FLYTE_SLACK_TOKEN_FILE": str(secret)})
    with secret.open("w"):  # opens when the child reads
        child.send_signal(number)
        assert ended(child) == (128 + number, "")
