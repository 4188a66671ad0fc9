"""Block actions: a person clicks a button, chooses an option, picks a date."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pack.sandbox.slack.interaction.choosing import CannotChoose, Chooser, find_option, held_after
from pack.sandbox.slack.interaction.elements import Placed, Values, kept_values, text_of
from pack.sandbox.slack.interaction.finding import Spot
from pack.sandbox.slack.interaction.legacy import legacy_payload
from pack.sandbox.slack.interaction.outcomes import Outcome
from pack.sandbox.slack.interaction.parts import Parts
from pack.sandbox.slack.interaction.response_urls import Opening
from pack.sandbox.slack.interaction.suggestions import Suggestions
from pack.sandbox.slack.kit.answers import Misfit
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.objects import User
from pack.sandbox.slack.world.timeline import Message

Json = Any

_CARRIED = ("placeholder", "style", "confirm", "text", "value", "icon")
"""What an action repeats of its element, beside the ``initial_…`` fields."""


_BUTTONS = frozenset({"button", "icon_button"})


class Actions:
    """Uses elements, and keeps what each person entered in messages."""

    def __init__(self, parts: Parts, suggestions: Suggestions) -> None:
        self._parts = parts
        self._suggestions = suggestions
        self._entered: dict[tuple[str, str, str], Values] = {}

    async def act(self, user: User, spot: Spot, given: Json = None) -> Outcome:
        """Use an element; ``given``: the option, date, text… that is chosen or entered, None for buttons.

        Raises:
            CannotChoose: there is no such option, or it has the wrong form.
        """
        try:
            if spot.placed.legacy:
                return await self._act_legacy(user, spot, given)
            particulars = await self._use(user, spot, given)
        except Misfit as misfit:
            raise CannotChoose(f"{spot.placed.action_id}: {misfit}") from misfit
        if not spot.placed.tells:
            return Outcome(True, sent=False)
        placed = spot.placed
        carried = {
            name: value
            for name, value in placed.element.items()
            if name in _CARRIED or name.startswith("initial_")
        }
        action = {
            **carried,
            "type": placed.kind,
            "action_id": placed.action_id,
            "block_id": placed.block_id,
            **particulars,
            "action_ts": self._parts.payloads.action_ts(),
        }
        answer = await self._parts.outlet.ask(
            "interactive", self._payload(user, spot, action), url_kind="interactivity"
        )
        message = f"{placed.label or placed.action_id} did not work ({answer.reason})"
        if not answer.accepted:
            self._fail(user, spot, message)
        return Outcome.of(answer, message)

    def state(self, user: User, spot: Spot) -> Values:
        """Return what the person has entered in the view or message of an element."""
        if spot.view is not None:
            return spot.view.values
        assert spot.message is not None
        key = (spot.message.channel, spot.message.ts, user.id)
        # The message may have been changed since.
        self._entered[key] = kept_values(_blocks_of(spot.message), self._entered.get(key, {}))
        return self._entered[key]

    def reset(self) -> None:
        """Forget what was entered."""
        self._entered.clear()

    async def enter(self, user: User, spot: Spot, given: Json) -> dict[str, Json]:
        """Change the state of an element; return the changed field, nothing for elements without a state.

        Raises:
            Misfit: the element does not take this.
        """
        placed = spot.placed
        offered = await self._suggestions.offered(user, spot, given)
        held = held_after(placed, given, offered, Chooser(user, self._parts.world.workspace))
        if not held:
            return {}
        self.state(user, spot).setdefault(placed.block_id, {})[placed.action_id] = held
        return {name: value for name, value in held.items() if name != "type"}

    async def _use(self, user: User, spot: Spot, given: Json) -> dict[str, Json]:
        """Change the state, if there is one, and return the action's own fields."""
        placed = spot.placed
        if placed.kind == "overflow":
            if given is None:
                raise CannotChoose(f"say which option of {placed.action_id} is chosen")
            return {"selected_option": find_option(placed, given, ())}
        if placed.kind == "feedback_buttons":
            return _feedback(placed, given)
        if placed.kind == "workflow_button":
            raise CannotChoose(f"{placed.action_id} starts a workflow; the app is not told of it")
        if placed.kind in _BUTTONS and given is not None:
            raise CannotChoose(f"{placed.action_id} is a button: it is clicked without a value")
        if placed.kind not in _BUTTONS and given is None:
            raise CannotChoose(f"say what is chosen in {placed.action_id} (an empty text: nothing)")
        return await self.enter(user, spot, given)

    def _payload(self, user: User, spot: Spot, action: dict[str, Json]) -> dict[str, Json]:
        parts = self._parts
        payload = parts.payloads.head("block_actions", user)
        if spot.view is not None:
            modal = spot.view.kind == "modal"
            payload["container"] = {"type": "view", "view_id": spot.view.id}
            payload["trigger_id"] = parts.triggers.issue(user.id, view_id=spot.view.id if modal else "")
            payload["view"] = parts.views.as_json(spot.view)
            payload["actions"] = [action]
            return payload
        message, channel = spot.message, spot.channel
        assert message is not None
        assert channel is not None
        payload["container"] = parts.payloads.message_container(
            message, ephemeral=spot.ephemeral, attachment=spot.placed.attachment_id
        )
        payload["trigger_id"] = parts.triggers.issue(user.id, channel_id=channel.id)
        payload["channel"] = parts.payloads.channel(channel)
        if not spot.ephemeral:
            payload["message"] = message.as_json(metadata=True)
        payload["state"] = {"values": self.state(user, spot)}
        payload["response_url"] = self._response_url(user, spot)
        payload["actions"] = [action]
        return payload

    def _response_url(self, user: User, spot: Spot) -> str:
        assert spot.message is not None
        return self._parts.response_urls.issue(
            "actions",
            spot.message.channel,
            user.id,
            message_ts=spot.message.ts,
            replaces=spot.placed.legacy,
        )

    async def _act_legacy(self, user: User, spot: Spot, given: Json) -> Outcome:
        """Use a button or menu of an attachment; the answer's body is a message that replaces it."""
        parts = self._parts
        assert spot.message is not None
        assert spot.channel is not None
        head = parts.payloads.head("interactive_message", user)
        head |= {
            "channel": parts.payloads.channel(spot.channel),
            "action_ts": parts.payloads.action_ts(),
            "trigger_id": parts.triggers.issue(user.id, channel_id=spot.channel.id),
            "response_url": self._response_url(user, spot),
        }
        payload = legacy_payload(head, spot.placed, spot.message, given, ephemeral=spot.ephemeral)
        answer = await parts.outlet.ask("interactive", payload, url_kind="interactivity")
        if not answer.accepted:
            message = f"{spot.placed.action_id} did not work ({answer.reason})"
            self._fail(user, spot, message)
            return Outcome(False, answer.reason, message)
        body = {"text": answer.body} if isinstance(answer.body, str) else answer.body
        if isinstance(body, Mapping) and body:
            opening = Opening("actions", spot.channel.id, user.id, 0.0, spot.message.ts, replaces=True)
            try:
                parts.responding.carry_out(opening, body)
            except Refusal as refusal:
                return Outcome(False, refusal.code, f"the answer cannot be shown: {refusal.code}")
        return Outcome(True, answer=answer.body)

    def _fail(self, user: User, spot: Spot, message: str) -> None:
        if spot.view is not None:
            spot.view.notice = message
        self._parts.fail(user, message, spot.channel)


def _blocks_of(message: Message) -> list[dict[str, Json]]:
    """Return the blocks of a message, those in its attachments too."""
    blocks = list(message.fields.get("blocks") or ())
    for attachment in message.fields.get("attachments") or ():
        blocks.extend(attachment.get("blocks") or ())
    return blocks


def _feedback(placed: Placed, given: Json) -> dict[str, Json]:
    for part in ("positive_button", "negative_button"):
        button = placed.element.get(part)
        if isinstance(button, dict) and given in (button.get("value"), text_of(button.get("text")), part):
            return {"text": button.get("text"), "value": button.get("value")}
    raise CannotChoose(f"say which button of {placed.action_id} is clicked, by its value or text")
