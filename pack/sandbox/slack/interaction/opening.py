"""What the app does with views: opens, pushes, updates and publishes them (``views.*``)."""

from __future__ import annotations

from typing import Any

from pack.sandbox.slack.interaction.elements import key_of
from pack.sandbox.slack.interaction.parts import Parts
from pack.sandbox.slack.interaction.views import View
from pack.sandbox.slack.kit.views import read_view
from pack.sandbox.slack.refusal import Refusal

Json = Any


class Opener:
    """Carries out what the app asks for; every answer is the view object."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def open(self, trigger_id: str, view: Json) -> dict[str, Json]:
        """Open a modal for the person behind a trigger.

        Raises:
            Refusal: what is wrong with the view or the trigger; ``duplicate_external_id``.
        """
        document = read_view(view, ("modal",), self._parts.world.app_shows)
        trigger = self._parts.triggers.look_at(trigger_id)
        opened = self._parts.views.open(trigger.user_id, document)
        trigger.used = True
        _enter_conversation(opened, trigger.channel_id)
        return self._show(opened, "opened")

    def push(self, trigger_id: str, view: Json) -> dict[str, Json]:
        """Put a modal on top of the one in which the trigger came about.

        Raises:
            Refusal: as :meth:`open`; ``not_found``: the trigger is of no open modal; ``push_limit_reached``.
        """
        document = read_view(view, ("modal",), self._parts.world.app_shows)
        trigger = self._parts.triggers.look_at(trigger_id)
        pushed = self._parts.views.push(trigger.user_id, trigger.view_id, document)
        trigger.used = True
        return self._show(pushed, "pushed")

    def update(self, view: Json, *, view_id: str, external_id: str, hash_given: str) -> dict[str, Json]:
        """Change an open modal or a home tab.

        Raises:
            Refusal: what is wrong with the view; ``not_found``; ``hash_conflict``;
                ``duplicate_external_id``.
        """
        views = self._parts.views
        document = read_view(view, ("modal", "home"), self._parts.world.app_shows)
        found = views.find(view_id) if view_id else views.find_external(external_id)
        if found is None:
            raise Refusal("not_found")
        if found.kind != document["type"]:
            fault = f"a view of type {found.kind} stays one [json-pointer:/view/type]"
            raise Refusal("invalid_arguments", messages=[f"[ERROR] {fault}"])
        self._parts.show_view(views.update(found, document, hash_given), "updated")
        return views.as_json(found)

    def publish(self, user_id: str, view: Json, hash_given: str) -> dict[str, Json]:
        """Set a person's home tab.

        Raises:
            Refusal: what is wrong with the view; ``hash_conflict``; ``duplicate_external_id``.
        """
        document = read_view(view, ("home",), self._parts.world.app_shows)
        return self._show(self._parts.views.publish(user_id, document, hash_given), "published")

    def _show(self, view: View, change: str) -> dict[str, Json]:
        """Show a new view; its answer tells of no state, whatever the elements hold at first."""
        self._parts.show_view(view, change)
        return {**self._parts.views.as_json(view), "state": {"values": {}}}


def _enter_conversation(view: View, channel_id: str) -> None:
    """Choose the conversation that the person came from, in the menus that ask for it."""
    for placed in view.elements() if channel_id else ():
        if placed.element.get("default_to_current_conversation") is True:
            held = view.values[placed.block_id][placed.action_id]
            several = placed.kind.startswith("multi_")
            held[key_of(held)] = [channel_id] if several else channel_id
