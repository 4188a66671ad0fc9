"""What a person enters or chooses in an element, by the names that a person reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pack.errors import PackError
from pack.sandbox.slack.interaction.elements import Placed, text_of
from pack.sandbox.slack.kit.answers import Misfit
from pack.sandbox.slack.kit.rules import options_of
from pack.sandbox.slack.kit.states import element_state
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.workspace import Workspace

Json = Any
Option = dict[str, Json]

EXTERNAL = frozenset({"external_select", "multi_external_select"})
"""The menus whose options the app gives."""
_USERS = frozenset({"users_select", "multi_users_select"})
_CHANNELS = frozenset(
    {"channels_select", "multi_channels_select", "conversations_select", "multi_conversations_select"}
)


class CannotChoose(PackError):
    """A person could not do this in Slack; the message says what there is to choose."""


def held_after(
    placed: Placed, given: Json, offered: Sequence[Option], workspace: Workspace
) -> dict[str, Json]:
    """Return the state of an element after a person entered ``given``; empty for what has no state.

    Options are named by value or text, users and channels by ID or name, several by a list; None empties.
    ``offered``: the options of a menu whose options the app gives.

    Raises:
        Misfit: the element does not take it.
    """
    if given is None or given == "":
        return element_state(placed.element, None)
    if placed.kind in _USERS:
        given = _each(given, lambda one: _user(one, workspace))
    elif placed.kind in _CHANNELS:
        given = _each(given, lambda one: _channel(one, workspace))
    elif placed.kind in EXTERNAL:
        given = _each(given, lambda one: find_option(placed, one, offered))
    elif placed.kind == "datetimepicker" or placed.kind.endswith("_input"):
        given = str(given) if isinstance(given, int) and not isinstance(given, bool) else given
    return element_state(placed.element, given)


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


def _user(given: Json, workspace: Workspace) -> str:
    try:
        return workspace.user(str(given)).id
    except Refusal as refusal:
        raise Misfit(f"There is no user {given}.") from refusal


def _channel(given: Json, workspace: Workspace) -> str:
    try:
        return workspace.channel(str(given)).id
    except Refusal as refusal:
        raise Misfit(f"There is no channel {given}.") from refusal
