"""The benchmarks start, and produce their rows; how good the figures are is not asked here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.rows import Row, at_most, at_most_times, exactly, percentile, table
from tests.imports import ROOT

HEADINGS = "| what "


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=90, check=False)


@pytest.mark.slow
def test_the_benchmarks_of_commands_and_events_print_a_table_and_write_the_same_rows(tmp_path: Path) -> None:
    written = tmp_path / "rows.json"

    ended = run("commands", "events", "--smallest", "--json", str(written))

    assert ended.returncode == 0, ended.stderr
    rows = {row["name"]: row for row in json.loads(written.read_text("utf-8"))["rows"]}
    assert rows["instant Slack: channels in order, of 4"]["pack"] == 4
    assert rows["instant Slack: connections opened"]["pack"] > 0
    assert rows["event: sent to told, p50"]["pack"] > 0
    heading, _, *lines = ended.stdout.splitlines()
    assert heading.startswith(HEADINGS)
    assert [line.split("|")[1].strip() for line in lines] == [
        f"{name} ({row['unit']})" if row["unit"] else name for name, row in rows.items()
    ]


@pytest.mark.slow
def test_the_benchmarks_of_limits_and_of_a_quiet_channel_print_what_is_aimed_at() -> None:
    ended = run("quiet", "goodput", "--smallest")

    assert ended.returncode == 0, ended.stderr
    assert "the workspace's limit: used of it (%)" in ended.stdout
    assert "quiet channel beside 50 messages for another" in ended.stdout


def test_a_benchmark_that_is_not_there_is_refused_with_the_names_of_those_that_are() -> None:
    ended = run("speed")

    assert ended.returncode == 2
    assert "no benchmark is called speed" in ended.stderr
    assert "start, idle, latency, commands, slow, quiet, goodput, events" in ended.stderr


@pytest.mark.parametrize(
    ("row", "met"),
    [
        (Row("CPU", "ms", 3.0, 2.0, at_most_times(1.5)), True),
        (Row("CPU", "ms", 3.1, 2.0, at_most_times(1.5)), False),
        (Row("CPU", "ms", 3.1, 0.0, at_most_times(1.5)), False),
        (Row("memory", "MiB", 64.0, 1.0, at_most(64, "MiB")), True),
        (Row("memory", "MiB", 64.1, 1.0, at_most(64, "MiB")), False),
        (Row("in order", "", 199, 1, exactly(200)), False),
        (Row("in order", "", 200, 1, exactly(200)), True),
        (Row("no aim", "ms", 1, 1), None),
    ],
)
def test_a_row_says_whether_its_aim_is_met(row: Row, met: bool | None) -> None:
    assert row.is_met is met


def test_a_percentile_is_a_value_that_was_measured() -> None:
    values = [float(value) for value in range(1, 41)]

    assert percentile(values, 50) == 20
    assert percentile(values, 99) == 40
    assert percentile([7.0], 50) == 7


def test_the_columns_of_the_table_are_in_line() -> None:
    printed = table([Row("short", "", 1, 2), Row("a longer name", "ms", 1234.5, 0.25, at_most(1, "ms"))])

    assert len({len(line) for line in printed.splitlines()}) == 1
    cells = [cell.strip() for cell in printed.splitlines()[-1].strip("|").split("|")]
    assert cells == ["a longer name (ms)", "1234", "0.25", "4938.00", "≤ 1 ms", "NO"]
