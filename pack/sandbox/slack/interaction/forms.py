"""Modals are filled in, sent and closed; what the app answers to that acts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pack.sandbox.slack.interaction.actions import Actions
from pack.sandbox.slack.interaction.choosing import CannotChoose
from pack.sandbox.slack.interaction.elements import Placed, key_of
from pack.sandbox.slack.interaction.finding import Spot
from pack.sandbox.slack.interaction.outcomes import TROUBLE, Outcome
from pack.sandbox.slack.interaction.parts import Parts
from pack.sandbox.slack.interaction.views import View
from pack.sandbox.slack.kit.answers import Misfit
from pack.sandbox.slack.kit.views import read_view
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.objects import User

Json = Any

_REQUIRED = "Please complete this required field."


class Forms:
    """What a person does with the modals that are open."""

    def __init__(self, parts: Parts, actions: Actions) -> None:
        self._parts = parts
        self._actions = actions

    async def fill(self, user: User, view: View, values: Mapping[str, Json]) -> dict[str, str]:
        """Enter values without sending the form; return what inputs do not take, by block_id.

        ``values``: by block_id, by action_id, or by the label that a person reads; a block's may also be
        given as ``{action_id: value}``.

        Raises:
            CannotChoose: there is no such input.
        """
        faults: dict[str, str] = {}
        for name, given in values.items():
            for placed, value in _named(view, name, given):
                try:
                    await self._actions.enter(user, Spot(placed, view=view), value)
                except Misfit as misfit:
                    faults[placed.block_id] = str(misfit)
        return faults

    async def submit(self, user: User, view: View, values: Mapping[str, Json]) -> Outcome:
        """Fill in a modal and send it.

        Raises:
            CannotChoose: it cannot be filled in or sent like this; or its button is disabled: until something
                is entered, or while it is being sent.
        """
        if view.sending:
            raise CannotChoose(f"the view “{view.title}” is being sent; its button does nothing meanwhile")
        if view.document.get("submit") is None:
            raise CannotChoose(f"the view “{view.title}” has no submit button")
        if view is not self._parts.views.top(user.id):
            raise CannotChoose(f"the view “{view.title}” is not the topmost of {user.name}")
        view.errors, view.notice = {}, ""
        refused = await self.fill(user, view, values)
        faults = {**_missing(view), **refused}
        if faults:
            view.errors = faults
            self._parts.screens.show(user.id, {"kind": "errors", "view_id": view.id, "errors": faults})
            return Outcome(False, "invalid_input", "the form is not complete", faults, sent=False)
        if view.document.get("submit_disabled") and view.is_untouched():
            raise CannotChoose(
                f"the button of the view “{view.title}” is disabled until something is entered"
            )
        view.sending = True
        try:
            answer = await self._parts.outlet.ask(
                "interactive", self._submission(user, view), url_kind="interactivity"
            )
        finally:
            view.sending = False
        if view not in self._parts.views.stack(user.id):
            # The person closed it meanwhile: there is nothing left for the answer to change.
            return Outcome.of(answer, TROUBLE)
        if not answer.accepted:
            return self._trouble(user, view, answer.reason, None)
        return self._take(user, view, answer.body)

    async def close(self, user: User, view: View, *, everything: bool = False) -> Outcome:
        """Close a modal by its button, or the whole stack by its cross; the app hears when it asked to."""
        everything = everything or bool(view.document.get("clear_on_close"))
        closed = self._parts.views.close(view, everything=everything)
        outcome = Outcome(True, sent=False)
        for one in closed:
            self._show(one, "closed")
            if not one.document.get("notify_on_close"):
                continue
            payload = self._parts.payloads.head("view_closed", user)
            payload |= {"view": self._parts.views.as_json(one), "is_cleared": everything}
            answer = await self._parts.outlet.ask("interactive", payload, url_kind="interactivity")
            outcome = Outcome.of(answer, f"the app was not told ({answer.reason})")
        return outcome

    def _submission(self, user: User, view: View) -> dict[str, Json]:
        parts = self._parts
        payload = parts.payloads.head("view_submission", user)
        payload["trigger_id"] = parts.triggers.issue(user.id, view_id=view.id)
        payload["view"] = parts.views.as_json(view)
        payload["response_urls"] = [
            {
                "block_id": placed.block_id,
                "action_id": placed.action_id,
                "channel_id": channel_id,
                "response_url": parts.response_urls.issue("app", channel_id, user.id),
            }
            for placed, channel_id in _destinations(view)
        ]
        return payload

    def _take(self, user: User, view: View, body: Json) -> Outcome:
        """Do what the acknowledgement asks for; an empty one closes the view."""
        if body is None or body in ("", {}):
            self._parts.views.close(view)
            self._show(view, "closed")
            return Outcome(True, answer=body)
        act = body.get("response_action") if isinstance(body, dict) else None
        try:
            if act == "clear":
                for one in self._parts.views.close(view, everything=True):
                    self._show(one, "closed")
            elif act == "errors":
                return self._take_errors(user, view, body)
            elif act == "update":
                self._parts.views.update(view, self._read(body))
                self._show(view, "updated")
            elif act == "push":
                self._show(self._parts.views.push(user.id, view.id, self._read(body)), "pushed")
            else:
                return self._trouble(user, view, "invalid_response", body)
        except Refusal as refusal:
            return self._trouble(user, view, "invalid_response", body, refusal)
        return Outcome(True, answer=body)

    def _read(self, body: Mapping[str, Json]) -> dict[str, Json]:
        return read_view(body.get("view"), ("modal",), self._parts.world.app_shows)

    def _take_errors(self, user: User, view: View, body: dict[str, Json]) -> Outcome:
        errors = body.get("errors")
        inputs = {placed.block_id for placed in view.elements() if placed.is_input}
        if not isinstance(errors, dict) or not errors or not errors.keys() <= inputs:
            return self._trouble(user, view, "invalid_response", body)
        if not all(isinstance(text, str) and text for text in errors.values()):
            return self._trouble(user, view, "invalid_response", body)
        view.errors = dict(errors)
        self._parts.screens.show(user.id, {"kind": "errors", "view_id": view.id, "errors": errors})
        return Outcome(False, "errors", "the app refused the form", dict(errors), answer=body)

    def _trouble(
        self, user: User, view: View, reason: str, body: Json, refusal: Refusal | None = None
    ) -> Outcome:
        view.notice = TROUBLE
        why = "; ".join(refusal.messages) or refusal.code if refusal else ""
        self._parts.fail(user, TROUBLE)
        return Outcome(False, reason, f"{TROUBLE} ({why})" if why else TROUBLE, answer=body)

    def _show(self, view: View, change: str) -> None:
        self._parts.show_view(view, change)


def _missing(view: View) -> dict[str, str]:
    """Return the inputs that have to be filled in and are not, by block_id."""
    missing: dict[str, str] = {}
    for placed in view.elements():
        held = view.values.get(placed.block_id, {}).get(placed.action_id)
        required = placed.is_input and placed.block.get("optional") is not True
        if required and held is not None and held[key_of(held)] in (None, "", []):
            missing[placed.block_id] = _REQUIRED
    return missing


def _named(view: View, name: str, given: Json) -> list[tuple[Placed, Json]]:
    """Return the elements that a name means, each with its value."""
    usable = [one for one in view.elements() if one.action_id in view.values.get(one.block_id, {})]
    block = [placed for placed in usable if placed.block_id == name]
    if block and isinstance(given, dict) and given.keys() <= {placed.action_id for placed in block}:
        return [(placed, given[placed.action_id]) for placed in block if placed.action_id in given]
    meant = [
        *block,
        *(placed for placed in usable if placed.action_id == name),
        *(placed for placed in usable if placed.label and placed.label.casefold() == name.casefold()),
    ]
    if meant:
        return [(meant[0], given)]
    there = ", ".join(f"{placed.block_id} ({placed.label or placed.action_id})" for placed in usable)
    raise CannotChoose(f"the view has no input {name}; there are: {there or 'none'}")


def _destinations(view: View) -> list[tuple[Placed, str]]:
    """Return the inputs that ask for a response_url, each with the conversation that is chosen in it."""
    found = []
    for placed in view.elements():
        if placed.is_input and placed.element.get("response_url_enabled") is True:
            state = view.values.get(placed.block_id, {}).get(placed.action_id, {})
            chosen = state.get("selected_conversation") or state.get("selected_channel")
            if chosen:
                found.append((placed, str(chosen)))
    return found
