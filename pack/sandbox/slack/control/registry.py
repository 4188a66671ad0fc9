"""All control actions, in the order of the documentation."""

from __future__ import annotations

from typing import Any

from pack.sandbox.slack.control import (
    channels,
    connecting,
    deliveries,
    faulting,
    files,
    interacting,
    passing,
    people,
    subscribing,
    tokens,
    users,
)
from pack.sandbox.slack.control.actions import ControlAction, ControlView

ACTIONS: tuple[ControlAction[Any], ...] = (
    *people.ACTIONS,
    *files.ACTIONS,
    *interacting.ACTIONS,
    *faulting.ACTIONS,
    *deliveries.ACTIONS,
    *passing.ACTIONS,
    *tokens.ACTIONS,
    *subscribing.ACTIONS,
    *channels.ACTIONS,
    *users.ACTIONS,
    *connecting.ACTIONS,
)

VIEWS: tuple[ControlView, ...] = (*interacting.VIEWS, *faulting.VIEWS, *deliveries.VIEWS, *passing.VIEWS)
