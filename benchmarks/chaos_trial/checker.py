"""The checker: compares actions, messages and events, and knows nothing of the pack's internals."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.chaos_trial.evidence import Command, Evidence, Happening, Posted, Told

Json = Any

UNKNOWN_OUTCOMES = frozenset({"outcome_unknown", "answer_lost"})
"""With these codes a failure says itself that the message may be there."""

SENDING = frozenset({"SendMessage", "SendRichMessage"})
"""The commands that put one message into one channel."""

ENDED = frozenset({"SUCCESS", "FATAL"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """One promise that was broken."""

    kind: str
    subject: str
    """The action, message or event that it is about."""
    reason: str


@dataclass(slots=True)
class Judgement:
    """What the checker says of one trial."""

    verdicts: list[Verdict] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    """What was there, and what went wrong without a promise against it."""

    @property
    def innocent(self) -> bool:
        """Whether no promise was broken."""
        return not self.verdicts

    def note(self, kind: str, subject: str, reason: str, *, promised: bool = True) -> None:
        """Note something that went wrong; it is a verdict only where the pack promised otherwise."""
        self.counts[kind] += 1
        if promised:
            self.verdicts.append(Verdict(kind, subject, reason))


def judge(evidence: Evidence) -> Judgement:
    """Compare what was seen with what was promised."""
    found = Judgement()
    for mishap in evidence.mishaps:
        found.note("mishap", "the process", mishap)
    _judge_results(evidence, found)
    _judge_messages(evidence, found)
    _judge_order_of_messages(evidence, found)
    _judge_events(evidence, found)
    _judge_order_of_events(evidence, found)
    return found


# --- outbound ---------------------------------------------------------------------------------------------


def _judge_results(evidence: Evidence, found: Judgement) -> None:
    for command in evidence.commands:
        found.counts["commands"] += 1
        found.counts["failures"] += command.failed
        if command.state not in ENDED:
            found.note("lost command", command.id, f"{command.name} {command.token} is {command.state}")
        if command.results > 1:
            found.note("doubled result", command.id, f"{command.name}: {command.results} results")


def _judge_messages(evidence: Evidence, found: Judgement) -> None:
    by_token: defaultdict[str, list[Posted]] = defaultdict(list)
    for message in evidence.posted:
        by_token[message.token].append(message)
    found.counts["messages"] += len(evidence.posted)
    known = {command.token for command in evidence.commands}
    for token in by_token.keys() - known:
        found.note("stray message", token, "no action asks for it")
    for command in evidence.commands:
        there = by_token.get(command.token, [])
        _judge_doubled(command, there, evidence, found)
        for problem in _missing(command, there):
            found.note("lost message", command.id, problem)
        for problem in _phantoms(command, there):
            unknown = command.error_code in UNKNOWN_OUTCOMES
            found.note("unknown outcome" if unknown else "phantom", command.id, problem, promised=not unknown)


def _judge_doubled(command: Command, there: Sequence[Posted], evidence: Evidence, found: Judgement) -> None:
    for channel, count in Counter(message.channel for message in there).items():
        if count > 1:
            what = f"{command.name} {command.token} is {count} times in {channel}"
            found.note("doubled message", command.id, what, promised=evidence.promise.not_doubled)


def _missing(command: Command, there: Sequence[Posted]) -> Iterator[str]:
    """Find what the result says is in Slack and is not."""
    if command.state not in ENDED or not isinstance(command.payload, dict):
        return
    places = {(message.channel, message.ts) for message in there}
    for channel, ts in _claimed(command):
        if (channel, ts) not in places:
            yield f"{command.result} {command.token}: there is no message {ts} in {channel}"


def _phantoms(command: Command, there: Sequence[Posted]) -> Iterator[str]:
    """Find what the result says is not in Slack and is."""
    if not command.failed:
        return
    if command.name in SENDING:
        if there:
            yield f"{command.result} ({command.error_code}): {command.token} is in {there[0].channel}"
        return
    reached = {message.channel for message in there}
    for entry in _entries(command, "failed"):
        if entry.get("channelId") in reached and entry.get("errorCode") not in UNKNOWN_OUTCOMES:
            yield f"{command.result}: {command.token} is in {entry['channelId']} ({entry.get('errorCode')})"


def _claimed(command: Command) -> Iterator[tuple[str, str]]:
    """Return channel and timestamp of each message that the result says there is."""
    if command.name in SENDING and not command.failed:
        yield str(command.payload.get("channelId")), str(command.payload.get("timestamp"))
    for entry in _entries(command, "sent"):
        yield str(entry.get("channelId")), str(entry.get("timestamp"))


def _entries(command: Command, name: str) -> list[dict[str, Json]]:
    given = command.payload.get(name) if isinstance(command.payload, dict) else None
    return [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []


def _judge_order_of_messages(evidence: Evidence, found: Judgement) -> None:
    first: dict[str, Posted] = {}
    for message in evidence.posted:
        first.setdefault(message.token, message)
    by_channel: defaultdict[str, list[Command]] = defaultdict(list)
    for command in evidence.commands:
        judged = command.name in SENDING and command.orderly and command.taken is not None
        if judged and command.token in first:
            by_channel[command.channel].append(command)
    for channel, commands in by_channel.items():
        in_turn = sorted(commands, key=lambda command: command.taken or 0)
        for earlier, later in _falling(in_turn, lambda command: _moment(first[command.token])):
            found.note(
                "commands out of order",
                later.id,
                f"{channel}: {later.token} was taken after {earlier.token} and stands before it",
                promised=evidence.promise.commands_in_order,
            )


def _moment(message: Posted) -> tuple[int, ...]:
    return tuple(map(int, message.ts.split(".")))


def _falling(
    items: Iterable[Command], key: Callable[[Command], tuple[int, ...]]
) -> Iterator[tuple[Command, Command]]:
    """Find the items whose key is lower than the highest one before, each with the item that has that."""
    highest: Command | None = None
    for item in items:
        if highest is not None and key(item) < key(highest):
            yield highest, item
        else:
            highest = item


# --- inbound ----------------------------------------------------------------------------------------------


def _judge_events(evidence: Evidence, found: Judgement) -> None:
    told: defaultdict[str, list[Told]] = defaultdict(list)
    for event in evidence.told:
        told[event.key].append(event)
        found.counts["redelivered"] += event.redelivered
        found.counts["recovered"] += event.recovered
    found.counts["events"] += len(evidence.told)
    for happening in evidence.happenings:
        found.counts["happenings"] += 1
        _judge_event(happening, told.get(happening.key, []), evidence, found)
    for key in told.keys() - {happening.key for happening in evidence.happenings}:
        found.note("stray event", key, "nobody did that")


def _judge_event(happening: Happening, told: Sequence[Told], evidence: Evidence, found: Judgement) -> None:
    if not told:
        _judge_untold(happening, evidence, found)
    unmarked = [event for event in told if not event.redelivered]
    if len(unmarked) > 1:
        marks = ", ".join(_marks(event) for event in told)
        what = f"the {happening.kind} was told {len(told)} times: {marks}"
        found.note("doubled event", happening.key, what, promised=evidence.promise.events_once)


def _judge_untold(happening: Happening, evidence: Evidence, found: Judgement) -> None:
    promise = evidence.promise
    if happening.acknowledged is not None:
        what = f"the {happening.kind} in {happening.channel}, acknowledged, was never told"
        found.note("lost event", happening.key, what, promised=promise.acknowledged_kept)
    elif happening.kind == "message":
        what = f"the message in {happening.channel}, not acknowledged, was never told"
        found.note("missed event", happening.key, what, promised=promise.missed_recovered)
    else:
        found.counts["unrecoverable event"] += 1


def _marks(event: Told) -> str:
    names = [name for name in ("redelivered", "recovered") if getattr(event, name)]
    return " and ".join(names) or "unmarked"


def _judge_order_of_events(evidence: Evidence, found: Judgement) -> None:
    """What was acknowledged before another thing in the same channel happened has to be told before it."""
    places: dict[str, int] = {}
    marked = set()
    for number, event in enumerate(evidence.told):
        places.setdefault(event.key, number)
        if event.redelivered or event.recovered:
            marked.add(event.key)
    by_channel: defaultdict[str, list[Happening]] = defaultdict(list)
    for happening in evidence.happenings:
        if happening.key in places and happening.key not in marked:
            by_channel[happening.channel].append(happening)
    for channel, happenings in by_channel.items():
        for earlier, later in _overtaken(happenings, places):
            found.note(
                "events out of order",
                later.key,
                f"{channel}: {earlier.key} was acknowledged before it happened, and told after it",
                promised=evidence.promise.acknowledged_kept,
            )


def _overtaken(
    happenings: Sequence[Happening], places: dict[str, int]
) -> Iterator[tuple[Happening, Happening]]:
    received = sorted(
        (one for one in happenings if one.acknowledged is not None), key=lambda one: one.acknowledged or 0.0
    )
    number, latest = 0, None
    for later in sorted(happenings, key=lambda one: one.at):
        while number < len(received) and (received[number].acknowledged or 0.0) < later.at:
            if latest is None or places[received[number].key] > places[latest.key]:
                latest = received[number]
            number += 1
        if latest is not None and places[latest.key] > places[later.key]:
            yield latest, later
