"""What people do with the app's surfaces, and what the app's answers cause."""

from __future__ import annotations

from typing import Any

from pack.sandbox.slack.delivery.outlet import Outlet
from pack.sandbox.slack.interaction.actions import Actions
from pack.sandbox.slack.interaction.commands import Commands
from pack.sandbox.slack.interaction.finding import Finding
from pack.sandbox.slack.interaction.forms import Forms
from pack.sandbox.slack.interaction.opening import Opener
from pack.sandbox.slack.interaction.parts import Parts
from pack.sandbox.slack.interaction.payloads import Payloads
from pack.sandbox.slack.interaction.responding import Responding
from pack.sandbox.slack.interaction.response_urls import ResponseUrls
from pack.sandbox.slack.interaction.screens import Screens
from pack.sandbox.slack.interaction.shortcuts import Shortcuts
from pack.sandbox.slack.interaction.suggestions import Suggestions
from pack.sandbox.slack.interaction.triggers import Triggers
from pack.sandbox.slack.interaction.views import Views
from pack.sandbox.slack.world.world import World

Json = Any


class Interactions:
    """Slash commands, elements, modals, home tabs, shortcuts and menus.

    What persons do: ``commands``, ``actions`` (with ``finding``), ``forms``, ``shortcuts``,
    ``suggestions``. What the app does: ``opener`` (the ``views.*`` methods) and ``responding`` (what it
    posts to ``response_urls``). What there is to see: ``views`` and ``screens``.
    """

    def __init__(self, world: World, outlet: Outlet) -> None:
        self.views = Views(world.workspace)
        self.screens = Screens(world.workspace, world.ephemerals, world.clock)
        self.triggers = Triggers(world.app, world.clock)
        self.response_urls = ResponseUrls(world.app, world.clock)
        self.responding = Responding(world)
        parts = Parts(
            world,
            outlet,
            self.triggers,
            self.response_urls,
            self.views,
            self.screens,
            Payloads(world.workspace),
            self.responding,
        )
        self.suggestions = Suggestions(parts)
        self.actions = Actions(parts, self.suggestions)
        self.forms = Forms(parts, self.actions)
        self.commands = Commands(parts)
        self.shortcuts = Shortcuts(parts)
        self.finding = Finding(world, self.views)
        self.opener = Opener(parts)

    def home_view(self, user_id: str) -> dict[str, Json] | None:
        """Return the view that the app published for a person's home tab; None: none yet."""
        view = self.views.home(user_id)
        return None if view is None else self.views.as_json(view)

    def reset(self) -> None:
        """Forget triggers, addresses, views, and what was entered, offered and shown."""
        for part in (
            self.triggers,
            self.response_urls,
            self.views,
            self.actions,
            self.suggestions,
            self.screens,
        ):
            part.reset()
