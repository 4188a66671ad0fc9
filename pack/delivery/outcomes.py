"""Outcomes: whether a call was carried out whose answer never came.

A command's declaration names how that is found out (:data:`OutcomeCheck`); :class:`Outcomes` does it, not
before a settling time has passed, since a call that was given up may still take effect.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from pack.clock import Clock
from pack.contracts.ports import Json
from pack.contracts.storing import Effect
from pack.delivery.calling import Reading, read_pages
from pack.delivery.history import Histories, Spot
from pack.delivery.metadata import CARRIERS, name_effect
from pack.errors import CommandFailed, PackError, TransientError
from pack.slack.channels import KnownChannel, is_id, may_be_id

Arguments = Mapping[str, Json]

MARGIN_SECONDS = 5.0
"""By how much the dates of Slack's servers may differ."""

RESOLVE_AGAIN_SECONDS = 5.0
"""How long after a channel was not found by its name it is looked for again."""

NEW_CHANNEL_SECONDS = 65.0
"""How long a name is looked for that the list of channels does not have, as the list may be a minute old."""

REMEMBER_ITEMS = 10_000
"""How many listed things are remembered as those of other effects."""


# --- how it is found out -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ByMetadata:
    """The channel's history, or the thread's, has a message that carries the effect's name."""


@dataclass(frozen=True, slots=True)
class ByState:
    """What Slack says of the thing that was to be changed.

    ``read`` gets the effect's arguments and a way to ask, and returns an answer like that of the lost call
    when it finds things as they should be, else None.
    """

    read: Callable[[Arguments, Reading], Awaitable[dict[str, Json] | None]]


@dataclass(frozen=True, slots=True)
class ByList:
    """A list has what was to be made.

    ``method`` lists under the key ``items``, asked with what ``ask_with`` makes of the effect's arguments.
    ``matches`` tells whether an item is like what was to be made; it counts only when its key ``created``
    (seconds since 1970) is no earlier than the effect, and when no other effect's answer had its id.
    ``answer`` makes of an item an answer like that of the lost call, and ``id_of`` reads the id out of one.
    """

    method: str
    items: str
    ask_with: Callable[[Arguments], Arguments]
    matches: Callable[[Mapping[str, Json], Arguments], bool]
    answer: Callable[[Mapping[str, Json]], dict[str, Json]]
    id_of: Callable[[Mapping[str, Json]], str]
    created: str = "date_created"


@dataclass(frozen=True, slots=True)
class AlreadyDone:
    """Doing it again is harmless; these error codes mean that it was done before."""

    codes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class NoCheck:
    """Nobody can find it out."""


OutcomeCheck = ByMetadata | ByState | ByList | AlreadyDone | NoCheck


# --- what was found ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Happened:
    """It was carried out; ``answer`` is like Slack's."""

    answer: dict[str, Json]


@dataclass(frozen=True, slots=True)
class NotHappened:
    """It was not carried out."""


@dataclass(frozen=True, slots=True)
class Unknowable:
    """It cannot be found out; ``reason`` says why."""

    reason: str


Finding = Happened | NotHappened | Unknowable


@dataclass(frozen=True, slots=True)
class Doubt:
    """An effect that may have been carried out."""

    effect: Effect
    arguments: Arguments
    since: float
    """From when on, by Slack's date."""
    ended: float | None
    """When it became doubtful, by the monotonic clock; None: in an earlier process."""


FindChannel = Callable[[str], Awaitable[KnownChannel | None]]
"""Look a channel up by its name."""


class Outcomes:
    """Finds out what became of effects in doubt."""

    def __init__(
        self,
        *,
        ask: Reading,
        clock: Clock,
        settling_seconds: float,
        checking_seconds: float,
        find_channel: FindChannel | None,
    ) -> None:
        self._ask = ask
        self._clock = clock
        self._settling_seconds = settling_seconds
        self._checking_seconds = checking_seconds
        self._find_channel = find_channel
        self._histories = Histories(ask, clock)
        self._first_look: float | None = None
        self._directs: dict[str, str] = {}
        self._claimed: OrderedDict[tuple[str, str], None] = OrderedDict()

    def claim(self, check: OutcomeCheck, answer: Mapping[str, Json]) -> None:
        """Note an effect's answer, so that what it made is not taken for another one's."""
        if isinstance(check, ByList):
            self._claimed[check.method, check.id_of(answer)] = None
            if len(self._claimed) > REMEMBER_ITEMS:
                self._claimed.popitem(last=False)

    async def look(self, check: OutcomeCheck, doubt: Doubt) -> Finding:
        """Find out whether it was carried out, once it has settled; waits while Slack is away."""
        ended = self._earlier_end() if doubt.ended is None else doubt.ended
        settled_at = ended + self._settling_seconds
        try:
            match check:
                case ByMetadata():
                    return await self._look_in_history(doubt, settled_at)
                case ByState():
                    await self._settle(settled_at)
                    return _finding(await check.read(doubt.arguments, self._ask))
                case ByList():
                    await self._settle(settled_at)
                    return await self._look_in_list(check, doubt)
                case _:
                    return Unknowable("Slack has no way to tell")
        except PackError as error:
            return Unknowable(str(error))

    def _earlier_end(self) -> float:
        """Return by when the earlier process had ended: it may have lived while this one waited for it."""
        if self._first_look is None:
            self._first_look = self._clock.monotonic()
        return self._first_look

    async def _settle(self, until: float) -> None:
        await self._clock.sleep(max(0.0, until - self._clock.monotonic()))

    # --- histories ---

    async def _look_in_history(self, doubt: Doubt, settled_at: float) -> Finding:
        effect = doubt.effect
        if effect.method not in CARRIERS or not effect.readable:
            await self._settle(settled_at)
            return Unknowable("the message carries nothing that it could be found by")
        await self._settle(settled_at)
        channel = await self._resolve(str(doubt.arguments.get("channel") or ""))
        message = await self._histories.find(
            Spot(channel, str(doubt.arguments.get("thread_ts") or "")),
            name_effect(effect.action_id, effect.step),
            since=doubt.since,
            settled_at=settled_at,
        )
        if message is None:
            return NotHappened()
        return Happened({"ok": True, "channel": channel, "ts": message.get("ts"), "message": dict(message)})

    async def _resolve(self, reference: str) -> str:
        """Return the ID of the conversation that chat.postMessage means by it.

        Raises:
            PackError: it cannot be found.
        """
        if is_id(reference):
            return await self._direct(reference) if reference[0] in "UW" else reference
        found = await self._find(reference, self._find_channel) if self._find_channel else None
        if found:
            return found.id
        if may_be_id(reference):
            return reference
        raise CommandFailed(f"no channel is called {reference}", code="channel_not_found")

    async def _find(self, reference: str, find: FindChannel) -> KnownChannel | None:
        """Find a channel by its name, with the patience of checks: without it nothing can be looked up.

        Raises:
            PackError: Slack does not give the list of channels.
        """
        began = self._clock.monotonic()
        while True:
            passed = self._clock.monotonic() - began
            try:
                found = await find(reference)
                if found or may_be_id(reference) or passed >= NEW_CHANNEL_SECONDS:
                    return found
            except TransientError:
                if passed >= self._checking_seconds:
                    raise
            await self._clock.sleep(RESOLVE_AGAIN_SECONDS)

    async def _direct(self, user: str) -> str:
        """Return the ID of the direct messages with a user, which the message has opened if it came."""
        if user not in self._directs:
            answer = await self._ask("conversations.open", {"users": user, "prevent_creation": True})
            channel = answer.get("channel")
            if not isinstance(channel, dict) or not channel.get("id"):
                raise CommandFailed(
                    f"the direct messages with {user} were not found", code="channel_not_found"
                )
            self._directs[user] = str(channel["id"])
        return self._directs[user]

    # --- lists ---

    async def _look_in_list(self, check: ByList, doubt: Doubt) -> Finding:
        async for page in read_pages(self._ask, check.method, check.ask_with(doubt.arguments)):
            for item in page.get(check.items) or ():
                if self._is_it(check, item, doubt):
                    return Happened(check.answer(item))
        return NotHappened()

    def _is_it(self, check: ByList, item: Mapping[str, Json], doubt: Doubt) -> bool:
        created = item.get(check.created)
        if isinstance(created, int | float) and created < doubt.since - MARGIN_SECONDS:
            return False
        if not check.matches(item, doubt.arguments):
            return False
        return (check.method, check.id_of(check.answer(item))) not in self._claimed


def _finding(answer: dict[str, Json] | None) -> Finding:
    return NotHappened() if answer is None else Happened(answer)
