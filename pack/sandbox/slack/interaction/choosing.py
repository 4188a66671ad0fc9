"""What a person enters or chooses in an element, by the names that a person reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from pack.errors import PackError
from pack.sandbox.slack.interaction.elements import Placed, text_of
from pack.sandbox.slack.kit.answers import Misfit
from pack.sandbox.slack.kit.rules import options_of
from pack.sandbox.slack.kit.states import element_state
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.objects import Channel, Kind, User
from pack.sandbox.slack.world.workspace import Workspace

Json = Any
Option = dict[str, Json]

EXTERNAL = frozenset({"external_select", "multi_external_select"})
"""The menus whose options the app gives."""
_USERS = frozenset({"users_select", "multi_users_select"})
_CHANNELS = frozenset({"channels_select", "multi_channels_select"})
_CONVERSATIONS = frozenset({"conversations_select", "multi_conversations_select"})
_FILTERED = MappingProxyType(
    {Kind.PUBLIC: "public", Kind.PRIVATE: "private", Kind.DIRECT: "im", Kind.GROUP_DIRECT: "mpim"}
)
"""What a menu's ``filter`` calls the kinds of conversations."""


class CannotChoose(PackError):
    """A person could not do this in Slack; the message says what there is to choose."""


class Chooser(NamedTuple):
    """Who chooses, and where."""

    user: User
    workspace: Workspace


def held_after(placed: Placed, given: Json, offered: Sequence[Option], chooser: Chooser) -> dict[str, Json]:
    """Return the state of an element after a person entered ``given``; empty for what has no state.

    Options are named by value or text, users and channels by ID or name, several by a list; None empties.
    A menu has the conversations that the person can see and its ``filter`` leaves; those of channels have
    public ones alone. ``offered``: the options of a menu whose options the app gives.

    Raises:
        Misfit: the element does not take it.
    """
    if given is None or given == "":
        return element_state(placed.element, None)
    if placed.kind in _USERS:
        given = _each(given, lambda one: _user(one, chooser.workspace))
    elif placed.kind in _CHANNELS | _CONVERSATIONS:
        given = _each(given, lambda one: _conversation(placed, one, chooser))
    elif placed.kind in EXTERNAL:
        given = _each(given, lambda one: find_option(placed, one, offered))
    elif placed.kind == "datetimepicker" or placed.kind.endswith("_input"):
        given = str(given) if isinstance(given, int) and not isinstance(given, bool) else given
    held = element_state(placed.element, given)
    _refuse_twice(held)
    return held


def find_option(placed: Placed, given: Json, offered: Sequence[Option] = ()) -> Option:
    """Return the option with that value or text, of the element's own and those that were offered.

    Raises:
        Misfit: there is none; the message names those that there are.
    """
    wanted = given.get("value") if isinstance(given, dict) else given
    options = [*(options_of(placed.element) or ()), *offered]
    for option in options:
        if str(wanted) in (option.get("value"), text_of(option.get("text"))):
            return dict(option)
    there = ", ".join(f"{option.get('value')} ({text_of(option.get('text'))})" for option in options)
    raise Misfit(f"There is no option {wanted}; there are: {there or 'none'}.")


def _each(given: Json, read: Callable[[Json], Json]) -> Json:
    return [read(one) for one in given] if isinstance(given, list) else read(given)


def _refuse_twice(held: Mapping[str, Json]) -> None:
    """Refuse what is chosen twice: choosing it again takes it away, in Slack."""
    for chosen in held.values():
        if isinstance(chosen, list) and any(one in chosen[:place] for place, one in enumerate(chosen)):
            raise Misfit("Nothing can be chosen twice.")


def _user(given: Json, workspace: Workspace) -> str:
    try:
        user = workspace.user(str(given))
    except Refusal as refusal:
        raise Misfit(f"There is no user {given}.") from refusal
    if user.deleted:
        raise Misfit(f"The account of {user.name} is deactivated.")
    return user.id


def _conversation(placed: Placed, given: Json, chooser: Chooser) -> str:
    workspace = chooser.workspace
    try:
        channel = workspace.channel(str(given))
    except Refusal as refusal:
        raise Misfit(f"There is no channel {given}.") from refusal
    if channel.is_archived or not workspace.sees(chooser.user.id, channel):
        raise Misfit(f"The menu does not offer {given}: it is archived, or {chooser.user.name} is not in it.")
    if placed.kind in _CHANNELS and channel.kind is not Kind.PUBLIC:
        raise Misfit(f"The menu does not offer {given}: it has public channels only.")
    if placed.kind in _CONVERSATIONS and not _passes(placed.element.get("filter") or {}, channel, chooser):
        raise Misfit(f"The menu does not offer {given}: its filter leaves it out.")
    return channel.id


def _passes(wanted: Mapping[str, Json], channel: Channel, chooser: Chooser) -> bool:
    """Say whether a menu's filter leaves a conversation in."""
    if "include" in wanted and _FILTERED[channel.kind] not in wanted["include"]:
        return False
    if wanted.get("exclude_external_shared_channels") and channel.connected:
        return False
    if not wanted.get("exclude_bot_users") or channel.kind is not Kind.DIRECT:
        return True
    return not chooser.workspace.user(channel.peer_of(chooser.user.id)).is_bot
