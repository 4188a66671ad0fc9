"""For which requests something goes wrong, how often, for how long, and by which chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeGuard

import pytest

from pack.sandbox.trouble.rules import RuleBook, Scope
from tests.clock import FakeClock


@dataclass(frozen=True)
class Trouble:
    name: str


def is_trouble(what: object) -> TypeGuard[Trouble]:
    return isinstance(what, Trouble)


def struck(book: RuleBook, name: str, **arguments: object) -> str | None:
    found = book.strike(is_trouble, name, arguments)
    return found.name if found else None


@pytest.mark.parametrize(
    ("scope", "name", "covered"),
    [
        ("*", "chat.update", True),
        ("chat.update", "chat.update", True),
        ("chat.update", "chat.updateAll", False),
        ("chat.*", "chat.scheduledMessages.list", True),
        ("chat.*", "chatter.list", False),
    ],
)
def test_a_rule_is_about_one_request_a_family_or_all(scope: str, name: str, covered: bool) -> None:
    assert Scope(name=scope).covers(name, {}) is covered


def test_a_rule_can_ask_for_arguments_which_are_compared_as_texts() -> None:
    scope = Scope(match={"channel": "C1", "limit": 5})
    assert scope.covers("x", {"channel": "C1", "limit": "5", "more": 1})
    assert not scope.covers("x", {"channel": "C2", "limit": "5"})
    assert not scope.covers("x", {"limit": "5"})


@pytest.mark.parametrize(
    "given",
    [
        {"times": -1},
        {"probability": 1.1},
        {"probability": -0.1},
        {"for_seconds": 0.0},
        {"for_seconds": float("nan")},
    ],
)
def test_a_scope_that_makes_no_sense_is_refused(given: dict) -> None:
    with pytest.raises(ValueError, match=next(iter(given))):
        Scope(**given)


def test_rules_strike_in_the_order_given_until_they_are_used_up() -> None:
    book = RuleBook(FakeClock())
    book.add("first", Trouble("first"), Scope(times=2))
    book.add("second", Trouble("second"), Scope(name="b", times=None))
    assert [struck(book, "b") for _ in range(4)] == ["first", "first", "second", "second"]
    assert struck(book, "a") is None
    assert (book.hits("first"), book.hits("second")) == (2, 2)
    assert [(rule["id"], rule["active"]) for rule in book.listing()] == [("f2", True), ("f1", False)]


async def test_a_rule_ends_with_its_time_and_undoes_what_it_did_once() -> None:
    clock, undone = FakeClock(), []
    book = RuleBook(clock)
    rule = book.add("x", Trouble("x"), Scope(times=None, for_seconds=5), undo=lambda: undone.append(1))
    await clock.advance(4)
    assert struck(book, "a") == "x"
    assert book.listing()[0]["seconds_left"] == 1
    await clock.advance(1)
    assert struck(book, "a") is None
    book.clear()
    assert undone == [1]
    with pytest.raises(ValueError, match=f"no fault with the id {rule.id} is active; active: none is"):
        book.remove(rule.id)


def test_one_rule_can_be_ended_by_its_id() -> None:
    book = RuleBook(FakeClock())
    first = book.add("first", Trouble("first"), Scope(times=None))
    book.add("second", Trouble("second"), Scope(times=None))
    book.remove(first.id)
    assert struck(book, "a") == "second"


def test_chance_is_the_clocks_until_there_is_a_seed_and_then_repeats_itself() -> None:
    book = RuleBook(FakeClock(chance=0.5))
    book.add("often", Trouble("x"), Scope(times=None, probability=0.6))
    assert [struck(book, "a") for _ in range(3)] == ["x", "x", "x"]
    runs = []
    for _ in range(2):
        book.seed(7)
        runs.append([struck(book, "a") for _ in range(200)])
    assert runs[0] == runs[1]
    assert 90 < runs[0].count("x") < 150
    book.seed(8)
    assert [struck(book, "a") for _ in range(200)] != runs[0]


def test_what_missed_by_chance_is_not_counted_and_leaves_room_for_the_next_rule() -> None:
    book = RuleBook(FakeClock(chance=0.5))
    book.add("rare", Trouble("rare"), Scope(probability=0.1))
    book.add("sure", Trouble("sure"), Scope(times=None))
    assert struck(book, "a") == "sure"
    assert book.hits("rare") == 0
    assert book.listing()[0]["times_left"] == 1


def test_a_rule_that_strikes_no_times_never_does() -> None:
    book = RuleBook(FakeClock())
    book.add("never", Trouble("never"), Scope(times=0))
    assert struck(book, "a") is None
    assert book.hits("never") == 0
