"""The commands as an operator runs them: processes of their own, beside one that writes to the journal."""

from __future__ import annotations

import asyncio
import json
import signal
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from pack.clock import SystemClock
from pack.contracts.ports import Action, Event
from pack.contracts.storing import Effect, EffectState
from pack.sandbox.slack import SimulatedSlack
from pack.state.journal import Journal
from pack.state.lock import locked
from tests.operation.journals import Past, refused, sent, write
from tests.peers import ScriptedEngine
from tests.process.harness import Child, Run, eventually, python
from tests.sandbox.process import environment
from tests.sandbox.process import flyte_slack as flyte_slack_command

pytestmark = pytest.mark.slow

POST = "chat.postMessage"


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    return tmp_path / "backup"


@pytest.fixture(autouse=True)
def bot_is_in_general(slack: SimulatedSlack) -> None:
    slack.workspace.invite_bot("general")


@asynccontextmanager
async def running_journal(backup: Path) -> AsyncIterator[Journal]:
    """Work with the journal as a running pack does, its lock included."""
    journal = Journal(backup, clock=SystemClock(), owner="the pack", keep_days=7, key_hours=25)
    async with locked(backup, SystemClock()):
        await journal.open()
        try:
            yield journal
        finally:
            await journal.close()


async def fail_one(journal: Journal, slack: SimulatedSlack, action_id: str = "f1") -> None:
    """Have an action fail, as the pack notes it."""
    given = {"channelId": slack.workspace.channel("general").id, "message": action_id}
    await journal.begin(
        Action(action_id, "SendMessage", given, "http://engine.invalid/r"), given["channelId"]
    )
    effect = Effect(action_id, "post", POST, EffectState.SENDING, 1, 1.0)
    await journal.save_effect(effect)
    effect.state, effect.refusal = EffectState.REFUSED, refused().refusal
    journal.note_effect(effect)
    payload = {**given, "error": "the bot is not in that channel", "errorCode": "not_in_channel"}
    await journal.finish(action_id, Event("SendMessageFailed", payload), failed=True)
    journal.note_reported(action_id)
    await journal.known([action_id])


def messages(slack: SimulatedSlack) -> list[str]:
    return [
        one.text
        for one in slack.workspace.messages("general")
        if one.user == slack.bot_user_id and not one.subtype
    ]


def flyte_slack(run: Run, backup: Path, *arguments: str, **settings: str) -> Child:
    return run(command=python(*arguments), FLYTE_SLACK_BACKUP_DIR=str(backup), **settings)


async def ended(child: Child) -> tuple[int, str]:
    await child.start()
    return await child.ended(), "\n".join(child.out)


async def test_both_work_beside_a_running_journal(run: Run, slack: SimulatedSlack, backup: Path) -> None:
    async with running_journal(backup) as journal:
        await fail_one(journal, slack)
        await journal.begin(Action("a1", "SendMessage", {"message": "x"}, ""), "C7")
        code, text = await ended(
            flyte_slack(run, backup, "journal", "--json", FLYTE_API="", FLYTE_SLACK_TOKEN="")
        )
        assert code == 0
        found = json.loads(text)
        assert [one["id"] for one in found["unfinished"]] == ["a1"]
        assert [one["id"] for one in found["failed"]] == ["f1"]
        code, text = await ended(flyte_slack(run, backup, "replay", "f1", "--json"))
        assert code == 0, text
        (done,) = json.loads(text)["actions"]
        assert (done["status"], done["event"]) == ("succeeded", "MessageSent")
        assert messages(slack) == ["f1"]
        record = await journal.load("f1")
        assert record
        assert record.result
        assert (record.failed, record.result.name) == (False, "MessageSent")
        assert record.effects["post"].state is EffectState.SENT
        await journal.finish("a1", Event("MessageSent", {}), failed=False)
        assert journal.problem == ""


async def test_a_journal_that_is_written_all_the_time_does_not_keep_a_replay_waiting(
    run: Run, slack: SimulatedSlack, backup: Path
) -> None:
    async with running_journal(backup) as journal:
        for number in range(5):
            await fail_one(journal, slack, f"f{number}")
        stop = asyncio.Event()
        written = asyncio.create_task(write_until(journal, stop))
        names = [f"f{number}" for number in range(5)]
        code, text = await ended(flyte_slack(run, backup, "replay", *names))
        stop.set()
        assert code == 0, text
        assert sorted(messages(slack)) == names
        assert len(await journal.unfinished()) == await written > 0


async def write_until(journal: Journal, stop: asyncio.Event) -> int:
    """Begin actions one after the other; return how many."""
    count = 0
    while not stop.is_set():
        assert await journal.begin(Action(f"busy{count}", "SendMessage", {}, ""), "C7")
        count += 1
    return count


async def test_exit_codes_tell_success_failure_and_misuse(
    run: Run, slack: SimulatedSlack, engine: ScriptedEngine, backup: Path
) -> None:
    good = {"channelId": slack.workspace.channel("general").id, "message": "hi"}
    write(backup, Past("good", input=good), Past("bad", input=good | {"channelId": "C0NOWHERE0"}))
    code, text = await ended(flyte_slack(run, backup, "replay", "bad"))
    assert code == 1
    assert text.startswith("bad  SendMessage: failed again, it ended as SendMessageFailed\n  refused: post")
    unknown = flyte_slack(run, backup, "replay", "nope", "good", "good", "--emit")
    code, text = await ended(unknown)
    assert code == 2
    assert text.startswith("good  SendMessage: succeeded, it ended as MessageSent\n  sent: post")
    assert any(line.startswith("not run: nope is not in the journal") for line in unknown.err)
    assert messages(slack) == ["hi"]
    assert [event.name for event in engine.events] == ["MessageSent"]
    assert engine.results == []


@pytest.mark.parametrize(
    ("settings", "code", "said"),
    [
        ({"FLYTE_SLACK_TOKEN": ""}, 2, "FLYTE_SLACK_TOKEN is not set"),
        ({"FLYTE_SLACK_TOKEN": "xoxb-1-wrong"}, 2, "invalid_auth"),
        ({"FLYTE_SLACK_BACKUP_DIR": "/nowhere/at/all"}, 2, "there is no such directory"),
    ],
)
async def test_nothing_is_run_with_settings_that_cannot_be_used(
    run: Run, backup: Path, settings: dict[str, str], code: int, said: str
) -> None:
    path = write(backup, Past("f1"))
    before = path.read_bytes()
    child = run(command=python("replay", "f1"), **{"FLYTE_SLACK_BACKUP_DIR": str(backup), **settings})
    assert (await ended(child))[0] == code
    assert said in child.output
    assert path.read_bytes() == before


async def test_nothing_is_run_when_the_engine_that_is_to_be_told_refuses_the_pack(
    run: Run, slack: SimulatedSlack, engine: ScriptedEngine, backup: Path
) -> None:
    write(backup, Past("f1", input={"channelId": slack.workspace.channel("general").id, "message": "x"}))
    engine.answer("register", 400)
    child = flyte_slack(run, backup, "replay", "f1", "--emit")
    assert (await ended(child))[0] == 1
    assert any(line.startswith("nothing was run: ") for line in child.err)
    assert messages(slack) == []


async def test_a_replay_that_was_killed_can_be_run_again_and_sends_nothing_twice(
    run: Run, slack: SimulatedSlack, backup: Path
) -> None:
    given = {"channelId": slack.workspace.channel("general").id, "message": "once"}
    path = write(backup, Past("f1", input=given, steps=(refused(),)))
    slack.faults.timeout(POST, after=True)
    killed = await flyte_slack(run, backup, "replay", "f1").start()
    await eventually(lambda: messages(slack))
    assert await killed.stop(signal.SIGKILL) == -signal.SIGKILL
    second = flyte_slack(run, backup, "replay", "f1")
    assert (await ended(second))[0] == 2
    assert "is being run again already, by process" in second.output
    let_the_claim_end(path)
    code, text = await ended(flyte_slack(run, backup, "replay", "f1", FLYTE_SLACK_SETTLING_SECONDS="0.1"))
    assert code == 0, text
    assert "  found: post (chat.postMessage)" in text
    assert messages(slack) == ["once"]


def let_the_claim_end(path: Path) -> None:
    """Do what half a minute does."""
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("UPDATE actions SET lease = lease - 60")
    connection.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_replay_that_is_stopped_gives_its_claim_up(
    run: Run, slack: SimulatedSlack, backup: Path, number: signal.Signals
) -> None:
    given = {"channelId": slack.workspace.channel("general").id, "message": "once"}
    write(backup, Past("f1", input=given, steps=(sent("post:other"), refused())))
    slack.faults.timeout(POST, after=True)
    child = await flyte_slack(run, backup, "replay", "f1").start()
    await eventually(lambda: messages(slack))
    assert await child.stop(number) == 130
    assert child.err == ["stopped; what was under way is looked up in Slack when it is run again"]
    second = flyte_slack(run, backup, "replay", "f1", FLYTE_SLACK_SETTLING_SECONDS="0.1")
    assert (await ended(second))[0] == 0, second.output
    assert messages(slack) == ["once"]


def test_the_journal_is_listed_and_nothing_is_left_beside_it(backup: Path) -> None:
    path = write(backup, Past("f1"))
    settings = environment(backup.parent, FLYTE_SLACK_BACKUP_DIR=str(backup))
    listed = flyte_slack_command("journal", "--failed", env=settings)
    assert (listed.returncode, listed.stderr) == (0, "")
    assert "not_in_channel" in listed.stdout
    assert list(backup.iterdir()) == [path]
