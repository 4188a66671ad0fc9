"""How a method of the Web API is declared: what carries it out, and what can be seen of it."""

from __future__ import annotations

from dataclasses import dataclass

from pack.sandbox.slack.calls.api import Method


@dataclass(frozen=True, slots=True)
class Simulated:
    """One method that the simulator carries out.

    ``errors``: the method's own codes that a situation can cause, sorted, without those that belong to the
    request (token, scope, form of the arguments). A test finds for each a situation that causes it, and the
    simulator reports any other. ``differs``: in which way it is not as Slack's; both go into the table of
    docs/simulated-slack.md.
    """

    carry_out: Method
    errors: tuple[str, ...] = ()
    differs: str = ""
