"""Reading what was said since a moment, whatever order and shape the pages have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from pack.delivery.missed import (
    MOST_PAGES,
    MOST_REPLY_PAGES,
    MOST_THREADS,
    moment_of,
    read_missed,
    since_joining,
)
from pack.errors import SlackRefused


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


def texts(found: list[Mapping[str, Any]]) -> list[str]:
    return [one["text"] for one in found]


@pytest.mark.parametrize("newest_first", [True, False])
async def test_pages_from_either_end_are_put_in_order(newest_first: bool) -> None:
    pages = [[message(30), message(20)], [message(12), message(11)]]
    ask = Pages(conversations_history=pages if newest_first else pages[::-1])
    found = await read_missed(ask, "C1", 10.0, [])
    assert texts(found.messages) == ["said at 11", "said at 12", "said at 20", "said at 30"]
    assert found.cut == []
    assert [arguments.get("cursor") for _, arguments in ask.asked] == [None, "page 1"]
    assert ask.asked[0][1]["oldest"] == "10.000000"


async def test_a_message_that_comes_twice_is_there_once() -> None:
    broadcast = message(20, thread_ts="5.000000", subtype="thread_broadcast")
    ask = Pages(
        conversations_history=[[broadcast, message(15)], [message(15)]],
        conversations_replies=[[message(5, thread_ts="5.000000"), broadcast]],
    )
    found = await read_missed(ask, "C1", 10.0, ["5.000000"])
    assert texts(found.messages) == ["said at 15", "said at 20"]
    assert [method for method, _ in ask.asked].count("conversations.replies") == 1


async def test_only_threads_that_went_on_are_read() -> None:
    ask = Pages(
        conversations_history=[
            [
                message(20, thread_ts="20.000000", latest_reply="25.000000"),
                message(11, thread_ts="11.000000", latest_reply="9.000000"),
            ]
        ]
    )
    await read_missed(ask, "C1", 10.0, [])
    assert [arguments["ts"] for method, arguments in ask.asked if method == "conversations.replies"] == [
        "20.000000"
    ]


async def test_a_thread_that_is_gone_is_passed_over_and_another_refusal_is_not() -> None:
    gone = SlackRefused("gone", code="thread_not_found", method="conversations.replies")
    found = await read_missed(Pages(conversations_replies=[gone]), "C1", 10.0, ["5.000000"])
    assert found.messages == []
    lacking = SlackRefused("no", code="missing_scope", method="conversations.replies")
    with pytest.raises(SlackRefused):
        await read_missed(Pages(conversations_replies=[lacking]), "C1", 10.0, ["5.000000"])


async def test_what_is_too_much_is_said() -> None:
    ask = Pages(conversations_history=[[message(20 + number)] for number in range(MOST_PAGES + 1)])
    found = await read_missed(ask, "C1", 10.0, [f"{number}.000000" for number in range(1, MOST_THREADS + 3)])
    assert len(found.messages) == MOST_PAGES
    assert found.cut == [f"messages beyond {MOST_PAGES * 200}", "2 threads"]


async def test_a_long_thread_is_cut_too() -> None:
    replies = [[message(20 + number, thread_ts="5.000000")] for number in range(MOST_REPLY_PAGES + 1)]
    found = await read_missed(Pages(conversations_replies=replies), "C1", 10.0, ["5.000000"])
    assert len(found.messages) == MOST_REPLY_PAGES
    assert len(found.cut) == 1
    assert "5.000000" in found.cut[0]


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

    assert (await read_missed(ask, "C1", 10.0, [])).messages == []


async def test_strange_marks_of_threads_are_passed_over() -> None:
    ask = Pages(
        conversations_history=[[message(20, thread_ts=7), message(21, latest_reply=9, thread_ts="x")]]
    )
    assert len((await read_missed(ask, "C1", 10.0, [])).messages) == 2


def test_what_was_said_before_a_user_came_is_left_out() -> None:
    came = message(12, subtype="channel_join", user="UBOT")
    other = message(13, subtype="channel_join", user="U2")
    said = [message(11), came, other, message(14)]
    assert since_joining(said, "UBOT") == said[2:]
    assert since_joining([message(11), other], "UBOT") == [message(11), other]
    assert since_joining([], "UBOT") == []


def test_what_is_no_timestamp_is_no_moment() -> None:
    assert moment_of("12.500000") == 12.5
    assert moment_of("") == moment_of("soon") == moment_of("nan") == moment_of("inf") == 0.0
