"""The state of a view: what its elements hold at first, and what a person's input makes of it.

Shapes of values per element: docs.slack.dev/reference/interaction-payloads/view-interactions-payload.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pack.errors import PackError
from pack.sandbox.slack.kit.answers import Misfit, read_answer
from pack.sandbox.slack.kit.walking import interactives

Json = Any
State = dict[str, dict[str, dict[str, dict[str, Json]]]]
"""``{"values": {block_id: {action_id: {"type": …, …}}}}``"""


class _Holding(NamedTuple):
    """Where an element's state has its value, where the element has the first one, and what is no value."""

    value: str
    initial: str
    nothing: Json = None


_HOLDINGS: Mapping[str, _Holding] = {
    "plain_text_input": _Holding("value", "initial_value"),
    "email_text_input": _Holding("value", "initial_value"),
    "url_text_input": _Holding("value", "initial_value"),
    "number_input": _Holding("value", "initial_value"),
    "rich_text_input": _Holding("rich_text_value", "initial_value"),
    "file_input": _Holding("files", "", ()),
    "checkboxes": _Holding("selected_options", "initial_options", ()),
    "radio_buttons": _Holding("selected_option", "initial_option"),
    "datepicker": _Holding("selected_date", "initial_date"),
    "timepicker": _Holding("selected_time", "initial_time"),
    "datetimepicker": _Holding("selected_date_time", "initial_date_time"),
    "static_select": _Holding("selected_option", "initial_option"),
    "external_select": _Holding("selected_option", "initial_option"),
    "users_select": _Holding("selected_user", "initial_user"),
    "conversations_select": _Holding("selected_conversation", "initial_conversation"),
    "channels_select": _Holding("selected_channel", "initial_channel"),
    "multi_static_select": _Holding("selected_options", "initial_options", ()),
    "multi_external_select": _Holding("selected_options", "initial_options", ()),
    "multi_users_select": _Holding("selected_users", "initial_users", ()),
    "multi_conversations_select": _Holding("selected_conversations", "initial_conversations", ()),
    "multi_channels_select": _Holding("selected_channels", "initial_channels", ()),
}

_MISSING = "Please complete this required field."


class NotFilledIn(PackError):
    """An input that Slack's client would not let pass: a sentence per ``block_id`` in ``errors``."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        listed = "; ".join(f"{block_id}: {sentence}" for block_id, sentence in errors.items())
        super().__init__(f"the view cannot be submitted like this: {listed}")
        self.errors = dict(errors)


def initial_state(view: Mapping[str, Json]) -> State:
    """Return what the elements of a view that was read hold before anybody touches them."""
    state: State = {"values": {}}
    for block, element in interactives(view["blocks"]):
        if held := _held_at_first(element):
            state["values"].setdefault(block["block_id"], {})[element["action_id"]] = held
    return state


def element_state(element: Mapping[str, Json], answer: Json) -> dict[str, Json]:
    """Return an element's state after a person's answer (None: emptied); ``{}`` for what holds nothing.

    Raises:
        Misfit: the element does not take this; the text is for the person.
    """
    holding = _HOLDINGS.get(element["type"])
    if holding is None:
        return {}
    held: dict[str, Json] = {"type": element["type"]}
    if timezone := element.get("timezone"):
        held["timezone"] = timezone
    value = None if answer is None else read_answer(element, answer)
    held[holding.value] = _empty(holding) if value is None else value
    return held


def fill(view: Mapping[str, Json], answers: Mapping[str, Json]) -> State:
    """Return the state of a view that was read after a person's input.

    ``answers`` has plain values by ``action_id``, by ``block_id`` (the block's one element), or by both as
    ``{block_id: {action_id: value}}``; None empties an element. Texts, numbers, dates, ids and the values
    or texts of options are taken as they are, lists of them where several can be selected. What is not
    answered keeps its initial value.

    Raises:
        NotFilledIn: required inputs without a value, and what the elements do not take, by ``block_id``.
        ValueError: an answer to nothing in the view.
    """
    state = initial_state(view)
    blocks = {block["block_id"]: block for block, _ in interactives(view["blocks"])}
    errors: dict[str, str] = {}
    for block_id, element, answer in _addressed(view, answers):
        try:
            held = element_state(element, answer)
        except Misfit as misfit:
            errors[block_id] = str(misfit)
        else:
            if held:
                state["values"][block_id][element["action_id"]] = held
    for block_id, held_there in state["values"].items():
        block = blocks[block_id]
        if block["type"] == "input" and not block.get("optional", False) and _is_empty(held_there):
            errors.setdefault(block_id, _MISSING)
    if errors:
        raise NotFilledIn(errors)
    return state


def _held_at_first(element: Mapping[str, Json]) -> dict[str, Json]:
    holding = _HOLDINGS.get(element["type"])
    if holding is None:
        return {}
    held: dict[str, Json] = {"type": element["type"]}
    if timezone := element.get("timezone"):
        held["timezone"] = timezone
    held[holding.value] = element.get(holding.initial, _empty(holding))
    return held


def _empty(holding: _Holding) -> Json:
    return [] if holding.nothing == () else None


def _is_empty(held_there: Mapping[str, Mapping[str, Json]]) -> bool:
    return all(held[_HOLDINGS[held["type"]].value] in (None, "", []) for held in held_there.values())


def _addressed(
    view: Mapping[str, Json], answers: Mapping[str, Json]
) -> Iterator[tuple[str, Mapping[str, Json], Json]]:
    """Yield for each answer its block's id and its element."""
    by_block: dict[str, dict[str, Mapping[str, Json]]] = {}
    for block, element in interactives(view["blocks"]):
        by_block.setdefault(block["block_id"], {})[element["action_id"]] = element
    for name, answer in answers.items():
        within = by_block.get(name)
        if within is not None and isinstance(answer, dict) and answer and answer.keys() <= within.keys():
            yield from ((name, within[action_id], inner) for action_id, inner in answer.items())
        elif within is not None and len(within) == 1:
            yield name, next(iter(within.values())), answer
        else:
            found = [(block_id, held[name]) for block_id, held in by_block.items() if name in held]
            if len(found) != 1:
                known = ", ".join(sorted({*by_block, *(one for held in by_block.values() for one in held)}))
                raise ValueError(
                    f"{name!r} names {len(found) or 'no'} elements of the view; there are: {known or 'none'}"
                )
            yield *found[0], answer
