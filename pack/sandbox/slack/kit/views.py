"""Views: modals and home tabs, read and checked by Slack's rules."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pack.sandbox.slack.kit.blocks import parse
from pack.sandbox.slack.kit.catalogue import HOME_BLOCKS, MODAL_BLOCKS
from pack.sandbox.slack.kit.composition import TYPE, plain_text
from pack.sandbox.slack.kit.finishing import finish
from pack.sandbox.slack.kit.pictures import ShowsFile, unknown_files
from pack.sandbox.slack.kit.rules import repeated_ids, unknown_initial_options
from pack.sandbox.slack.kit.shapes import Fault, Flag, Kinds, Record, Words, is_deep, unfit
from pack.sandbox.slack.kit.walking import every_block, interactives
from pack.sandbox.slack.refusal import Refusal

Json = Any

MOST_BYTES = 250_000
_POINTER = "/view"

_NAMES = {"private_metadata": Words(3_000), "callback_id": Words(255), "external_id": Words(255)}
_SHAPES: Mapping[str, Record] = {
    "modal": Record(
        {"type": TYPE, "title": plain_text(24), "blocks": MODAL_BLOCKS},
        {
            **_NAMES,
            "submit": plain_text(24),
            "close": plain_text(24),
            "clear_on_close": Flag(),
            "notify_on_close": Flag(),
            "submit_disabled": Flag(),
        },
    ),
    "home": Record({"type": TYPE, "blocks": HOME_BLOCKS}, _NAMES),
}
_FORGIVEN = ("submit", "close", "callback_id", "external_id", "private_metadata")
"""What clients send as null when there is none."""


def read_view(value: Json, kinds: Sequence[str], shows: ShowsFile) -> dict[str, Json]:
    """Return a view as Slack gives it back: blocks with their ids, and a value for every field.

    ``kinds`` are the types that the method takes: ``modal``, ``home``; ``shows`` says which uploaded files
    the app can show. The keys are ``type``, ``title``
    (modals), ``blocks``, ``private_metadata``, ``callback_id``, ``external_id``, ``submit``, ``close``,
    ``clear_on_close``, ``notify_on_close``, and ``submit_disabled`` when it is true; ids and state are for
    the caller to add.

    Raises:
        Refusal: ``view_too_large`` for more than 250 KB; ``invalid_arguments`` with what is wrong in
            ``response_metadata.messages`` (nicklambourne/slackblocks#36, imryche/blockkit#105).
    """
    try:
        view = parse(value, "invalid_arguments")
    except Refusal as error:
        raise _refusal([unfit(_POINTER), Fault("must provide an object", _POINTER)]) from error
    if isinstance(view, dict):
        view = {name: item for name, item in view.items() if item is not None or name not in _FORGIVEN}
    if not is_deep(view) and len(json.dumps(view)) > MOST_BYTES:
        raise Refusal("view_too_large")
    faults = list(Kinds({kind: _SHAPES[kind] for kind in kinds}).faults(view, _POINTER))
    if faults:
        raise _refusal([unfit(_POINTER), *faults])
    if faults := list(_broken_rules(view)):
        raise _refusal(faults)
    if faults := list(unknown_files(view["blocks"], f"{_POINTER}/blocks", shows)):
        raise _refusal(faults)
    return _finish(view)


def _broken_rules(view: Mapping[str, Json]) -> Iterator[Fault]:
    """Yield what is wrong between the parts of a view whose parts are in order.

    The wording about ``submit``, and its pointer, are from real answers of views.open.
    """
    blocks, pointer = view["blocks"], f"{_POINTER}/blocks"
    if view["type"] == "modal" and "submit" not in view:
        for block, place in every_block(blocks, pointer):
            if block["type"] == "input":
                yield Fault("must define `submit` to use an `input` block in modals", f"{place}/input")
    yield from repeated_ids(blocks, pointer)
    yield from unknown_initial_options(blocks, pointer)
    if sum(bool(element.get("focus_on_load")) for _, element in interactives(blocks)) > 1:
        yield Fault("only one element may have `focus_on_load`", pointer)


def _finish(view: Mapping[str, Json]) -> dict[str, Json]:
    finished: dict[str, Json] = {
        "type": view["type"],
        "blocks": finish(view["blocks"], seed=json.dumps(view["blocks"])),
        "private_metadata": view.get("private_metadata", ""),
        "callback_id": view.get("callback_id", ""),
        "external_id": view.get("external_id", ""),
        "clear_on_close": view.get("clear_on_close", False),
        "notify_on_close": view.get("notify_on_close", False),
    }
    for name in ("title", "submit", "close"):
        if name in view:
            finished[name] = {"emoji": True, **view[name]}
        elif name != "title":
            finished[name] = None
    if view.get("submit_disabled"):
        finished["submit_disabled"] = True
    return finished


def _refusal(faults: Sequence[Fault]) -> Refusal:
    return Refusal("invalid_arguments", messages=[f"[ERROR] {fault}" for fault in faults])
