"""Messages that are still being written: text and tasks come in chunks."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from pack.sandbox.slack.timing import SlackClock
from pack.sandbox.slack.world.objects import Channel
from pack.sandbox.slack.world.timeline import Message

Json = Any

STREAMING_STATE = "streaming_state"
LONGEST_SECONDS = 300.0
"""After so long a stream ends by itself (github.com/slackapi/node-slack-sdk/issues/2702)."""


class StreamingState(Enum):
    """What a streamed message's field ``streaming_state`` tells."""

    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    ERRORED = "errored"


@dataclass(slots=True)
class Stream:
    """What has come of one message so far."""

    message: Message
    ends: float
    """When it ends by itself, by the monotonic clock."""
    as_plan: bool
    """Whether tasks are shown together in one plan."""
    parts: list[dict[str, Json]] = field(default_factory=list)
    """Texts, tasks, plan titles and blocks in order of their first arrival, as chunks."""

    def add(self, chunk: dict[str, Json]) -> None:
        """Take a chunk in: text joins the text before it, a task or a title that is known is replaced."""
        kind = chunk["type"]
        last = self.parts[-1] if self.parts else None
        if kind == "markdown_text" and last is not None and last["type"] == kind:
            last["text"] += chunk["text"]
            return
        for index, part in enumerate(self.parts):
            if part["type"] == kind and kind in ("task_update", "plan_update") and _same(part, chunk):
                self.parts[index] = {**part, **chunk}
                return
        self.parts.append(dict(chunk))

    @property
    def text(self) -> str:
        """The text that came, in one."""
        return "".join(part["text"] for part in self.parts if part["type"] == "markdown_text")


class Streams:
    """The messages that are still being written."""

    def __init__(self, clock: SlackClock) -> None:
        self._clock = clock
        self._open: dict[tuple[str, str], Stream] = {}

    def start(self, channel: Channel, message: Message, *, as_plan: bool) -> Stream:
        """Begin a stream into a message."""
        stream = Stream(message, self._clock.monotonic() + LONGEST_SECONDS, as_plan)
        self._open[channel.id, message.ts] = stream
        return stream

    def find(self, channel: Channel, ts: str) -> Stream | None:
        """Return the open stream into a message; None: it was stopped, or its time is over."""
        stream = self._open.get((channel.id, ts))
        if stream is not None and stream.ends <= self._clock.monotonic():
            stream.message.fields[STREAMING_STATE] = StreamingState.ERRORED.value
            self.stop(channel, ts)
            return None
        return stream

    def stop(self, channel: Channel, ts: str) -> None:
        """End a stream."""
        self._open.pop((channel.id, ts), None)

    def clear(self) -> None:
        """Forget all streams."""
        self._open.clear()


def _same(part: dict[str, Json], chunk: dict[str, Json]) -> bool:
    return part["type"] == "plan_update" or bool(part["id"] == chunk["id"])
