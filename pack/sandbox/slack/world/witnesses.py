"""Who is shown every message that is posted, changed or deleted."""

from __future__ import annotations

from typing import Any, Protocol

from pack.sandbox.slack.world.objects import Channel
from pack.sandbox.slack.world.timeline import Message

Json = Any


class Witness(Protocol):
    """Whoever looks at messages beside the events that they make."""

    def posted(self, channel: Channel, message: Message) -> None:
        """Look at a new message."""
        ...

    def changed(self, channel: Channel, message: Message, previous: dict[str, Json] | None) -> None:
        """Look at a message that was changed; ``previous`` is its former metadata."""
        ...

    def deleted(self, channel: Channel, message: Message, previous: dict[str, Json] | None) -> None:
        """Look at a message that was deleted; ``previous`` is its former metadata."""
        ...
