"""What is followed of the events about channels."""

from __future__ import annotations

import pytest

from pack.clock import SystemClock
from pack.contracts.ports import Identity
from pack.sandbox.slack import SimulatedSlack
from pack.slack.channels import ChannelDirectory, KnownChannel
from pack.slack.following import Following
from pack.slack.membership import Membership
from pack.state.backup import MemoryBackup
from tests.slack.web_client import open_web


@pytest.mark.parametrize(
    ("event_ts", "known"),
    [("1700000000.000100", 1700000000.0001), (None, None), (7, None), ("soon", None), ("inf", None)],
)
async def test_a_channel_is_known_by_its_new_id_since_the_event_that_tells_of_it(
    event_ts: object, known: float | None
) -> None:
    async with SimulatedSlack() as slack, open_web(slack) as web:
        await web.identify()
        directory = ChannelDirectory(slack=web, clock=SystemClock(), renew_seconds=3600)
        membership = Membership(
            slack=web, directory=directory, wanted=MemoryBackup("a test's"), clock=SystemClock()
        )
        following = Following(
            identity=Identity(team_id="T1", team="", user_id="UPACK", bot_id=None, scopes=frozenset()),
            channels=directory,
            membership=membership,
        )
        await membership.joined_by_command(KnownChannel("COLD", "old"))
        joined: list[tuple[str, float | None]] = []
        membership.on_joined = lambda channel, at: joined.append((channel, at))
        event = {"type": "channel_id_changed", "old_channel_id": "COLD", "new_channel_id": "CNEW"}
        await following.follow({**event, "event_ts": event_ts}, "")
        ((channel, at),) = joined
    assert channel == "CNEW"
    assert at == (pytest.approx(web.date(), abs=5) if known is None else known)
