"""The listing: what is unfinished and failed, as tables and as JSON."""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from pack.cli import app
from pack.contracts.ports import Event, UnreadableInput
from pack.contracts.storing import ActionStage, Arrival
from pack.operation.listing import Part, list_journal
from pack.operation.opening import explain, read
from pack.operation.pages import listing_page
from pack.operation.table import columns
from tests.operation.journals import Past, refused, sending, sent, write, write_arrivals, written

TOKEN = "xoxb-" + "1234567890-abcdefghij"


@pytest.fixture
def backup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A backup directory that is set, and nothing else that is."""
    for name in ("FLYTE_API", "FLYTE_SLACK_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FLYTE_SLACK_BACKUP_DIR", str(tmp_path / "backup"))
    return tmp_path / "backup"


def journal(*arguments: str, code: int = 0) -> Result:
    result = CliRunner().invoke(app, ["journal", *arguments])
    assert result.exit_code == code, result.output
    return result


def listed(*arguments: str) -> Any:
    return json.loads(journal("--json", *arguments).stdout)


def page(path: Path, width: int | None, parts: Part = Part.UNFINISHED | Part.FAILED) -> list[str]:
    now = time.time()
    listing = read(path, lambda connection: list_journal(connection, path, now, parts, 50))
    return listing_page(listing, parts, width).split("\n")


def test_an_empty_journal_has_nothing_unfinished_and_nothing_failed(backup: Path) -> None:
    path = write(backup)
    assert journal().stdout.splitlines() == [
        f"Journal: {path}",
        "",
        "Unfinished: none",
        "",
        "Failed: none",
        "",
        "Events of Slack that wait for the engine: none",
    ]


def test_what_is_unfinished_is_listed_oldest_first_with_what_it_waits_for(backup: Path) -> None:
    write(
        backup,
        Past("a1", ActionStage.TAKEN, age_seconds=7200),
        Past("a2", ActionStage.TAKEN, age_seconds=300, steps=(sending(attempts=3),)),
        Past("a3", ActionStage.DONE, age_seconds=720, failed=False, steps=(sent(ts="1.2"),)),
        Past("a4", ActionStage.TAKEN, channel="", suspect_since=1.0, age_seconds=1800),
        Past("a5", ActionStage.TAKEN, steps=(sent("post:C1"), refused("post:C2")), age_seconds=1800),
    )
    lines = journal("--unfinished").stdout.splitlines()
    assert lines[2] == "Unfinished: 5 (4 without a result, 1 with a result to report)"
    assert lines[3].split() == ["ID", "AGE", "COMMAND", "CHANNEL", "STEPS", "WAITS", "FOR"]
    rows = [line.split("  ") for line in lines[4:9]]
    cells = [[cell.strip() for cell in row if cell.strip()] for row in rows]
    assert cells == [
        ["a1", "2 h", "SendMessage", "C0000000001", "-", "its turn in C0000000001, or Slack's pace"],
        [
            "a2",
            "5 min",
            "SendMessage",
            "C0000000001",
            "1 sending, 3 calls",
            "Slack: chat.postMessage was sent and has no answer yet",
        ],
        [
            "a3",
            "12 min",
            "SendMessage",
            "C0000000001",
            "1 sent",
            "the engine to take its result, MessageSent",
        ],
        [
            "a4",
            "30 min",
            "SendMessage",
            "-",
            "-",
            "its turn, and a look whether it was carried out before the journal was lost",
        ],
        [
            "a5",
            "30 min",
            "SendMessage",
            "C0000000001",
            "1 sent, 1 refused",
            "its next step: a channel's turn, or Slack's pace",
        ],
    ]
    assert "Failed" not in "\n".join(lines)


def test_what_failed_is_listed_latest_first_with_why(backup: Path) -> None:
    write(
        backup,
        Past("f1", age_seconds=3 * 86400),
        Past("f2", ActionStage.ASIDE, failed=False, reason="404: gone", age_seconds=240),
        Past("good", failed=False),
    )
    lines = journal("--failed").stdout.splitlines()
    assert lines[2] == "Failed: 2 (`flyte-slack replay ID` runs one again)"
    assert lines[4].startswith("f2  4 min ago  SendMessage  C0000000001  not_taken       (the engine did not")
    assert lines[5].startswith("f1  3 d ago    SendMessage  C0000000001  not_in_channel  the bot is not in")
    assert "good" not in "\n".join(lines)
    assert "Unfinished" not in "\n".join(lines)


def test_what_succeeded_is_listed_when_it_is_asked_for(backup: Path) -> None:
    write(backup, Past("good", failed=False, age_seconds=600), Past("bad"))
    assert "good" not in journal().stdout
    lines = journal("--all").stdout.splitlines()
    assert lines[lines.index("Succeeded: 1") + 2].startswith("good  10 min ago  SendMessage  C0000000001")
    assert [one["id"] for one in listed("--all")["succeeded"]] == ["good"]
    assert "succeeded" not in listed()


def test_the_json_has_inputs_steps_results_and_counts(backup: Path) -> None:
    path = write(
        backup,
        Past("a1", ActionStage.TAKEN, steps=(sending(readable=False),)),
        Past("f1", input={"message": "x", "more": [1, None]}, steps=(refused(), sent("post:C2", ts="7.0"))),
        Past("good", failed=False),
    )
    found = listed()
    assert found["journal"] == str(path)
    assert found["counts"] == {
        "unfinished": 1,
        "taken": 1,
        "done": 0,
        "failed": 1,
        "succeeded": 1,
        "arrivals": 0,
    }
    (unfinished,), (failed,) = found["unfinished"], found["failed"]
    assert unfinished["stage"] == "taken"
    assert unfinished["waitsFor"].startswith("Slack: chat.postMessage")
    assert unfinished["steps"][0]["readable"] is False
    assert 55 < unfinished["ageSeconds"] < 120
    assert failed["input"] == {"message": "x", "more": [1, None]}
    assert failed["errorCode"] == "not_in_channel"
    assert failed["payload"]["more"] == [1, None]
    assert [(step["step"], step["state"]) for step in failed["steps"]] == [
        ("post", "refused"),
        ("post:C2", "sent"),
    ]
    assert failed["steps"][0]["refusal"]["code"] == "not_in_channel"
    assert failed["steps"][1]["answer"] == {"ts": "7.0"}
    assert failed["steps"][1]["sentAt"] == "2027-01-15T08:00:00.000+00:00"


def test_events_that_wait_for_the_engine_are_counted_with_the_oldest(backup: Path) -> None:
    write(backup)
    ago = str(time.time() - 600)
    write_arrivals(
        backup,
        Arrival(("k1",), "C7", {"type": "message", "ts": ago, "text": "secret plans"}),
        Arrival(("k2",), "C8", {"type": "message", "ts": str(time.time())}),
    )
    last = journal().stdout.splitlines()[-1]
    assert last == "Events of Slack that wait for the engine: 2; the oldest is 10 min old, from C7"
    arrivals = listed()["arrivals"]
    assert (arrivals["count"], arrivals["oldestChannel"]) == (2, "C7")


def test_an_event_without_a_date_is_counted_too(backup: Path) -> None:
    write(backup)
    write_arrivals(backup, Arrival(("k1",), "", {"type": "team_join"}))
    assert journal().stdout.splitlines()[-1] == "Events of Slack that wait for the engine: 1"


def test_no_more_than_the_limit_is_listed_and_the_rest_is_counted(backup: Path) -> None:
    write(backup, *(Past(f"f{number}") for number in range(5)))
    assert "… and 3 more (--limit)" in journal("--limit", "2").stdout
    found = listed("--limit", "2")
    assert (len(found["failed"]), found["counts"]["failed"]) == (2, 5)


def test_lines_end_where_the_terminal_ends(backup: Path) -> None:
    long = Event("SendMessageFailed", {"error": "the 通道 is archived, " * 40, "errorCode": "is_archived"})
    path = write(backup, Past("f1", result=long), Past("u" * 60, ActionStage.TAKEN))
    for width in (120, 160):
        lines = page(path, width)
        assert max(map(columns, lines[2:])) <= width
        assert any(line.endswith("…") for line in lines)
    assert max(map(columns, page(path, None))) > 500


def test_nothing_that_is_shown_steers_the_terminal_or_shows_a_secret(backup: Path) -> None:
    nasty = f"\x1b[2J\nnew line \x07 {TOKEN} \ud800 \u202e"
    write(
        backup,
        Past("f1", input={"message": nasty}, channel=nasty, result=Event("X", {"error": nasty, "n": nasty})),
        Past("a\x1b[2J", ActionStage.TAKEN, command=nasty, steps=(sending(nasty),)),
    )
    shown = [journal("--all"), journal("f1"), journal("a\x1b[2J"), journal("--json"), journal("f1", "--json")]
    for result in shown:
        assert TOKEN not in result.output
        assert "xoxb-***" in result.output
        assert all(sign.isprintable() or sign == "\n" for sign in result.output)


def test_one_action_is_shown_with_its_input_its_steps_and_its_result(backup: Path) -> None:
    write(backup, Past("f1", steps=(refused(), sent("post:C2", ts="7.0"))))
    shown = journal("f1").stdout
    assert shown.startswith("f1  SendMessage\n  stage: reported, failed\n  taken: ")
    assert '"message": "hello"' in shown
    assert "  step post: chat.postMessage refused, 1 attempt, first sent 2027-01-15T08:00:00.000" in shown
    assert '      "ts": "7.0"' in shown
    assert "  result: SendMessageFailed" in shown
    assert json.loads(journal("f1", "--json").stdout)["input"]["message"] == "hello"


def test_an_input_that_could_not_be_read_is_shown_as_that(backup: Path) -> None:
    write(backup, Past("f1", input=UnreadableInput("nested too deeply"), result=Event("X", {})))
    assert '"nested too deeply"' in journal("f1").stdout
    found = json.loads(journal("f1", "--json").stdout)
    assert (found["input"], found["unreadable"]) == (None, "nested too deeply")


def test_an_action_that_the_journal_does_not_have_is_refused(backup: Path) -> None:
    path = write(backup)
    result = journal("nope", code=2)
    assert result.output == f"{path} has no action nope; finished ones are kept for some days\n"


def test_a_directory_without_a_journal_is_named(backup: Path) -> None:
    said = journal(code=2).output
    assert said.startswith(f"FLYTE_SLACK_BACKUP_DIR={backup}: there is no such directory.")
    backup.mkdir()
    said = journal(code=2).output
    assert said.startswith(f"FLYTE_SLACK_BACKUP_DIR={backup}: there is no journal in it.")


def test_without_the_setting_the_default_directory_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLYTE_SLACK_BACKUP_DIR", " ")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    path = write(tmp_path / "flyte-slack", Past("f1"))
    assert listed()["journal"] == str(path)


def test_a_newer_journal_is_refused_and_left_alone(backup: Path) -> None:
    path = write(backup)
    with written(backup) as connection:
        connection.execute("PRAGMA user_version = 99")
    before = path.read_bytes()
    said = journal(code=2).output
    assert "is of version 99, written by a newer flyte-slack" in said
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"no database at all" * 100, b"SQLite format 3\0" + b"\7" * 4096])
def test_a_damaged_journal_is_said_to_be_damaged(backup: Path, content: bytes) -> None:
    path = write(backup, Past("f1"))
    path.write_bytes(content)
    said = journal(code=2).output
    assert said.startswith(f"{path} is damaged (")


def test_a_row_that_cannot_be_read_is_named(backup: Path) -> None:
    path = write(backup, Past("f1"))
    with written(backup) as connection:
        connection.execute("UPDATE actions SET input = '{'")
    assert journal(code=2).output.startswith(f"{path} is damaged: a row cannot be read")


def test_a_secret_beside_a_quotation_mark_leaves_the_json_readable(backup: Path) -> None:
    write(backup, Past("f1", input={"message": f'say "Bearer abcdef" and "{TOKEN}"', TOKEN: "//u:pw@host"}))
    given = listed()["failed"][0]["input"]
    assert given == {"message": 'say "Bearer ***" and "xoxb-***"', "xoxb-***": "//***@host"}
    assert "Bearer ***" in journal("f1").stdout


def test_an_input_that_is_nested_deeply_is_cut_off(backup: Path) -> None:
    nested: Any = "end"
    for _ in range(600):
        nested = [nested]
    write(backup, Past("f1", input={"deep": nested}, result=Event("X", {"error": "no"})))
    assert "(nested too deeply to be shown)" in journal("f1").stdout
    assert "(nested too deeply to be shown)" in journal("--json").stdout


def test_an_input_that_is_nested_as_deeply_as_the_pack_reads_hides_no_others(backup: Path) -> None:
    write(backup, Past("f1"), Past("f2"))
    with written(backup) as connection:
        connection.execute("UPDATE actions SET input = ? WHERE id = 'f2'", ("[" * 970 + "]" * 970,))
    assert {one["id"] for one in listed()["failed"]} == {"f1", "f2"}
    assert "(nested too deeply to be shown)" in journal("f2").stdout


def test_a_locked_journal_is_said_to_be_locked(backup: Path) -> None:
    path = write(backup)
    with (
        written(backup),
        closing(sqlite3.connect(path, timeout=0)) as other,
        pytest.raises(sqlite3.OperationalError) as raised,
    ):
        other.execute("BEGIN IMMEDIATE")
    assert str(explain(raised.value, path)) == (
        f"{path} is locked by another process for more than 10 s; try again"
    )
