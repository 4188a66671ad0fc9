"""How the simulated Slack says no."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pack.errors import PackError


class Refusal(PackError):
    """Slack's ``ok: false``: a code, and what else belongs into the answer.

    ``messages`` go to ``response_metadata.messages`` (Slack's form: ``[ERROR] … [json-pointer:/…]``).
    ``code`` is empty only for answers that carry no ``error``.
    """

    def __init__(self, code: str, *, messages: Sequence[str] = (), **details: Any) -> None:
        super().__init__(f"the simulated Slack refuses this: {code or details}")
        self.code = code
        self.messages = list(messages)
        self.details = details

    def answer(self) -> dict[str, Any]:
        """Return the answer's body."""
        body: dict[str, Any] = {"ok": False}
        if self.code:
            body["error"] = self.code
        body.update(self.details)
        if self.messages:
            body["response_metadata"] = {"messages": self.messages}
        return body
