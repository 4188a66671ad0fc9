"""The modals and home tabs that persons have before them."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pack.sandbox.slack.interaction.elements import (
    Placed,
    Values,
    initial_values,
    kept_values,
    placed_in,
    text_of,
)
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.workspace import Workspace

Json = Any

MOST_STACKED = 3
_HOME_TITLE = {"type": "plain_text", "text": "View Title", "emoji": True}


@dataclass(slots=True, eq=False)
class View:
    """One view in front of one person."""

    id: str
    user_id: str
    root_id: str
    previous_id: str | None
    document: dict[str, Json]
    """What the app gave, checked."""
    hash: str
    values: Values = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    """What the last submission has been refused for, by block_id."""
    notice: str = ""
    """What the person reads because the last attempt came to nothing."""
    sending: bool = False
    """Whether it was sent and the app has not answered yet."""

    @property
    def kind(self) -> str:
        """``modal`` or ``home``."""
        return str(self.document["type"])

    @property
    def title(self) -> str:
        """What stands above it."""
        return text_of(self.document.get("title"))

    def elements(self) -> list[Placed]:
        """Return what a person can use in it."""
        return list(placed_in(self.document["blocks"]))

    def is_untouched(self) -> bool:
        """Say whether everything in it is as the app gave it."""
        return self.values == initial_values(self.document["blocks"])

    def as_json(self, bot_id: str, app_id: str, team_id: str) -> dict[str, Json]:
        """Return the view object as answers and payloads carry it."""
        document = self.document
        view: dict[str, Json] = {
            "id": self.id,
            "team_id": team_id,
            "type": self.kind,
            "blocks": document.get("blocks", []),
            "private_metadata": document.get("private_metadata") or "",
            "callback_id": document.get("callback_id") or "",
            "state": {"values": self.values},
            "hash": self.hash,
            "title": document.get("title") or dict(_HOME_TITLE),
            "clear_on_close": bool(document.get("clear_on_close")),
            "notify_on_close": bool(document.get("notify_on_close")),
            "close": document.get("close"),
            "submit": document.get("submit"),
            "previous_view_id": self.previous_id,
            "root_view_id": self.root_id,
            "app_id": app_id,
            "external_id": document.get("external_id") or "",
            "app_installed_team_id": team_id,
            "bot_id": bot_id,
        }
        if document.get("submit_disabled"):
            view["submit_disabled"] = True
        return view


class Views:
    """Every open modal, one stack per person, and every person's home tab."""

    def __init__(self, workspace: Workspace) -> None:
        self.home_enabled = True
        """Whether the app has a home tab; if not, nothing can be published."""
        self._workspace = workspace
        self._stacks: dict[str, list[View]] = {}
        self._homes: dict[str, View] = {}

    def __iter__(self) -> Iterator[View]:
        """Go through all of them."""
        for stack in self._stacks.values():
            yield from stack
        yield from self._homes.values()

    def stack(self, user_id: str) -> list[View]:
        """Return a person's modals, the one on top last."""
        return list(self._stacks.get(user_id, ()))

    def top(self, user_id: str) -> View | None:
        """Return the modal that a person can use."""
        stack = self._stacks.get(user_id)
        return stack[-1] if stack else None

    def home(self, user_id: str) -> View | None:
        """Return a person's home tab; None: nothing was published for that person."""
        return self._homes.get(user_id)

    def as_json(self, view: View) -> dict[str, Json]:
        """Return the view object."""
        app = self._workspace.app
        return view.as_json(app.bot_id, app.app_id, app.team_id)

    def find(self, view_id: str) -> View | None:
        """Return an open modal, or a home tab."""
        return next((view for view in self if view.id == view_id), None)

    def find_external(self, external_id: str) -> View | None:
        """Return the view that the app gave that ``external_id``."""
        return next((view for view in self if view.document.get("external_id") == external_id), None)

    def open(self, user_id: str, document: Mapping[str, Json]) -> View:
        """Open a modal in place of those that the person has open.

        Raises:
            Refusal: ``duplicate_external_id``.
        """
        self._check_external(document, None)
        view = self._new(user_id, document, None)
        self._stacks[user_id] = [view]
        return view

    def push(self, user_id: str, below: str, document: Mapping[str, Json]) -> View:
        """Put a modal on top of a person's; ``below``: the ID of one of them, in which it was caused.

        Raises:
            Refusal: ``not_found``: that one is not open; ``push_limit_reached``; ``duplicate_external_id``.
        """
        stack = self._stacks.get(user_id, [])
        if not any(view.id == below for view in stack):
            raise Refusal("not_found")
        if len(stack) >= MOST_STACKED:
            raise Refusal("push_limit_reached")
        self._check_external(document, None)
        view = self._new(user_id, document, stack[-1])
        stack.append(view)
        return view

    def update(self, view: View, document: Mapping[str, Json], hash_given: str | None = None) -> View:
        """Change a view; what was entered stays where block, element and type stay the same.

        Raises:
            Refusal: ``hash_conflict``: it was changed meanwhile; ``duplicate_external_id``.
        """
        if hash_given and hash_given != view.hash:
            raise Refusal("hash_conflict")
        self._check_external(document, view)
        view.document = dict(document)
        view.hash = self._new_hash()
        view.values = kept_values(view.document["blocks"], view.values)
        view.errors, view.notice = {}, ""
        return view

    def publish(self, user_id: str, document: Mapping[str, Json], hash_given: str | None = None) -> View:
        """Set a person's home tab.

        Raises:
            Refusal: ``not_enabled``; ``hash_conflict``; ``duplicate_external_id``.
        """
        if not self.home_enabled:
            raise Refusal("not_enabled")
        known = self._homes.get(user_id)
        if known is not None:
            return self.update(known, document, hash_given)
        if hash_given:
            raise Refusal("hash_conflict")
        self._check_external(document, None)
        self._homes[user_id] = self._new(user_id, document, None)
        return self._homes[user_id]

    def close(self, view: View, *, everything: bool = False) -> list[View]:
        """Close a modal and those above it, or the person's whole stack; return them, topmost first."""
        stack = self._stacks.get(view.user_id, [])
        if view not in stack:
            return []
        first = 0 if everything else stack.index(view)
        closed = stack[first:]
        del stack[first:]
        return closed[::-1]

    def reset(self) -> None:
        """Forget every view; there is a home tab again."""
        self.home_enabled = True
        self._stacks.clear()
        self._homes.clear()

    def _new(self, user_id: str, document: Mapping[str, Json], below: View | None) -> View:
        view_id = self._workspace.new_id("V")
        root = below.root_id if below else view_id
        previous = below.id if below else None
        view = View(view_id, user_id, root, previous, dict(document), self._new_hash())
        view.values = initial_values(view.document["blocks"])
        return view

    def _new_hash(self) -> str:
        return f"{self._workspace.seconds()}.{secrets.token_hex(4)}"

    def _check_external(self, document: Mapping[str, Json], own: View | None) -> None:
        external_id = document.get("external_id")
        taken = self.find_external(external_id) if external_id else None
        if taken is not None and taken is not own:
            raise Refusal("duplicate_external_id")
