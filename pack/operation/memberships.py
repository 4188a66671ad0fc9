"""Where the bot is, as far as a replay has to know it, and what the list of wanted channels has to learn.

That list (``channels.json``) is the running pack's. It learns of what a replay does by Slack's events, as of
anybody's doing. When none runs: a channel that was joined is found at the next start, since memberships are
asked for then; but one that was left would be joined again, so it is taken off the list here.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from pathlib import Path

from pack.clock import Clock
from pack.contracts.ports import Slack
from pack.slack.channels import ChannelDirectory
from pack.slack.membership import Membership
from pack.state.backup import BackupFile, MemoryBackup
from pack.state.lock import JournalLock


class Whereabouts(Membership):
    """The memberships, asked for when a command wants to know them; wanted channels are not joined."""

    def __init__(self, *, slack: Slack, directory: ChannelDirectory, clock: Clock) -> None:
        super().__init__(slack=slack, directory=directory, wanted=MemoryBackup(""), clock=clock)
        self._asking: asyncio.Task[None] | None = None
        self.left: list[str] = []
        """The channels that commands left."""

    async def wait_until_settled(self, seconds: float) -> bool:
        """Ask where the bot is, unless that is known; return whether it is known within that time."""
        if self._asking is None:
            self._asking = asyncio.ensure_future(self.settle(()))
        return await super().wait_until_settled(seconds)

    async def left_by_command(self, channel_id: str) -> None:
        """Note that the bot was made to leave a channel."""
        await super().left_by_command(channel_id)
        self.left.append(channel_id)

    async def close(self) -> None:
        """Stop asking."""
        if self._asking:
            self._asking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._asking


def forget_left(directory: Path, channel_ids: Sequence[str], clock: Clock) -> str:
    """Take channels off the list of wanted ones, unless a pack runs; return what was done, as a sentence."""
    named = ", ".join(channel_ids)
    lock = JournalLock(directory, clock)
    try:
        if not lock.attempt():
            return f"the running pack takes {named} off its list when Slack tells it that the bot left"
        file = BackupFile(directory)
        wanted = file.load()
        kept = [channel_id for channel_id in wanted if channel_id not in channel_ids]
        if kept != wanted:
            file.save(kept)
        problem = file.problem
    except OSError as error:
        problem = f"{directory} cannot be written: {error.strerror}"
    finally:
        lock.release()
    if problem:
        return (
            f"{named} could not be taken off the list of wanted channels, so the pack joins again: {problem}"
        )
    return f"no pack runs, so {named} was taken off its list of wanted channels"
