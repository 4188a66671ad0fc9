"""An embedded flow engine that answers as Flyte does.

:class:`EmbeddedEngine` (:mod:`.server`) serves it. A request becomes a call in one of the ``routes_*``, which
change the :mod:`.state`; events go on to :mod:`.execution`, which runs the steps of flows.
"""

from pack.flows.reading import FlowRefused
from pack.sandbox.engine.feed import (
    ActionCreated,
    ActionFinished,
    ActionTaken,
    EventGivenUp,
    EventReceived,
    FlowStored,
    PackRegistered,
    Record,
    StepSkipped,
    Subscription,
)
from pack.sandbox.engine.server import EmbeddedEngine

__all__ = [
    "ActionCreated",
    "ActionFinished",
    "ActionTaken",
    "EmbeddedEngine",
    "EventGivenUp",
    "EventReceived",
    "FlowRefused",
    "FlowStored",
    "PackRegistered",
    "Record",
    "StepSkipped",
    "Subscription",
]
