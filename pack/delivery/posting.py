"""Posting: limited for each channel and for the workspace, and a refusal does not say by which of them."""

from __future__ import annotations

import math
from collections import deque
from typing import Any

from pack.delivery.lines import MethodLine
from pack.delivery.tempo import Tempo
from pack.delivery.tiers import CHANNEL_SECONDS, WORKSPACE_A_MINUTE

PROOF = 8
"""So many messages at once in one channel are more than the short bursts that Slack lets pass."""
AT_ONCE = 10
"""How many messages may be unanswered, in all channels, while no limit of the workspace is known."""
CREDIT = 2.0
"""How many intervals of late messages the workspace makes up for."""
LATE = 1.15
"""A channel that was refused after a pause longer than this many intervals was not too fast itself."""
LATEST, CROWD = 8, 3
"""So many refusals among the latest answers mean the workspace."""
IDLE_SECONDS = 0.25
"""A channel with nothing to send for so long leaves the trial of a faster pace to another."""
KEPT = 256
"""So many channels are remembered before it is looked which may be forgotten."""


class PostingLine:
    """All messages of the workspace, and the channels that they go to."""

    def __init__(self) -> None:
        self._all = MethodLine(WORKSPACE_A_MINUTE, at_once=AT_ONCE, credit=CREDIT)
        self._rule = Tempo(CHANNEL_SECONDS, PROOF)
        self._sent: dict[str, tuple[float, float]] = {}
        self._held: dict[str, float] = {}
        self._keep = KEPT
        self._trier = ""
        self._trier_seen = -math.inf
        self._learned_until = -math.inf
        self._latest: deque[bool] = deque(maxlen=LATEST)

    def channel_seconds(self, channel: str, now: float) -> float:
        """Return how long the channel has to wait still for reasons of its own.

        One channel that would have to wait for its pace alone tries a faster one for all of them.
        """
        held = self._held.get(channel, 0.0) - now
        seconds = self._due(channel) - now
        if seconds > 0 and held <= 0 and channel != self._trier and self._may_try(now):
            self._trier, self._trier_seen = channel, now
            self._rule.begin_trial(now)
            seconds = self._due(channel) - now
        return max(0.0, held, seconds)

    def _due(self, channel: str) -> float:
        """Return when the channel's pace permits its next message."""
        sent, _ = self._sent.get(channel, (-math.inf, 0.0))
        return sent + (self._rule.trial_interval if self._tries(channel) else self._rule.interval)

    def _tries(self, channel: str) -> bool:
        return self._rule.is_on_trial and channel == self._trier

    def _may_try(self, now: float) -> bool:
        if not self._rule.is_on_trial:
            return self._rule.may_try(now)
        return now - self._trier_seen > max(IDLE_SECONDS, 2 * self._rule.trial_interval)

    def held_seconds(self, channel: str, now: float) -> float:
        """Return for how long Slack asked to wait there still, in the channel or everywhere."""
        return max(self._held.get(channel, 0.0) - now, self._all.held_seconds("", now))

    def seconds(self, now: float) -> float:
        """Return how long everybody has to wait still."""
        return self._all.seconds(now)

    def has_room(self, now: float) -> bool:
        """Tell whether few enough messages are unanswered."""
        return self._all.has_room(now)

    def take(self, channel: str, now: float) -> None:
        """Count a message that is sent now."""
        self._all.take(channel, now)
        before, _ = self._sent.get(channel, (-math.inf, 0.0))
        self._sent[channel] = now, now - before
        self._see(channel, now)
        if len(self._sent) > self._keep:
            self._forget(now)

    def _see(self, channel: str, now: float) -> None:
        if channel == self._trier:
            self._trier_seen = now

    def _forget(self, now: float) -> None:
        """Forget channels whose past does not matter any more."""
        pause = max(CHANNEL_SECONDS, self._rule.interval)
        self._sent = {channel: sent for channel, sent in self._sent.items() if sent[0] > now - 2 * pause}
        self._held = {channel: until for channel, until in self._held.items() if until > now}
        self._keep = max(KEPT, 2 * len(self._sent))

    def succeeded(self, channel: str, now: float) -> None:
        """Learn that a message went through."""
        self._all.succeeded(channel, now)
        self._rule.succeeded(now, tried=self._tries(channel))
        self._latest.append(False)
        self._see(channel, now)

    def limited(self, channel: str, seconds: float, now: float) -> None:
        """Learn that a message was refused: hold its channel, and all when another one is held already."""
        self._all.unanswered()
        if not channel or any(until > now for other, until in self._held.items() if other != channel):
            self._all.hold(now + seconds)
        self._held[channel] = max(self._held.get(channel, 0.0), now + seconds)
        self._latest.append(True)
        self._learn(channel, now, now + seconds)

    def _learn(self, channel: str, now: float, until: float) -> None:
        """Find out whether the channel or the workspace was too fast, and slow it down."""
        sent, pause = self._sent.get(channel, (now, math.inf))
        if self._means_all(channel, pause):
            self._latest.clear()
            self._all.learn_limit(sent, now, until)
        elif sent >= self._learned_until:
            self._rule.limited(now, tried=self._tries(channel))
            self._learned_until = until

    def _means_all(self, channel: str, pause: float) -> bool:
        if pause > LATE * (self._rule.interval or CHANNEL_SECONDS) or sum(self._latest) >= CROWD:
            return True
        tempo = self._all.tempo
        return tempo.is_on_trial and not tempo.is_at_full_speed and not self._tries(channel)

    def unanswered(self) -> None:
        """Learn nothing of a message."""
        self._all.unanswered()

    def summary(self) -> dict[str, Any]:
        """Return what was learned, for people."""
        known = not self._rule.is_at_full_speed
        return self._all.summary() | {
            "channelSeconds": round(self._rule.interval, 3) if known else None,
            "refused": self._all.tempo.refused + self._rule.refused,
            "held": len(self._held),
        }
