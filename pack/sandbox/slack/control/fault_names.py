"""The names in requests for faults: one that nothing has would never strike, and is refused."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches

from pack.sandbox.slack.control.delivery_shapes import OfDeliveries, ShuffleEvents
from pack.sandbox.slack.control.fault_shapes import Answer
from pack.sandbox.slack.delivery.event_types import EVERYTHING
from pack.sandbox.slack.delivery.harms import INTERACTIONS
from pack.sandbox.slack.faults.calls import RESPONSE_URL, UPLOAD
from pack.sandbox.slack.reference.facts import Facts
from pack.sandbox.trouble.requests import Asked
from pack.sandbox.trouble.rules import EVERY

KINDS = EVERYTHING | {"app_rate_limited"} | INTERACTIONS
"""What can be delivered to the app: the types of events, and of interactions."""
_FIELDS = ("fault", "for_seconds", "method", "probability", "retry_after", "status", "times")
"""The fields of ``answer`` that no answer of Slack's has."""
_LIKE = 0.75


def check_names(asked: Asked, facts: Facts) -> None:
    """See that what a fault is about exists.

    Raises:
        ValueError: its method, its kind of delivery, or a field of its answer is misspelt.
    """
    method = getattr(asked, "method", None)
    if method is not None:
        _check_method(method, facts)
    if isinstance(asked, OfDeliveries):
        _check_kind(asked)
    if isinstance(asked, Answer):
        _check_fields(asked)


def _check_method(method: str, facts: Facts) -> None:
    families = {f"{name[: place + 1]}*" for name in facts.methods for place in _dots(name)}
    known = {*facts.methods, *families, UPLOAD, RESPONSE_URL, EVERY}
    if method not in known:
        raise ValueError(
            f"method {method}: neither a method of Slack's, nor a family like chat.*, {UPLOAD}, "
            f"{RESPONSE_URL} or *{_meant(method, known)}"
        )


def _check_kind(asked: OfDeliveries) -> None:
    known = {*KINDS, EVERY}
    if asked.kind not in known:
        general, _, _ = asked.kind.partition(".")
        hint = f"; {general} stands for all kinds of it" if general in known else _meant(asked.kind, known)
        raise ValueError(
            f"kind {asked.kind}: neither a type of event, nor {', '.join(sorted(INTERACTIONS))} or *{hint}"
        )
    if isinstance(asked, ShuffleEvents) and asked.kind in INTERACTIONS:
        raise ValueError(f"kind {asked.kind}: people wait for these one by one, so they have no order")


def _check_fields(asked: Answer) -> None:
    for name in asked.model_extra or {}:
        if meant := _meant(name, _FIELDS):
            raise ValueError(f"{name} is neither a field of the fault nor one of Slack's answers{meant}")


def _dots(name: str) -> list[int]:
    return [place for place, letter in enumerate(name) if letter == "."]


def _meant(name: str, known: Collection[str]) -> str:
    found = get_close_matches(name, known, 1, _LIKE)
    return f"; did you mean {found[0]}?" if found else ""
