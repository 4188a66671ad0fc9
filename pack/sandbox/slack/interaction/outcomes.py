"""What came of something that a person did."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pack.sandbox.slack.delivery.outlet import AppAnswer

Json = Any

TROUBLE = "We had some trouble connecting. Try again?"
"""What Slack shows when the app's answer to a modal did not come or makes no sense."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the app took it."""

    accepted: bool
    """Whether the app acknowledged in time, with an answer that Slack takes."""
    reason: str = ""
    """Why not: ``operation_timeout``, ``dispatch_failed``, ``http_client_error``, ``http_service_error``;
    ``invalid_response``; ``errors``: the app refused the form; ``invalid_input``: Slack itself did."""
    message: str = ""
    """What the person reads of it."""
    errors: dict[str, str] = field(default_factory=dict)
    """What the form was refused for, by block_id."""
    sent: bool = True
    """Whether the app was told at all."""
    answer: Json = None
    """What the app answered."""
    options: list[dict[str, Json]] = field(default_factory=list)
    """The options that the app gave a menu."""

    @classmethod
    def of(cls, answer: AppAnswer, message: str) -> Outcome:
        """Return the outcome of an answer that says no more than that it came, or did not."""
        if answer.accepted:
            return cls(True, answer=answer.body)
        return cls(False, answer.reason, message)

    def as_json(self) -> dict[str, Json]:
        """Return it as the control API answers."""
        return {
            "accepted": self.accepted,
            "reason": self.reason,
            "message": self.message,
            "errors": self.errors,
            "sent": self.sent,
            "answer": self.answer,
        }
