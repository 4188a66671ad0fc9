"""What every kind of interaction is made with."""

from __future__ import annotations

from dataclasses import dataclass

from pack.sandbox.slack.delivery.outlet import Outlet
from pack.sandbox.slack.interaction.payloads import Payloads
from pack.sandbox.slack.interaction.responding import Responding
from pack.sandbox.slack.interaction.response_urls import ResponseUrls
from pack.sandbox.slack.interaction.screens import Screens
from pack.sandbox.slack.interaction.triggers import Triggers
from pack.sandbox.slack.interaction.views import View, Views
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.objects import Channel, User
from pack.sandbox.slack.world.world import World


@dataclass(frozen=True, slots=True)
class Parts:
    """The world, the way to the app, and what interactions keep."""

    world: World
    outlet: Outlet
    triggers: Triggers
    response_urls: ResponseUrls
    views: Views
    screens: Screens
    payloads: Payloads
    responding: Responding

    def fail(self, user: User, message: str, channel: Channel | None = None) -> None:
        """Show a person that something came to nothing."""
        self.screens.show(
            user.id, {"kind": "error", "text": message}, channel_id=channel.id if channel else ""
        )

    def show_view(self, view: View, change: str) -> None:
        """Note that a view was ``opened``, ``pushed``, ``updated`` or ``closed`` before its person."""
        shown = {
            "kind": "home" if view.kind == "home" else "view",
            "change": change,
            "view_id": view.id,
            "title": view.title,
            "callback_id": view.document.get("callback_id") or "",
        }
        self.screens.show(view.user_id, shown)

    def check_sees(self, user: User, channel: Channel) -> None:
        """Refuse what a person does in a channel that is not before that person.

        Raises:
            Refusal: ``not_in_channel``: it is not public, and the person is no member.
        """
        if channel.private and user.id not in channel.members:
            raise Refusal("not_in_channel")
