"""The people and bots of the workspace: each looked up once, kept for a while, never waited for too long."""

from __future__ import annotations

import asyncio
import logging
import math
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from pack.clock import Clock
from pack.contracts.events import User
from pack.contracts.ports import Slack
from pack.errors import PackError, SlackRefused, TransientError
from pack.retry import Backoff, retry
from pack.slack.deadline import within

logger = logging.getLogger(__name__)

KEEP_SECONDS = 3600.0
"""How long a profile is used before it is asked for again."""

KEEP_FAILURE_SECONDS = 60.0
"""How long a lookup that failed is not tried again."""

MOST_USERS = 10_000
"""How many profiles are kept at the most."""

GIVE_UP_SECONDS = 30.0
"""How long a lookup may be retried; then the ID alone is told."""

LOOKUPS_AT_ONCE = 32

NAMED_SECONDS = 60.0
"""How often it is logged at the most that somebody could not be looked up."""


@dataclass(frozen=True, slots=True)
class _Kept:
    user: User
    until: float


class UserDirectory:
    """Profiles by user ID (https://docs.slack.dev/reference/methods/users.info)."""

    def __init__(self, *, slack: Slack, clock: Clock) -> None:
        self._slack = slack
        self._clock = clock
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._asking: dict[str, asyncio.Task[User]] = {}
        self._slots = asyncio.Semaphore(LOOKUPS_AT_ONCE)
        self._limited_until = 0.0
        self._scope_was_named = False
        self._answered_at = -math.inf
        self._away_until = -math.inf
        self._unnamed = 0
        self._named_at = -math.inf

    async def find(self, user_id: str) -> User:
        """Return a user's profile; one with nothing but the ID when it cannot be had.

        Lookups of one user at the same time are one call. Never raises for Slack's sake, and returns within
        half a minute or so; at once while nobody could be looked up lately, except that somebody is tried.
        """
        known = self.known(user_id)
        if known is not None:
            return known
        if self._is_away:
            if not self._asking:
                self._asking_for(user_id)
            return User(id=user_id)
        return await asyncio.shield(self._asking_for(user_id))

    def known(self, user_id: str) -> User | None:
        """Return a profile that is at hand, None when it has to be asked for."""
        if not user_id:
            return User(id="")
        kept = self._kept.get(user_id)
        if kept is None or kept.until <= self._clock.monotonic():
            return None
        self._kept.move_to_end(user_id)
        return kept.user

    def expect(self, user_id: str) -> None:
        """Begin to look a user up who will be asked for soon, so that many lookups take the time of one."""
        if self.known(user_id) is None and not self._is_away:
            self._asking_for(user_id)

    @property
    def _is_away(self) -> bool:
        """Whether the last look-ups all failed, so that waiting for another one is in vain."""
        return self._clock.monotonic() < self._away_until

    def _asking_for(self, user_id: str) -> asyncio.Task[User]:
        asking = self._asking.get(user_id)
        if asking is None:
            asking = asyncio.create_task(self._ask(user_id), name=f"look up {user_id}")
            self._asking[user_id] = asking
            asking.add_done_callback(lambda _: self._asking.pop(user_id, None))
        return asking

    async def _ask(self, user_id: str) -> User:
        began = self._clock.monotonic()
        try:
            answer = await within(self._repeat(user_id), GIVE_UP_SECONDS, self._clock)
        except (PackError, TimeoutError) as error:
            self._note_end(began, answered=not isinstance(error, TransientError | TimeoutError))
            self._explain(user_id, error)
            return self._keep(User(id=user_id), KEEP_FAILURE_SECONDS)
        except Exception:
            logger.exception("a mistake of the pack while %s was looked up", user_id)
            return self._keep(User(id=user_id), KEEP_FAILURE_SECONDS)
        self._note_end(began, answered=True)
        found = answer.get("user")
        return self._keep(read_user(found if isinstance(found, dict) else {}, user_id), KEEP_SECONDS)

    def _note_end(self, began: float, *, answered: bool) -> None:
        """Note that a look-up ended; one that failed while no other one went well says it of everybody."""
        now = self._clock.monotonic()
        if answered:
            self._answered_at, self._away_until = now, -math.inf
        elif self._answered_at < began:
            self._away_until = now + KEEP_FAILURE_SECONDS

    async def _repeat(self, user_id: str) -> dict[str, Any]:
        return await retry(
            lambda: self._call(user_id),
            backoff=Backoff(first_seconds=1, cap_seconds=10),
            clock=self._clock,
            give_up_after_seconds=GIVE_UP_SECONDS,
        )

    async def _call(self, user_id: str) -> dict[str, Any]:
        wait = self._limited_until - self._clock.monotonic()
        if wait > 0:
            raise TransientError("users.info is limited at the moment", retry_after_seconds=wait)
        async with self._slots:
            try:
                return await self._slack.call("users.info", {"user": user_id})
            except TransientError as error:
                if error.retry_after_seconds:
                    self._limited_until = self._clock.monotonic() + error.retry_after_seconds
                raise

    def _keep(self, user: User, seconds: float) -> User:
        self._kept[user.id] = _Kept(user, self._clock.monotonic() + seconds)
        self._kept.move_to_end(user.id)
        while len(self._kept) > MOST_USERS:
            self._kept.popitem(last=False)
        return user

    def _explain(self, user_id: str, error: Exception) -> None:
        if isinstance(error, SlackRefused) and error.code == "missing_scope":
            if not self._scope_was_named:
                self._scope_was_named = True
                logger.warning("events carry user IDs only: %s", error)
            return
        self._unnamed += 1
        now = self._clock.monotonic()
        if now < self._named_at + NAMED_SECONDS:
            return
        reason = str(error) or "Slack did not answer in time"
        others = f" and {self._unnamed - 1} others" if self._unnamed > 1 else ""
        logger.warning("%s%s could not be looked up; events carry the ID only: %s", user_id, others, reason)
        self._unnamed, self._named_at = 0, now


def read_user(raw: dict[str, Any], user_id: str) -> User:
    """Read a user object (https://docs.slack.dev/reference/objects/user-object)."""
    profile = raw.get("profile")
    profile = profile if isinstance(profile, dict) else {}

    def text(source: dict[str, Any], key: str) -> str:
        value = source.get(key)
        return value if isinstance(value, str) else ""

    return User(
        id=user_id,
        name=text(raw, "name"),
        email=text(profile, "email"),
        title=text(profile, "title"),
        firstName=text(profile, "first_name"),
        lastName=text(profile, "last_name"),
        displayName=text(profile, "display_name"),
    )
