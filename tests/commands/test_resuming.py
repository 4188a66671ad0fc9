"""What an earlier process left unfinished is gone on with in its order."""

from __future__ import annotations

from pathlib import Path

from pack.clock import SystemClock
from pack.contracts.ports import Action
from pack.contracts.storing import Effect, EffectState
from pack.sandbox.slack import SimulatedSlack
from pack.state.journal import Journal
from tests.in_process import open_stage
from tests.peers import ScriptedEngine

CHANNELS = ("general", "random")


class StartedOnce(ScriptedEngine):
    """An engine that may be started before the pack is."""

    async def start(self, port: int = 0) -> ScriptedEngine:
        return self if self.url else await super().start(port)


def said(slack: SimulatedSlack, channel: str) -> list[str]:
    return [
        one.text
        for one in slack.workspace.messages(channel)
        if one.user == slack.bot_user_id and not one.subtype
    ]


async def leave_unfinished(directory: Path, slack: SimulatedSlack, engine: ScriptedEngine) -> list[str]:
    """Write what a process took and did not carry out: a message, a broadcast, a message."""
    ids = [slack.workspace.channel(name).id for name in CHANNELS]
    journal = Journal(directory, clock=SystemClock(), owner="earlier", keep_days=7, key_hours=25)
    await journal.open()

    async def begin(number: int, command: str, given: object, order_key: str) -> None:
        action = Action(f"left{number}", command, given, f"{engine.url}/result/left{number}/result")
        await journal.begin(action, order_key)

    await begin(1, "SendMessage", {"channelId": ids[0], "message": "first"}, ids[0])
    await begin(2, "Broadcast", {"message": "to all"}, " ".join(ids))
    await begin(3, "SendMessage", {"channelId": ids[0], "message": "third"}, ids[0])
    answer = {"ok": True, "channel": ids[1], "ts": "1.000100"}
    await journal.save_effect(
        Effect("left2", f"post:{ids[1]}", "chat.postMessage", EffectState.SENT, 1, 1.0, answer=answer)
    )
    await journal.close()
    return ids


async def test_messages_and_a_broadcast_keep_their_order_and_no_channel_gets_one_twice(
    tmp_path: Path,
) -> None:
    slack, engine = SimulatedSlack(), StartedOnce()
    for name in CHANNELS:
        slack.workspace.invite_bot(name)
    await engine.start()
    ids = await leave_unfinished(tmp_path / "backup", slack, engine)
    async with open_stage(tmp_path, slack=slack, engine=engine) as stage:
        await stage.until(lambda: len(engine.results) == 3)
    assert said(slack, "general") == ["first", "to all", "third"]
    assert said(slack, "random") == []
    (broadcast,) = [one for one in engine.results if one.name == "BroadcastSent"]
    assert sorted(one["channelId"] for one in broadcast.payload["sent"]) == sorted(ids)


async def test_what_a_pack_of_another_workspace_left_is_not_carried_out(tmp_path: Path) -> None:
    slack, engine = SimulatedSlack(), StartedOnce()
    for name in CHANNELS:
        slack.workspace.invite_bot(name)
    await engine.start()
    await leave_unfinished(tmp_path / "backup", slack, engine)
    journal = Journal(tmp_path / "backup", clock=SystemClock(), owner="earlier", keep_days=7, key_hours=25)
    await journal.open()
    await journal.bind("T0ELSEWHERE")
    await journal.close()
    async with open_stage(tmp_path, slack=slack, engine=engine) as stage:
        sent = await stage.engine.run("SendMessage", {"channelId": "general", "message": "mine"})
        assert sent.name == "MessageSent"
        assert len(engine.results) == 1
    assert said(slack, "general") == ["mine"]
