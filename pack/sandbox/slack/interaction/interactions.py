"""What people do with the app's surfaces, and what the app's answers cause."""

from __future__ import annotations

from pack.sandbox.slack.delivery.outlet import Outlet
from pack.sandbox.slack.world.world import World


class Interactions:
    """Slash commands, buttons, modals, shortcuts and menus, from the person's side."""

    def __init__(self, world: World, outlet: Outlet) -> None:
        self._world = world
        self._outlet = outlet

    def reset(self) -> None:
        """Forget triggers, addresses and views."""
