"""The elements of blocks with which people do something: where they stand, and their state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pack.sandbox.slack.kit.escaping import unescape
from pack.sandbox.slack.kit.states import initial_state
from pack.sandbox.slack.kit.walking import interactives

Json = Any
Values = dict[str, dict[str, dict[str, Json]]]
"""``state.values``: by block_id, then action_id."""
_NO_VALUES = frozenset({"type", "timezone"})


@dataclass(frozen=True, slots=True)
class Placed:
    """An element and the block that it stands in."""

    block: Mapping[str, Json]
    element: Mapping[str, Json]
    attachment_id: int | None = None
    """Which attachment of the message the block is in; None: in none."""
    legacy: bool = False
    """Whether it is one of an attachment's own ``actions``, which are no blocks; then that is the block."""

    @property
    def kind(self) -> str:
        """The element's type."""
        return str(self.element.get("type"))

    @property
    def block_id(self) -> str:
        """The block's ID."""
        return str(self.block.get("block_id") or "")

    @property
    def action_id(self) -> str:
        """The element's ID."""
        return str(self.element.get("name" if self.legacy else "action_id") or "")

    @property
    def is_input(self) -> bool:
        """Whether it is the element of an input block."""
        return self.block.get("type") == "input"

    @property
    def label(self) -> str:
        """What a person reads on it: the input's label, the button's text, the menu's placeholder."""
        named = self.block.get("label") if self.is_input else None
        return text_of(named or self.element.get("text") or self.element.get("placeholder"))

    @property
    def tells(self) -> bool:
        """Whether the app is told when it is used: all but inputs without ``dispatch_action``."""
        return not self.is_input or self.block.get("dispatch_action") is True


def text_of(composition: Json) -> str:
    """Return the text of a text object as a person reads it, without escapes; empty when it is none."""
    text = composition.get("text") if isinstance(composition, dict) else composition
    return unescape(text) if isinstance(text, str) else ""


def placed_in(blocks: Sequence[Mapping[str, Json]]) -> Iterator[Placed]:
    """Go through the elements of checked blocks that a person can use, in their order."""
    yield from (Placed(block, element) for block, element in interactives(blocks))


def placed_in_message(message: Mapping[str, Json]) -> Iterator[Placed]:
    """Go through the elements of a message, those of its attachments too."""
    yield from placed_in(message.get("blocks") or ())
    for attachment in message.get("attachments") or ():
        number = attachment.get("id")
        for placed in placed_in(attachment.get("blocks") or ()):
            yield Placed(placed.block, placed.element, number)
        if attachment.get("callback_id"):
            actions = attachment.get("actions")
            for action in actions if isinstance(actions, list) else ():
                if isinstance(action, dict):
                    yield Placed(attachment, action, number, legacy=True)


def initial_values(blocks: Sequence[Mapping[str, Json]]) -> Values:
    """Return the state of blocks that nobody has used yet."""
    return initial_state({"blocks": blocks})["values"]


def kept_values(blocks: Sequence[Mapping[str, Json]], before: Values) -> Values:
    """Return the state of changed blocks: what was entered stays where block, element and type do."""
    values = initial_values(blocks)
    for block_id, actions in values.items():
        for action_id, initial in actions.items():
            entered = before.get(block_id, {}).get(action_id)
            if entered is not None and entered["type"] == initial["type"]:
                actions[action_id] = entered
    return values


def key_of(held: Mapping[str, Json]) -> str:
    """Return the key of the value in an element's state: ``value``, ``selected_option`` and so on."""
    return next(name for name in held if name not in _NO_VALUES)
