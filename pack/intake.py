"""The intake: where Slack's payloads come in, once each, in order within a channel, and leave as events.

A payload is accepted when it is kept; only then the receiver acknowledges it. What is accepted is worked off
in lanes, one per channel, so that a slow lookup in one delays no other.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Mapping
from typing import Any

from pack.contracts.events import User
from pack.contracts.ports import Check, Identity, Inbound, PayloadKind
from pack.contracts.storing import Arrival, Receipt, Store
from pack.delivery.outbox import Outbox
from pack.observations import OBSERVATIONS, by_pack, lane_of, people_of
from pack.slack.channels import ChannelDirectory
from pack.slack.membership import Membership
from pack.slack.users import UserDirectory

logger = logging.getLogger(__name__)

CAPACITY = 10_000
"""How many payloads and events may be on their way; beyond it nothing is accepted: Slack sends again."""

LAST_SECONDS = 1.0
"""How long what was accepted may still take at the end of the grace period."""


class Intake:
    """Accepts payloads from the receivers and tells the engine what they mean."""

    def __init__(
        self,
        *,
        identity: Identity,
        store: Store,
        outbox: Outbox,
        users: UserDirectory,
        channels: ChannelDirectory,
        membership: Membership,
        capacity: int = CAPACITY,
    ) -> None:
        self._identity = identity
        self._store = store
        self._outbox = outbox
        self._users = users
        self._channels = channels
        self._membership = membership
        self._capacity = capacity
        self._lanes: dict[str, deque[tuple[int, dict[str, Any]]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting = 0
        self._was_full = False
        self._hurry = asyncio.Event()

    async def accept(self, inbound: Inbound) -> bool:
        """Keep a payload. True: acknowledge it (kept, known already, or nothing to tell); False: full."""
        event = inbound.payload.get("event")
        if inbound.kind is not PayloadKind.EVENTS_API or not isinstance(event, dict):
            logger.debug("a payload of kind %s is nothing to tell", inbound.kind.value)
            return True
        if not self._has_room():
            return False
        keys = tuple(copies_of(inbound.payload, event))
        receipt, number = await self._store.receive(Arrival(keys, lane_of(event), event))
        if receipt is Receipt.COPY:
            logger.debug("dropped a second copy of event %s", keys)
            return True
        if not by_pack(event, self._identity):
            for user_id in people_of(event):
                self._users.expect(user_id)
        self._put(lane_of(event), number, event)
        return True

    def _has_room(self) -> bool:
        full = self._waiting + self._outbox.waiting >= self._capacity
        if full and not self._was_full:
            logger.warning("the intake is full: Slack is asked to send again until the engine takes events")
        self._was_full = full
        return not full

    def _put(self, name: str, number: int, event: dict[str, Any]) -> None:
        self._waiting += 1
        lane = self._lanes.get(name)
        if lane is not None:
            lane.append((number, event))
            return
        self._lanes[name] = deque([(number, event)])
        task = asyncio.get_running_loop().create_task(
            self._work(name), name=f"intake of {name or 'no channel'}"
        )
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _work(self, name: str) -> None:
        lane = self._lanes[name]
        while lane:
            number, event = lane[0]
            try:
                await self._handle(name, number, event)
            except Exception:
                logger.exception("a mistake of the pack at a %s event; the event is lost", event.get("type"))
            lane.popleft()
            self._waiting -= 1
        del self._lanes[name]

    async def _handle(self, lane: str, number: int, event: dict[str, Any]) -> None:
        kind = str(event.get("type", ""))
        await self._follow(kind, event)
        observe = OBSERVATIONS.get(kind)
        if observe is None or by_pack(event, self._identity):
            self._store.note_told(number)
            return
        told = await observe(event, self._find_user)
        if told:
            self._outbox.tell(lane, told, number)
        else:
            self._store.note_told(number)

    async def _find_user(self, user_id: str) -> User:
        """Look a user up; with nothing but the ID once the pack is stopping and has no time for it."""
        if known := self._users.known(user_id):
            return known
        if self._hurry.is_set():
            return User(id=user_id)
        looking = asyncio.ensure_future(self._users.find(user_id))
        hurried = asyncio.ensure_future(self._hurry.wait())
        try:
            await asyncio.wait((looking, hurried), return_when=asyncio.FIRST_COMPLETED)
            return looking.result() if looking.done() else User(id=user_id)
        finally:
            looking.cancel()
            hurried.cancel()

    # --- channels and memberships ---

    async def _follow(self, kind: str, event: Mapping[str, Any]) -> None:
        """Keep the channels and memberships true."""
        channel = event.get("channel")
        channel_id = lane_of(event)
        if not channel_id and kind != "channel_id_changed":
            return
        mine = event.get("user") == self._identity.user_id
        if kind == "member_joined_channel" and mine:
            await self._membership.invited(channel_id)
        elif kind in ("channel_left", "group_left") or (kind == "member_left_channel" and mine):
            await self._membership.kicked(channel_id)
        elif kind in ("channel_rename", "group_rename", "channel_created") and isinstance(channel, dict):
            self._channels.rename(channel_id, str(channel.get("name") or ""))
        elif kind in ("channel_deleted", "channel_archive", "group_deleted", "group_archive"):
            self._channels.joined.discard(channel_id)
            self._channels.forget(channel_id)
        elif kind in ("channel_unarchive", "group_unarchive"):
            await self._membership.unarchived(channel_id)
        elif kind == "channel_id_changed":
            old_id, new_id = event.get("old_channel_id"), event.get("new_channel_id")
            if isinstance(old_id, str) and isinstance(new_id, str) and new_id:
                await self._membership.moved(old_id, new_id)

    async def finish(self, grace_seconds: float) -> None:
        """Let what was accepted be worked off, within that time; then go on without looking users up.

        What was accepted was acknowledged, so Slack does not send it again.
        """
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=grace_seconds)
        self._hurry.set()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=LAST_SECONDS)
        if self._waiting:
            logger.error("stopped with %d payloads that were accepted and not worked off", self._waiting)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def status(self) -> Check:
        """Say how full it is, for the health page."""
        return Check(
            True, not self._was_full, f"{self._waiting} payloads waiting" + (", full" * self._was_full)
        )


def copies_of(payload: Mapping[str, Any], event: Mapping[str, Any]) -> list[str]:
    """Return what two copies of one event have in common.

    Its ``event_id``; and, since Slack also delivers copies with another ID, what it is and its time in its
    channel.
    """
    keys = [str(payload["event_id"])] if payload.get("event_id") else []
    moment = event.get("event_ts") or event.get("ts")
    if isinstance(moment, str) and moment:
        parts = (event.get("type"), event.get("subtype"), event.get("user"), event.get("reaction"))
        keys.append("/".join(str(part or "") for part in (*parts, lane_of(event), moment)))
    return keys
