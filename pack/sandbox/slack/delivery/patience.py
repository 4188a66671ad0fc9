"""Waiting for the app when time is moved on: it gets its turn before the next thing is due."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import ExitStack

from pack.sandbox.slack.timing import SlackClock

_MOST_SECONDS = 0.25


def await_app(clock: SlackClock) -> Callable[[], None]:
    """Hold ``pass_time`` up until the function that is returned is called: a quarter second at most.

    The quarter is the machine's: an app that does not answer must not stop time.
    """
    holding = ExitStack()
    holding.enter_context(clock.busy())
    ending = asyncio.get_running_loop().call_later(_MOST_SECONDS, holding.close)
    holding.callback(ending.cancel)
    return holding.close
