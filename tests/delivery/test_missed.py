"""Reading what was said since a moment, whatever order and shape the pages have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from pack.delivery.missed import (
    MOST_PAGES,
    MOST_REPLY_PAGES,
    MOST_THREADS,
    MOST_TRIES,
    MOST_WIDE_PAGES,
    WIDE_PAGE_SIZE,
    Ask,
    Reading,
    moment_of,
    while_there,
)
from pack.errors import SlackRefused, SlackUnavailable


class Paged:
    """Answers conversations.history with these pages in turn, some of which say that there are more."""

    def __init__(self, pages: list[list[Any]], more_after: set[int]) -> None:
        self.asked: list[tuple[str, Mapping[str, Any]]] = []
        self._pages = pages
        self._more_after = more_after

    async def __call__(self, method: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        place = len(self.asked)
        self.asked.append((method, arguments))
        if method != "conversations.history":
            return {"messages": []}
        cursor = "more" if place in self._more_after else ""
        return {"messages": self._pages[place], "response_metadata": {"next_cursor": cursor}}


class Pages:
    """Answers with the pages of each method in turn, and notes what was asked."""

    def __init__(self, **pages: list[Any]) -> None:
        self.asked: list[tuple[str, Mapping[str, Any]]] = []
        self._pages = {name.replace("_", "."): list(found) for name, found in pages.items()}

    async def __call__(self, method: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        self.asked.append((method, arguments))
        pages = self._pages.get(method, [])
        page = pages.pop(0) if pages else []
        if isinstance(page, Exception):
            raise page
        cursor = f"page {len(self.asked)}" if pages else ""
        return {"messages": page, "response_metadata": {"next_cursor": cursor}}


def message(ts: float, **more: Any) -> dict[str, Any]:
    return {"type": "message", "ts": f"{ts:.6f}", "user": "U1", "text": f"said at {ts:g}", **more}


def root(ts: float, latest_reply: float) -> dict[str, Any]:
    return message(ts, thread_ts=f"{ts:.6f}", latest_reply=f"{latest_reply:.6f}")


def texts(reading: Reading) -> list[str]:
    return [str(one["text"]) for one in reading.messages]


def refusal(code: str) -> SlackRefused:
    return SlackRefused(f"refused: {code}", code=code, method="conversations.history")


def make_reading(ask: Ask, threads: tuple[str, ...] = (), back_to: float = 10.0) -> Reading:
    """Return a reading of what was said after 10; nothing earlier is looked at, unless asked for."""
    return Reading(ask, "C1", since=10.0, back_to=back_to, threads=threads)


async def read(ask: Ask, threads: tuple[str, ...] = (), back_to: float = 10.0) -> Reading:
    reading = make_reading(ask, threads, back_to)
    await reading.run()
    return reading


def opened(ask: Pages | Paged) -> list[str]:
    """Return the threads that were looked into."""
    return [arguments["ts"] for method, arguments in ask.asked if method == "conversations.replies"]


@pytest.mark.parametrize("newest_first", [True, False])
async def test_pages_from_either_end_are_put_in_order(newest_first: bool) -> None:
    pages = [[message(30), message(20)], [message(12), message(11)]]
    ask = Pages(conversations_history=pages if newest_first else pages[::-1])
    reading = await read(ask)
    assert texts(reading) == ["said at 11", "said at 12", "said at 20", "said at 30"]
    assert reading.cut == ()
    assert [arguments.get("cursor") for _, arguments in ask.asked] == [None, "page 1"]
    assert ask.asked[0][1]["oldest"] == "10.000000"


async def test_a_message_that_comes_twice_is_there_once() -> None:
    broadcast = message(20, thread_ts="5.000000", subtype="thread_broadcast")
    ask = Pages(
        conversations_history=[[broadcast, message(15)], [message(15)]],
        conversations_replies=[[message(5, thread_ts="5.000000"), broadcast]],
    )
    assert texts(await read(ask, ("5.000000",))) == ["said at 15", "said at 20"]
    assert opened(ask) == ["5.000000"]


async def test_only_threads_that_went_on_are_read() -> None:
    ask = Pages(conversations_history=[[root(20, 25), root(11, 9), root(5, 15), root(4, 9), message(3)]])
    await read(ask, ("5.000000", "4.000000", "3.000000", "1.000000"), back_to=2.0)
    # Of the last nothing is known: it began before what was looked at.
    assert opened(ask) == ["20.000000", "5.000000", "1.000000"]
    assert ask.asked[0][1]["oldest"] == "2.000000"


async def test_a_quiet_channel_costs_one_call() -> None:
    ask = Pages(conversations_history=[[message(12), message(5)]])
    assert texts(await read(ask, back_to=2.0)) == ["said at 12"]
    assert len(ask.asked) == 1


async def test_a_busy_channel_is_read_from_the_moment_and_then_looked_through_for_threads() -> None:
    pages = [[message(14)], [message(14), message(12)], [root(7, 15)], [root(5, 9), root(4, 15)]]
    ask = Paged(pages, more_after={0, 2})
    reading = await read(ask, back_to=2.0)
    assert texts(reading) == ["said at 12", "said at 14"]
    asked = [
        (arguments["oldest"], arguments.get("latest"), arguments.get("cursor"))
        for method, arguments in ask.asked
        if method == "conversations.history"
    ]
    earlier = ("2.000000", "10.000001")
    assert asked == [
        ("2.000000", None, None),
        ("10.000000", None, None),
        (*earlier, None),
        (*earlier, "more"),
    ]
    assert opened(ask) == ["7.000000", "4.000000"]


async def test_looking_for_threads_ends_and_that_is_said() -> None:
    pages = [[message(5)], [], *[[message(9)]] * MOST_WIDE_PAGES]
    ask = Paged(pages, more_after={0, *range(2, MOST_WIDE_PAGES + 2)})
    reading = await read(ask, back_to=2.0)
    assert len(ask.asked) == MOST_WIDE_PAGES + 2
    assert reading.cut == (f"threads that began more than {MOST_WIDE_PAGES * WIDE_PAGE_SIZE} messages ago",)


async def test_a_thread_that_is_gone_is_passed_over_and_one_that_is_refused_is_named() -> None:
    gone, lacking = refusal("thread_not_found"), refusal("missing_scope")
    ask = Pages(
        conversations_history=[[message(12)]],
        conversations_replies=[gone, lacking, [message(13, thread_ts="3.000000")]],
    )
    reading = await read(ask, ("5.000000", "4.000000", "3.000000"))
    assert texts(reading) == ["said at 12", "said at 13"]
    assert reading.cut == ("the thread 4.000000 (refused: missing_scope)",)


async def test_a_channel_that_is_refused_is_an_error() -> None:
    with pytest.raises(SlackRefused):
        await read(Pages(conversations_history=[refusal("missing_scope")]))


@pytest.mark.parametrize("error", [SlackUnavailable("away"), refusal("team_added_to_org")])
async def test_after_an_error_another_run_goes_on_with_what_is_missing(error: Exception) -> None:
    asked: list[str] = []
    errors = [error]

    async def ask(method: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        asked.append(arguments.get("ts", method))
        if method == "conversations.history":
            return {"messages": [message(12)]}
        if arguments["ts"] == "4.000000" and errors:
            raise errors.pop()
        return {"messages": [message(10 + float(arguments["ts"]), thread_ts=arguments["ts"])]}

    reading = make_reading(ask, ("5.000000", "4.000000"))
    with pytest.raises(type(error)):
        await reading.run()
    await reading.run()
    assert texts(reading) == ["said at 12", "said at 14", "said at 15"]
    assert asked == ["conversations.history", "5.000000", "4.000000", "4.000000"]


async def test_pages_whose_cursor_slack_forgot_are_read_from_the_first_one() -> None:
    first, second = [message(12)], [message(13)]
    ask = Pages(conversations_history=[first, refusal("invalid_cursor"), first, second])
    assert texts(await read(ask)) == ["said at 12", "said at 13"]
    assert [arguments.get("cursor") for _, arguments in ask.asked] == [None, "page 1", None, "page 3"]


async def test_cursors_that_are_never_known_are_given_up() -> None:
    ask = Pages(conversations_history=[refusal("invalid_cursor")] * (MOST_TRIES + 1))
    with pytest.raises(SlackRefused):
        await read(ask)
    assert len(ask.asked) == MOST_TRIES


async def test_what_is_too_much_is_said() -> None:
    ask = Pages(conversations_history=[[message(1000 + number)] for number in range(MOST_PAGES + 1)])
    reading = await read(ask, tuple(f"{number}.000000" for number in range(1, MOST_THREADS + 3)))
    assert len(reading.messages) == MOST_PAGES
    assert reading.cut == (f"messages beyond {MOST_PAGES * 200}", "2 threads")


async def test_a_long_thread_is_cut_too() -> None:
    replies = [[message(20 + number, thread_ts="5.000000")] for number in range(MOST_REPLY_PAGES + 1)]
    reading = await read(Pages(conversations_replies=replies), ("5.000000",))
    assert len(reading.messages) == MOST_REPLY_PAGES
    assert len(reading.cut) == 1
    assert "5.000000" in reading.cut[0]


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"messages": None},
        {"messages": "none"},
        {"messages": [None, 7, {}, {"ts": 12.5}, {"ts": "soon"}, {"ts": "nan"}]},
        {"messages": [], "response_metadata": []},
        {"messages": [], "response_metadata": {"next_cursor": None}},
    ],
)
async def test_answers_of_a_strange_shape_are_read_as_far_as_they_go(answer: dict[str, Any]) -> None:
    async def ask(method: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        return answer

    assert (await read(ask)).messages == []


async def test_strange_marks_of_threads_are_passed_over() -> None:
    ask = Pages(
        conversations_history=[[message(20, thread_ts=7), message(21, latest_reply=9, thread_ts="x")]]
    )
    assert len((await read(ask)).messages) == 2


def test_what_was_said_while_a_user_was_not_there_is_left_out() -> None:
    came, went = message(12, subtype="channel_join", user="UBOT"), message(15, subtype="channel_leave")
    other = message(13, subtype="channel_join", user="U2")
    said = [message(11), came, other, message(14)]
    assert while_there(said, "UBOT") == said[2:]
    assert while_there([message(11), other, went], "UBOT") == [message(11), other, went]
    went["user"] = "UBOT"
    again = message(17, subtype="group_join", user="UBOT")
    assert while_there([*said, went, message(16), again, message(18)], "UBOT") == [*said[2:], message(18)]
    assert while_there([], "UBOT") == []


def test_what_is_no_timestamp_is_no_moment() -> None:
    assert moment_of("12.500000") == 12.5
    assert moment_of("") == moment_of("soon") == moment_of("nan") == moment_of("inf") == 0.0
