"""Pace: after Slack asked to wait, nobody calls before the time is over.

On posting, a 429 does not tell whether the channel or the workspace is meant: it holds the channel, and when
a second channel is refused meanwhile, the method. Everywhere else it holds the method
(https://docs.slack.dev/apis/web-api/rate-limits).
"""

from __future__ import annotations

from pack.clock import Clock

POSTING = frozenset({"chat.postMessage"})
"""The methods whose limit counts by channel as well."""


class Pace:
    """Until when which method, and which method in which channel, is held."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._held: dict[tuple[str, str], float] = {}

    async def wait(self, method: str, channel: str) -> None:
        """Wait until nothing holds this method in this channel (empty: no channel)."""
        while (seconds := self.remaining(method, channel)) > 0:
            await self._clock.sleep(seconds)

    def remaining(self, method: str, channel: str) -> float:
        """Return for how many seconds the method is still held there; 0 when it is not."""
        now = self._clock.monotonic()
        until = max(self._held.get((method, ""), now), self._held.get((method, channel), now))
        return max(0.0, until - now)

    def hold(self, method: str, channel: str, seconds: float) -> None:
        """Note that Slack asked to wait that long."""
        now = self._clock.monotonic()
        self._held = {key: until for key, until in self._held.items() if until > now}
        if method in POSTING and channel:
            others = [key for key in self._held if key[0] == method and key[1] not in ("", channel)]
            self._extend((method, channel), now + seconds)
            if not others:
                return
        self._extend((method, ""), now + seconds)

    def _extend(self, key: tuple[str, str], until: float) -> None:
        self._held[key] = max(self._held.get(key, 0.0), until)
