"""Messages that one person alone sees; no channel's history has them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pack.sandbox.slack.world.timeline import Message

_MOST_KEPT = 1_000


@dataclass(frozen=True, slots=True)
class Ephemeral:
    """One message, and who sees it."""

    message: Message
    user_id: str


class Ephemerals:
    """What was shown to single persons; the oldest of 1,000 is forgotten first."""

    def __init__(self) -> None:
        self._shown: deque[Ephemeral] = deque(maxlen=_MOST_KEPT)
        self._listeners: list[Callable[[Ephemeral], None]] = []

    def __iter__(self) -> Iterator[Ephemeral]:
        """Go through all of them, oldest first."""
        return iter(tuple(self._shown))

    def show(self, message: Message, user_id: str) -> Message:
        """Show a message to one person; its ``ts`` is from ``Workspace.new_ts``. Returns the message."""
        shown = Ephemeral(message, user_id)
        self._shown.append(shown)
        self.show_again(shown)
        return message

    def show_again(self, shown: Ephemeral) -> None:
        """Tell the listeners of a message that is new, or changed."""
        for listener in self._listeners:
            listener(shown)

    def listen(self, listener: Callable[[Ephemeral], None]) -> None:
        """Have a function called with everything that is shown from now on."""
        self._listeners.append(listener)

    def seen_by(self, user_id: str, channel_id: str | None = None) -> list[Message]:
        """Return what a person sees, oldest first; ``channel_id``: there only."""
        return [
            shown.message
            for shown in self._shown
            if shown.user_id == user_id and channel_id in (None, shown.message.channel)
        ]

    def find(self, channel_id: str, ts: str) -> Ephemeral | None:
        """Return the message with that ts in that channel."""
        there = (shown for shown in self._shown if shown.message.ts == ts)
        return next((shown for shown in there if shown.message.channel == channel_id), None)

    def remove(self, channel_id: str, ts: str) -> bool:
        """Take a message away; False when there is none."""
        shown = self.find(channel_id, ts)
        if shown is None:
            return False
        self._shown.remove(shown)
        return True

    def clear(self) -> None:
        """Forget all of them."""
        self._shown.clear()
