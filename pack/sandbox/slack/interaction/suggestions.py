"""Menus whose options the app gives while a person types (``block_suggestion``)."""

from __future__ import annotations

from typing import Any

from pack.sandbox.slack.interaction.choosing import EXTERNAL, CannotChoose
from pack.sandbox.slack.interaction.elements import text_of
from pack.sandbox.slack.interaction.finding import Spot
from pack.sandbox.slack.interaction.outcomes import Outcome
from pack.sandbox.slack.interaction.parts import Parts
from pack.sandbox.slack.world.objects import User

Json = Any
Option = dict[str, Json]

_MOST_OPTIONS = 100
_OPTION_TEXT = 75
_OPTION_VALUE = 150
_USUAL_QUERY = 3


class Suggestions:
    """Asks the app for options and remembers what it offered to whom."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._offered: dict[tuple[str, str, str, str], list[Option]] = {}

    async def ask(self, user: User, spot: Spot, typed: str) -> Outcome:
        """Have a person type into a menu; the outcome carries the options that the app gives.

        Raises:
            CannotChoose: the element is no menu of that kind.
        """
        placed = spot.placed
        if placed.kind not in EXTERNAL:
            raise CannotChoose(f"{placed.action_id} is no menu whose options the app gives")
        least = placed.element.get("min_query_length")
        least = least if isinstance(least, int) else _USUAL_QUERY
        if len(typed) < least:
            reason = f"the menu asks the app from {least} characters on"
            return Outcome(False, "query_too_short", reason, sent=False)
        payload = self._payload(user, spot, typed)
        answer = await self._parts.outlet.ask("interactive", payload, url_kind="options")
        if not answer.accepted:
            return Outcome(False, answer.reason, f"no options can be shown ({answer.reason})")
        options, fault = read_options(answer.body)
        if fault:
            message = f"no options can be shown: {fault}"
            return Outcome(False, "invalid_response", message, answer=answer.body)
        key = self._key(user, spot)
        known = {option["value"]: option for option in [*self._offered.get(key, ()), *options]}
        self._offered[key] = list(known.values())
        return Outcome(True, answer=answer.body, options=options)

    async def offered(self, user: User, spot: Spot, given: Json) -> list[Option]:
        """Return the options that a person may choose from; what was not offered yet is typed first."""
        if spot.placed.kind not in EXTERNAL or given is None:
            return []
        key = self._key(user, spot)
        for wanted in given if isinstance(given, list) else [given]:
            text = str(wanted.get("value")) if isinstance(wanted, dict) else str(wanted)
            known = self._offered.get(key, [])
            if not any(text in (option["value"], text_of(option["text"])) for option in known):
                await self.ask(user, spot, text)
        return self._offered.get(key, [])

    def reset(self) -> None:
        """Forget what was offered."""
        self._offered.clear()

    def _payload(self, user: User, spot: Spot, typed: str) -> dict[str, Json]:
        parts, placed = self._parts, spot.placed
        payload = parts.payloads.head("block_suggestion", user)
        payload |= {"action_id": placed.action_id, "block_id": placed.block_id, "value": typed}
        if spot.view is not None:
            payload["container"] = {"type": "view", "view_id": spot.view.id}
            payload["view"] = parts.views.as_json(spot.view)
            return payload
        assert spot.message is not None
        assert spot.channel is not None
        payload["container"] = parts.payloads.message_container(
            spot.message, ephemeral=spot.ephemeral, attachment=placed.attachment_id
        )
        payload["channel"] = parts.payloads.channel(spot.channel)
        if not spot.ephemeral:
            payload["message"] = spot.message.as_json(metadata=True)
        return payload

    @staticmethod
    def _key(user: User, spot: Spot) -> tuple[str, str, str, str]:
        place = spot.view.id if spot.view else f"{spot.message.channel}/{spot.message.ts}"  # type: ignore[union-attr]
        return user.id, place, spot.placed.block_id, spot.placed.action_id


def read_options(body: Json) -> tuple[list[Option], str]:
    """Return the options of an answer, those of its groups one after another, and what is wrong with it."""
    if not isinstance(body, dict) or ("options" in body) == ("option_groups" in body):
        return [], "the answer needs options or option_groups"
    if "options" in body:
        return _read_several(body["options"], "options")
    groups = body["option_groups"]
    if not isinstance(groups, list) or len(groups) > _MOST_OPTIONS:
        return [], f"option_groups has to be a list of no more than {_MOST_OPTIONS}"
    options: list[Option] = []
    for number, group in enumerate(groups):
        if not isinstance(group, dict) or not _is_plain(group.get("label")):
            return [], f"option_groups/{number} needs a label of type plain_text"
        if group.get("options") == []:
            return [], f"option_groups/{number} needs options"
        found, fault = _read_several(group.get("options"), f"option_groups/{number}/options")
        if fault:
            return [], fault
        options.extend(found)
    return options, ""


def _read_several(value: Json, place: str) -> tuple[list[Option], str]:
    if not isinstance(value, list) or len(value) > _MOST_OPTIONS:
        return [], f"{place} has to be a list of no more than {_MOST_OPTIONS}"
    for number, option in enumerate(value):
        if not isinstance(option, dict) or not _is_plain(option.get("text")):
            return (
                [],
                f"{place}/{number} needs a text of type plain_text, of at most {_OPTION_TEXT} characters",
            )
        if option.get("description") is not None and not _is_plain(option["description"]):
            return [], f"{place}/{number} has a description that is no plain_text, or too long"
        chosen = option.get("value")
        if not isinstance(chosen, str) or len(chosen) > _OPTION_VALUE:
            return [], f"{place}/{number} needs a value of at most {_OPTION_VALUE} characters"
    return [_finished(option) for option in value], ""


def _is_plain(text: Json) -> bool:
    """Say whether something is a text object that a menu can show: no bare text, and no mrkdwn."""
    plain = isinstance(text, dict) and text.get("type") == "plain_text"
    return plain and 0 < len(text_of(text)) <= _OPTION_TEXT


def _finished(option: Option) -> Option:
    """Return an option as Slack gives it back when it is chosen: texts say whether they show emoji."""
    return {
        name: {"emoji": True, **part} if isinstance(part, dict) and part.get("type") == "plain_text" else part
        for name, part in option.items()
    }
