"""Finds the element that a person means: in a view, in a message, by its ID or by what is read on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pack.sandbox.slack.interaction.choosing import CannotChoose
from pack.sandbox.slack.interaction.elements import Placed, placed_in_message, text_of
from pack.sandbox.slack.interaction.views import View, Views
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.objects import Channel, User
from pack.sandbox.slack.world.timeline import Message
from pack.sandbox.slack.world.world import World

_MOST_LISTED = 20


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which element, and where to look."""

    element: str
    """Its action_id, or the text of the button, the label of the input, the placeholder of the menu."""
    block_id: str | None = None
    channel: Channel | None = None
    ts: str | None = None
    """A message of that channel; None: the latest with such an element."""
    view_id: str | None = None
    home: bool = False
    """Look into the home tab alone."""


@dataclass(frozen=True, slots=True)
class Spot:
    """An element where a person sees it: in a view or in a message."""

    placed: Placed
    view: View | None = None
    channel: Channel | None = None
    message: Message | None = None
    ephemeral: bool = False


class Finding:
    """Looks where a person can look."""

    def __init__(self, world: World, views: Views) -> None:
        self._world = world
        self._views = views

    def find(self, user: User, wanted: Wanted) -> Spot:
        """Return the element.

        Without any place: the person's topmost modal, then the latest message that the person can see.

        Raises:
            CannotChoose: there is no such element before the person.
            Refusal: ``message_not_found``; ``view_not_found``; ``not_in_channel``.
        """
        surfaces = self._surfaces(user, wanted)
        for spots in surfaces:
            found = _pick(spots, wanted)
            if found is not None:
                return found
        raise CannotChoose(self._explain(user, wanted))

    def _surfaces(self, user: User, wanted: Wanted) -> Iterator[list[Spot]]:
        """Go through the views and messages to look into, each as its elements."""
        if wanted.home or wanted.view_id is not None or wanted.channel is None:
            yield from self._view_surfaces(user, wanted)
        if wanted.home or wanted.view_id is not None:
            return
        if wanted.channel is None:
            yield from self._message_surfaces(user, self._channels(user), None)
            return
        if wanted.channel.private and user.id not in wanted.channel.members:
            raise Refusal("not_in_channel")
        yield from self._message_surfaces(user, [wanted.channel], wanted.ts)

    def _view_surfaces(self, user: User, wanted: Wanted) -> Iterator[list[Spot]]:
        view = self._views.home(user.id) if wanted.home else self._views.top(user.id)
        if wanted.view_id is not None:
            view = self._views.find(wanted.view_id)
            if view is None or view.user_id != user.id:
                raise Refusal("view_not_found")
        if view is not None:
            yield [Spot(placed, view=view) for placed in view.elements()]

    def _channels(self, user: User) -> list[Channel]:
        return [
            channel
            for channel in self._world.workspace.channels.values()
            if not channel.private or user.id in channel.members
        ]

    def _message_surfaces(
        self, user: User, channels: Iterable[Channel], ts: str | None
    ) -> Iterator[list[Spot]]:
        candidates = [
            *((channel, message, False) for channel in channels for message in channel.timeline),
            *(
                (channel, message, True)
                for channel in channels
                for message in self._world.ephemerals.seen_by(user.id, channel.id)
            ),
        ]
        if ts is not None:
            candidates = [candidate for candidate in candidates if candidate[1].ts == ts]
            if not candidates:
                raise Refusal("message_not_found")
        for channel, message, ephemeral in sorted(candidates, key=_newest_first):
            yield [
                Spot(placed, channel=channel, message=message, ephemeral=ephemeral)
                for placed in placed_in_message(message.fields)
            ]

    def _explain(self, user: User, wanted: Wanted) -> str:
        there: dict[str, None] = {}
        for spots in self._surfaces(user, wanted):
            there.update(dict.fromkeys(_name(spot.placed) for spot in spots))
            if len(there) >= _MOST_LISTED:
                break
        listed = ", ".join(list(there)[:_MOST_LISTED]) or "nothing that can be used"
        return f"{user.name} sees no {wanted.element} there, but: {listed}"


def _newest_first(candidate: tuple[Channel, Message, bool]) -> float:
    return -float(candidate[1].ts)


def _pick(spots: Iterable[Spot], wanted: Wanted) -> Spot | None:
    inside = [spot for spot in spots if wanted.block_id in (None, spot.placed.block_id)]
    for spot in inside:
        if wanted.element == spot.placed.action_id:
            return spot
    meant = wanted.element.casefold()
    return next((spot for spot in inside if meant in _readable(spot.placed)), None)


def _readable(placed: Placed) -> set[str]:
    """Return what a person may call an element."""
    names = {placed.label, text_of(placed.element.get("text"))}
    for part in ("positive_button", "negative_button"):
        button = placed.element.get(part)
        if isinstance(button, dict):
            names.add(text_of(button.get("text")))
    return {name.casefold() for name in names if name}


def _name(placed: Placed) -> str:
    return f"{placed.action_id} ({placed.label})" if placed.label else placed.action_id
