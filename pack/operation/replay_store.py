"""The store of a replay: steps go into the journal under the action's claim, all else stays in memory."""

from __future__ import annotations

from pack.clock import Clock
from pack.contracts.storing import Effect, EffectState
from pack.errors import CommandFailed
from pack.operation.claims import ClaimLost, Claims
from pack.operation.opening import JournalUnusable
from pack.state.memory import MemoryStore


class ReplayStore(MemoryStore):
    """What effects need of a store; a step is on disk when it is noted, waiting or not."""

    def __init__(self, claims: Claims, clock: Clock) -> None:
        super().__init__(clock)
        self._claims = claims
        self.called: set[str] = set()
        """The steps for which Slack was called."""
        self.failure: Exception | None = None
        """Why the journal did not take a step's state. From then on nothing more is sent."""

    async def save_effect(self, effect: Effect) -> None:
        """Note a step's state.

        Raises:
            CommandFailed: the journal does not take it.
        """
        self.note_effect(effect)
        if self.failure:
            raise CommandFailed(str(self.failure), code="journal_unusable")
        if effect.state is EffectState.SENDING:
            self.called.add(effect.step)

    def note_effect(self, effect: Effect) -> None:
        """Note a step's state."""
        if self.failure is None:
            try:
                self._claims.save_effect(effect)
            except (ClaimLost, JournalUnusable) as error:
                self.failure = error
