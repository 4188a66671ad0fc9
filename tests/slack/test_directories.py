"""Channels and users, looked up at the simulated Slack."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from pack.errors import SlackRefused
from pack.sandbox.slack import SimulatedSlack
from pack.slack.channels import ChannelDirectory, is_id, normalize
from pack.slack.users import UserDirectory
from tests.clock import FakeClock
from tests.slack.web_client import open_web


@pytest.fixture
async def slack() -> AsyncIterator[SimulatedSlack]:
    server = SimulatedSlack()
    await server.start()
    yield server
    await server.stop()


def test_ids_and_names_are_told_apart() -> None:
    assert is_id("C0123456789")
    assert is_id("U0123456789")
    assert not is_id("general")
    assert not is_id("#C0123456789")
    assert not is_id("ABCDEFG")
    assert normalize(" #General ") == "general"


async def test_channels_are_found_by_id_name_and_hash_name_from_one_listing(slack: SimulatedSlack) -> None:
    channel = slack.workspace.channel("general")
    async with open_web(slack) as web:
        directory = ChannelDirectory(slack=web, clock=FakeClock(), renew_seconds=3600)
        for reference in (channel.id, "general", "#general", "#General"):
            found = await directory.find(reference)
            assert found
            assert (found.id, found.name) == (channel.id, "general")
        assert len(slack.faults.calls_of("conversations.list")) == 1


async def test_an_unknown_name_asks_again_at_most_once_a_minute(slack: SimulatedSlack) -> None:
    clock = FakeClock()
    async with open_web(slack) as web:
        directory = ChannelDirectory(slack=web, clock=clock, renew_seconds=3600)
        for _ in range(3):
            assert await directory.find("later") is None
        assert len(slack.faults.calls_of("conversations.list")) == 1
        slack.workspace.add_channel("later")
        await clock.advance(61)
        found = await directory.find("later")
        assert found
        assert found.name == "later"
        assert len(slack.faults.calls_of("conversations.list")) == 2


async def test_the_list_is_renewed_when_it_is_too_old(slack: SimulatedSlack) -> None:
    clock = FakeClock()
    async with open_web(slack) as web:
        directory = ChannelDirectory(slack=web, clock=clock, renew_seconds=3600)
        await directory.find("general")
        slack.workspace.rename("general", "everybody")
        assert await directory.find("general")
        await clock.advance(3601)
        assert await directory.find("general") is None
        assert await directory.find("everybody")


async def test_many_pages_are_read(slack: SimulatedSlack) -> None:
    for number in range(1100):
        slack.workspace.add_channel(f"room-{number}")
    async with open_web(slack) as web:
        directory = ChannelDirectory(slack=web, clock=FakeClock(), renew_seconds=3600)
        assert await directory.find("room-1099")
    assert len(slack.faults.calls_of("conversations.list")) == 2


async def test_without_the_scope_for_private_channels_the_public_ones_are_listed() -> None:
    slack = SimulatedSlack(scopes={"channels:read", "chat:write"})
    await slack.start()
    try:
        async with open_web(slack) as web:
            directory = ChannelDirectory(slack=web, clock=FakeClock(), renew_seconds=3600)
            assert await directory.find("general")
    finally:
        await slack.stop()


async def test_a_listing_that_is_refused_is_explained_to_everybody_who_asks(slack: SimulatedSlack) -> None:
    slack.faults.answer("conversations.list", error="no_permission", times=1)
    async with open_web(slack) as web:
        directory = ChannelDirectory(slack=web, clock=FakeClock(), renew_seconds=3600)
        for _ in range(2):
            with pytest.raises(SlackRefused, match="no_permission"):
                await directory.find("general")
        assert len(slack.faults.calls_of("conversations.list")) == 1


async def test_a_limited_listing_is_waited_for(slack: SimulatedSlack) -> None:
    slack.faults.answer("conversations.list", retry_after=7, times=1)
    clock = FakeClock(jump=True)
    async with open_web(slack) as web:
        directory = ChannelDirectory(slack=web, clock=clock, renew_seconds=3600)
        assert await directory.find("general")
    assert max(clock.slept) >= 7


async def test_a_user_is_asked_for_once_also_by_many_at_once(slack: SimulatedSlack) -> None:
    ada = slack.workspace.user("ada")
    async with open_web(slack) as web:
        users = UserDirectory(slack=web, clock=FakeClock())
        found = await asyncio.gather(*(users.find(ada.id) for _ in range(20)))
        assert {user.name for user in found} == {"ada"}
        assert found[0].email.endswith("@example.com") or "@" in found[0].email
        assert found[0].firstName
    assert len(slack.faults.calls_of("users.info")) == 1


async def test_a_profile_is_asked_for_again_after_an_hour(slack: SimulatedSlack) -> None:
    ada = slack.workspace.user("ada")
    clock = FakeClock()
    async with open_web(slack) as web:
        users = UserDirectory(slack=web, clock=clock)
        await users.find(ada.id)
        await clock.advance(3601)
        await users.find(ada.id)
    assert len(slack.faults.calls_of("users.info")) == 2


async def test_a_failing_lookup_is_given_up_after_half_a_minute_and_the_id_is_left(
    slack: SimulatedSlack,
) -> None:
    ada = slack.workspace.user("ada")
    slack.faults.answer("users.info", status=503, times=1000)
    clock = FakeClock(jump=True)
    async with open_web(slack) as web:
        users = UserDirectory(slack=web, clock=clock)
        user = await users.find(ada.id)
    assert user.model_dump(exclude_defaults=True) == {"id": ada.id}
    assert 10 < clock.monotonic() <= 32


async def test_while_nobody_can_be_looked_up_nobody_waits_for_it_and_it_is_said_once_a_minute(
    slack: SimulatedSlack, caplog: pytest.LogCaptureFixture
) -> None:
    people = [slack.workspace.add_user(f"person{n}").id for n in range(60)]
    slack.faults.answer("users.info", status=503, times=10_000)
    clock = FakeClock(jump=True)
    async with open_web(slack) as web:
        users = UserDirectory(slack=web, clock=clock)
        for user_id in people[:40]:
            users.expect(user_id)
        for user_id in people:
            assert (await users.find(user_id)).name == ""
        assert clock.monotonic() <= 32
        assert caplog.text.count("could not be looked up") == 1


async def test_as_soon_as_somebody_can_be_looked_up_again_everybody_is(slack: SimulatedSlack) -> None:
    people = [slack.workspace.add_user(f"person{n}").id for n in range(3)]
    clock = FakeClock(jump=True)
    async with open_web(slack) as web:
        users = UserDirectory(slack=web, clock=clock)
        slack.faults.answer("users.info", status=503, times=10_000)
        assert (await users.find(people[0])).name == ""
        slack.faults.clear()
        assert (await users.find(people[1])).name == ""
        async with asyncio.timeout(5):
            while not users.known(people[1]):  # noqa: ASYNC110 - the lookup is another task's
                await asyncio.sleep(0.005)
        assert (await users.find(people[2])).name == "person2"


async def test_one_person_who_cannot_be_looked_up_holds_up_no_other(slack: SimulatedSlack) -> None:
    clock = FakeClock()
    async with open_web(slack) as web:
        users = UserDirectory(slack=web, clock=clock)
        ada, bob, carol = (slack.workspace.user(name).id for name in ("ada", "bob", "carol"))
        slack.faults.answer("users.info", status=503, times=1)
        waiting = asyncio.create_task(users.find(ada))
        async with asyncio.timeout(5):
            while clock.sleepers < 2:  # noqa: ASYNC110 - its deadline, and the pause after the failure
                await asyncio.sleep(0.005)
        await clock.advance(0.1)
        assert (await users.find(bob)).name == "bob"
        slack.faults.answer("users.info", status=503, times=1000)
        await clock.advance(40)
        assert (await waiting).name == ""
        slack.faults.clear()
        assert (await users.find(carol)).name == "carol"


async def test_a_limit_on_lookups_holds_all_of_them(slack: SimulatedSlack) -> None:
    slack.faults.answer("users.info", retry_after=5, times=1)
    clock = FakeClock()
    async with open_web(slack) as web:
        users = UserDirectory(slack=web, clock=clock)
        first = asyncio.create_task(users.find(slack.workspace.user("ada").id))
        async with asyncio.timeout(5):
            while clock.sleepers < 2:  # noqa: ASYNC110 - its deadline, and the pause after the limit
                await asyncio.sleep(0.005)
        second = asyncio.create_task(users.find(slack.workspace.user("bob").id))
        await clock.settle()
        assert len(slack.faults.calls_of("users.info")) == 1
        await clock.advance(6)
        async with asyncio.timeout(5):
            assert ((await first).name, (await second).name) == ("ada", "bob")


async def test_a_missing_scope_is_named_once(caplog: pytest.LogCaptureFixture) -> None:
    slack = SimulatedSlack(scopes={"chat:write"})
    await slack.start()
    try:
        async with open_web(slack) as web:
            users = UserDirectory(slack=web, clock=FakeClock())
            for name in ("ada", "bob"):
                user = await users.find(slack.workspace.user(name).id)
                assert user.name == ""
    finally:
        await slack.stop()
    assert caplog.text.count("users:read") == 1
