"""Commands that a process did not finish, and that the next one carries on with."""

from __future__ import annotations

import asyncio
import functools
from typing import Any

import pytest

from pack.commands.catalogue import by_name
from pack.commands.declaration import Deps
from pack.commands.jobs import Result, carry_out, read_job
from pack.contracts.ports import Action
from pack.delivery.admission import Admission
from pack.delivery.effects import Undertaking
from pack.delivery.queue import Turns
from pack.slack.channels import ChannelDirectory
from pack.slack.membership import Membership
from pack.state.backup import MemoryBackup
from tests.delivery.effecting import HISTORY, POST, Rig, open_rig

CHANNELS = ("general", "random")


async def run_command(rig: Rig, command: str, given: Any) -> Result:
    """Carry action 1 out as far as the store does not have it."""
    action = Action("action1", command, given, "")
    await rig.store.begin(action, "")
    undertaking = await rig.resume(Undertaking(action.id))
    job = read_job(by_name(), action, undertaking)
    directory = ChannelDirectory(slack=rig.web, clock=rig.clock, renew_seconds=3600)
    admission = Admission(turns=Turns(), directory=directory, spawn=asyncio.get_running_loop().create_task)
    deps = Deps(
        effect=functools.partial(rig.effects.run, undertaking),
        ask=rig.effects.ask,
        channels=directory,
        membership=Membership(
            slack=rig.web, directory=directory, wanted=MemoryBackup("none"), clock=rig.clock
        ),
        places=[admission.place(rig.id_of(name)) for name in CHANNELS],
        place=admission.place,
    )
    return await carry_out(job, deps, by_name())


@pytest.mark.parametrize("landed", [True, False])
async def test_a_broadcast_that_was_cut_off_is_finished_without_saying_anything_twice(landed: bool) -> None:
    async with open_rig(timeout_seconds=5) as rig:
        rig.slack.faults.timeout(POST, after=landed, match={"channel": rig.id_of("random")})
        first = asyncio.create_task(run_command(rig, "Broadcast", {"message": "all"}))
        await rig.until(lambda: rig.said("general") and len(rig.calls(POST)) == 2)
        await rig.until(lambda: not landed or rig.said("random"))
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        rig.restart()
        result = await run_command(rig, "Broadcast", {"message": "all"})
        assert result.event.name == "BroadcastSent"
        assert {one["channelId"] for one in result.event.payload["sent"]} == set(map(rig.id_of, CHANNELS))
        assert result.event.payload["attempts"] == (2 if landed else 3)
        assert result.event.payload["waitedSeconds"] >= 0
        assert [rig.said(name) for name in CHANNELS] == [["all"], ["all"]]
        assert len(rig.calls(HISTORY)) == 1


async def test_a_channel_that_nobody_can_tell_of_is_named_by_a_broadcast() -> None:
    async with open_rig(unknown_outcome="report") as rig:
        rig.slack.faults.drop(POST, match={"channel": rig.id_of("random")})
        rig.slack.faults.take_scopes("channels:history")
        result = await run_command(rig, "Broadcast", {"message": "all"})
        assert result.failed
        assert result.event.payload["errorCode"] == "outcome_unknown"
        assert [one["channelId"] for one in result.event.payload["sent"]] == [rig.id_of("general")]
        (failed,) = result.event.payload["failed"]
        assert (failed["channelId"], failed["errorCode"]) == (rig.id_of("random"), "outcome_unknown")


async def test_joining_is_tried_again_when_its_answer_is_lost() -> None:
    async with open_rig() as rig:
        rig.slack.faults.drop("conversations.join", after=True)
        result = await run_command(rig, "JoinChannel", {"channelId": rig.id_of("deployments")})
        assert result.event.name == "ChannelJoined"
        assert result.event.payload["attempts"] == 2
