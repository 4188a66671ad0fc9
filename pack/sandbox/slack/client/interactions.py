"""People use the app: commands, buttons, menus, modals, shortcuts, its home."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pack.sandbox.slack.client.calling import Calling
from pack.sandbox.slack.client.results import Outcome, made

Json = Any


class Interactions(Calling):
    """``user``: a name or an ID; None: the first person, ada.

    ``wait``: for how many of Slack's seconds to wait at most, once the app has taken it, until the person
    sees something of it, and nothing more for a short while.
    """

    async def slash(
        self,
        channel: str,
        command: str,
        text: str = "",
        *,
        thread_ts: str | None = None,
        user: str | None = None,
        wait: float = 0.0,
    ) -> Outcome:
        """Type a slash command; any command goes to the app, but none in a thread."""
        fields = {"channel": channel, "command": command, "text": text, "thread_ts": thread_ts}
        return await self._use("slash", {**fields, "user": user, "wait": wait})

    async def click(
        self,
        element: str,
        value: Json = None,
        *,
        block_id: str | None = None,
        channel: str | None = None,
        ts: str | None = None,
        view_id: str | None = None,
        home: bool = False,
        user: str | None = None,
        wait: float = 0.0,
    ) -> Outcome:
        """Use an element, by its action_id or by what is read on it: a button's text, an input's label.

        ``value``: the option's value or text, the date, the text… (a list for several). Where: ``channel``
        and ``ts``; ``channel``: its latest message with such an element; ``view_id``; ``home``: the home tab;
        none of them: the topmost modal, then the latest message that the person sees.
        """
        where = {"block_id": block_id, "channel": channel, "ts": ts, "view_id": view_id, "home": home}
        return await self._use(
            "click", {"element": element, "value": value, **where, "user": user, "wait": wait}
        )

    async def options(
        self,
        element: str,
        typed: str = "",
        *,
        block_id: str | None = None,
        channel: str | None = None,
        ts: str | None = None,
        view_id: str | None = None,
        home: bool = False,
        user: str | None = None,
        wait: float = 0.0,
    ) -> Outcome:
        """Type into a menu whose options the app gives; they are the outcome's ``options``."""
        where = {"block_id": block_id, "channel": channel, "ts": ts, "view_id": view_id, "home": home}
        return await self._use(
            "options", {"element": element, "typed": typed, **where, "user": user, "wait": wait}
        )

    async def submit(
        self,
        values: Mapping[str, Json] | None = None,
        *,
        view_id: str | None = None,
        user: str | None = None,
        wait: float = 0.0,
    ) -> Outcome:
        """Fill in the topmost modal and send it; ``values``: by block_id, action_id or label."""
        entered = None if values is None else dict(values)
        return await self._use("submit", {"values": entered, "view_id": view_id, "user": user, "wait": wait})

    async def close_view(
        self,
        *,
        view_id: str | None = None,
        everything: bool = False,
        user: str | None = None,
        wait: float = 0.0,
    ) -> Outcome:
        """Close the topmost modal; ``everything``: by its cross, which closes those below too."""
        fields = {"view_id": view_id, "everything": everything, "user": user, "wait": wait}
        return await self._use("close", fields)

    async def shortcut(self, callback_id: str, *, user: str | None = None, wait: float = 0.0) -> Outcome:
        """Start a global shortcut."""
        return await self._use("shortcut", {"callback_id": callback_id, "user": user, "wait": wait})

    async def message_shortcut(
        self, channel: str, ts: str, callback_id: str, *, user: str | None = None, wait: float = 0.0
    ) -> Outcome:
        """Start a shortcut on a message."""
        fields = {"channel": channel, "ts": ts, "callback_id": callback_id, "user": user, "wait": wait}
        return await self._use("message-shortcut", fields)

    async def home_tab(self, enabled: bool) -> None:
        """Give the app a home tab, or take it away: then ``views.publish`` answers ``not_enabled``."""
        await self._do("home-tab", {"enabled": enabled})

    async def open_home(self, user: str, *, tab: Literal["home", "messages"] = "home") -> str:
        """Open the app's home (or its messages); return the ID of the direct message that belongs to it."""
        return str((await self._do("open-home", {"user": user, "tab": tab}))["channel"])

    async def _use(self, name: str, fields: Mapping[str, Json]) -> Outcome:
        return made(Outcome, await self._do(name, fields))
