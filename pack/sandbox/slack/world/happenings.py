"""What happens in the simulated workspace is told to whoever listens; dates and identifiers for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pack.clock import Clock
from pack.sandbox.slack.identifiers import encode_number
from pack.sandbox.slack.world.objects import App, Channel

Json = Any

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Something that happened in the workspace."""

    event: dict[str, Json]
    """The inner event as the Events API delivers it."""
    channel: Channel | None
    scope: str | None
    """The scope that the app needs to be told of it; None: no scope."""
    to_bot: bool
    """Whether the app's bot is where it can see it."""
    only_for: str = ""
    """The only person who can see what stands in no channel; empty: everybody in the workspace."""


Listener = Callable[[Occurrence], None]


class Happenings:
    """Makes identifiers and timestamps, and tells the listeners what happens."""

    def __init__(self, app: App, clock: Clock) -> None:
        self.app = app
        self._clock = clock
        self._listeners: list[Listener] = []
        self._quiet = False
        self._numbers = 0
        self._last_ts = 0

    def new_id(self, prefix: str) -> str:
        """Return an identifier that nothing else has: ``U0…``, ``C0…``."""
        self._numbers += 1
        return f"{prefix}0{encode_number(self._numbers)}"

    def new_ts(self) -> str:
        """Return the present as ``SECONDS.MICROS``; unique, and larger than every one before."""
        now = (self._clock.now() - _EPOCH) // timedelta(microseconds=1)
        self._last_ts = max(now, self._last_ts + 1)
        seconds, micros = divmod(self._last_ts, 1_000_000)
        return f"{seconds}.{micros:06d}"

    def seconds(self) -> int:
        """Return the present in whole seconds since 1970."""
        return int(self._clock.now().timestamp())

    def milliseconds(self) -> int:
        """Return the present in whole milliseconds since 1970."""
        return int(self._clock.now().timestamp() * 1_000)

    def listen(self, listener: Listener) -> None:
        """Have a function called with everything that happens from now on."""
        self._listeners.append(listener)

    def unlisten(self, listener: Listener) -> None:
        """Stop what :meth:`listen` began."""
        self._listeners.remove(listener)

    @contextmanager
    def unheard(self) -> Iterator[None]:
        """Tell nobody of what happens meanwhile."""
        before, self._quiet = self._quiet, True
        try:
            yield
        finally:
            self._quiet = before

    def emit(
        self,
        event: dict[str, Json],
        channel: Channel | None,
        scope: str | None,
        *,
        to_bot: bool | None = None,
        only_for: str = "",
    ) -> None:
        """Tell the listeners; ``to_bot`` None: the bot sees it when it is a member of the channel.

        ``only_for``: the only person who sees what stands in no channel.
        """
        if self._quiet:
            return
        if to_bot is None:
            to_bot = channel is not None and self.app.bot_user_id in channel.members
        occurrence = Occurrence(event, channel, scope, to_bot, only_for)
        for listener in tuple(self._listeners):
            listener(occurrence)

    def tell_bot(self, kind: str, scope: str | None, **subject: Json) -> None:
        """Tell of something that is no conversation's own and concerns the whole workspace."""
        self.emit({"type": kind, **subject, "event_ts": self.new_ts()}, None, scope, to_bot=True)
