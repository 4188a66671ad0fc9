"""Rate limits: what is too fast is refused, and told when to come again."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from pack.sandbox.slack import SimulatedSlack
from pack.sandbox.slack.limits.pace import Buckets, Pace
from tests.clock import FakeClock


class Hurried:
    """Calls as fast as it can."""

    def __init__(self, slack: SimulatedSlack, session: aiohttp.ClientSession) -> None:
        self.slack = slack
        self.session = session

    async def __call__(self, method: str, token: str | None = None, **arguments: str) -> tuple[int, str, str]:
        """Return the status, the error and Retry-After."""
        headers = {"Authorization": f"Bearer {token or self.slack.bot_token}"}
        async with self.session.post(self.slack.api_url + method, data=arguments, headers=headers) as answer:
            body = await answer.json()
            return answer.status, body.get("error", ""), answer.headers.get("Retry-After", "")

    async def until_refused(self, method: str, **arguments: str) -> tuple[int, int]:
        """Return how many calls passed, and what Retry-After the refusal had."""
        for passed in range(1_000):
            status, error, retry_after = await self(method, **arguments)
            if status == 429:
                assert error == "ratelimited"
                return passed, int(retry_after)
        raise AssertionError(f"{method} was never refused")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def limited(clock: FakeClock) -> AsyncIterator[SimulatedSlack]:
    async with SimulatedSlack(clock=clock, limits=True) as slack:
        yield slack


@pytest.fixture
def hurry(limited: SimulatedSlack, session: aiohttp.ClientSession) -> Hurried:
    return Hurried(limited, session)


@pytest.mark.parametrize(
    ("method", "at_once", "seconds"),
    [("conversations.list", 20, 3), ("conversations.history", 50, 2), ("users.info", 100, 1)],
)
async def test_each_tier_lets_a_minutes_calls_pass_and_then_keeps_its_pace(
    hurry: Hurried, limited, clock: FakeClock, method: str, at_once: int, seconds: int
) -> None:
    given = {"channel": "general", "user": limited.workspace.user("ada").id}
    assert await hurry.until_refused(method, **given) == (at_once, seconds)
    await clock.advance(seconds)
    assert (await hurry(method, **given))[0] == 200


async def test_every_method_is_limited_by_itself_and_for_each_token(hurry: Hurried, limited, session) -> None:
    await hurry.until_refused("conversations.list")
    assert (await hurry("users.list"))[0] == 200
    other = limited.world.grants.issue(limited.world.grants.bot.kind, limited.bot_user_id, limited.scopes)
    assert (await hurry("conversations.list", token=other.token))[0] == 200


async def test_a_channel_takes_a_short_burst_and_then_one_message_a_second(
    hurry: Hurried, limited, clock: FakeClock
) -> None:
    one, other = (limited.workspace.add_channel(name, bot=True) for name in ("one", "other"))
    assert await hurry.until_refused("chat.postMessage", channel=one.id, text="x") == (5, 1)
    assert (await hurry("chat.postMessage", channel="#one", text="by its name"))[0] == 429
    assert (await hurry("chat.meMessage", channel=one.id, text="by another method"))[0] == 429
    assert (await hurry("chat.postMessage", channel=other.id, text="x"))[0] == 200
    for _ in range(3):
        await clock.advance(1)
        assert (await hurry("chat.postMessage", channel=one.id, text="x"))[0] == 200
        assert (await hurry("chat.postMessage", channel=one.id, text="x"))[0] == 429
    assert len(limited.workspace.messages("one")) == 8 + sum(
        message.subtype is not None for message in limited.workspace.messages("one")
    )


async def test_a_workspace_takes_some_hundred_messages_a_minute(hurry: Hurried, limited) -> None:
    channels = [limited.workspace.add_channel(f"c{number}", bot=True).id for number in range(70)]
    statuses = [
        (await hurry("chat.postMessage", channel=channel, text="x"))[0]
        for channel in channels
        for _ in range(5)
    ]
    assert statuses == [200] * 300 + [429] * 50


async def test_a_socket_a_minute_after_all_that_an_app_may_have(hurry: Hurried, limited, clock) -> None:
    assert await hurry.until_refused("apps.connections.open", token=limited.app_token) == (10, 60)
    await clock.advance(59)
    assert (await hurry("apps.connections.open", token=limited.app_token))[2] == "1"
    await clock.advance(1)
    assert (await hurry("apps.connections.open", token=limited.app_token))[0] == 200


async def test_who_waits_as_told_passes_also_where_time_is_faster(session) -> None:
    clock = FakeClock()
    async with SimulatedSlack(clock=clock, limits=True, speed=60) as slack:
        hurry = Hurried(slack, session)
        assert await hurry.until_refused("apps.connections.open", token=slack.app_token) == (10, 1)
        await clock.advance(1)
        assert (await hurry("apps.connections.open", token=slack.app_token))[0] == 200


async def test_a_call_without_a_good_token_or_scope_uses_nothing_up(hurry: Hurried, limited) -> None:
    for _ in range(30):
        assert (await hurry("conversations.list", token="xoxb-wrong"))[1] == "invalid_auth"
    assert limited.limits.count("conversations.list").asked == 0
    assert await hurry.until_refused("conversations.list") == (20, 3)


async def test_what_was_asked_and_refused_is_counted_for_each_method(
    hurry: Hurried, limited, session
) -> None:
    await hurry.until_refused("conversations.list")
    await hurry("conversations.list")
    count = limited.limits.count("conversations.list")
    assert (count.asked, count.refused, count.passed) == (22, 2, 20)
    async with session.get(limited.url + "/sandbox/limits") as answer:
        told = await answer.json()
    assert told["on"] is True
    assert told["methods"] == {"conversations.list": {"asked": 22, "refused": 2, "passed": 20}}
    assert told["tiers"]["t2"] == {"per_minute": 20, "burst": 20}
    limited.reset()
    assert limited.limits.counts() == {}
    assert (await hurry("conversations.list"))[0] == 200


async def test_without_limits_calls_are_counted_only(slack: SimulatedSlack, session) -> None:
    hurry = Hurried(slack, session)
    for _ in range(30):
        assert (await hurry("conversations.list"))[0] == 200
    assert slack.limits.count("conversations.list").passed == 30


def test_a_bucket_that_is_full_again_is_forgotten() -> None:
    buckets = Buckets()
    for lane in range(10_001):
        buckets.take(lane, Pace(60, 1), float(lane))
    assert buckets.wait(9_999, Pace(60, 1), 10_000.0) == 0
    assert buckets.wait(10_000, Pace(60, 1), 10_000.0) == 1
    buckets.take("more", Pace(60, 1), 10_000.5)
    assert len(vars(buckets)["_full_at"]) < 10
