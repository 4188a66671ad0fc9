"""A simulated Slack workspace."""

from pack.sandbox.slack.faults.calls import Call
from pack.sandbox.slack.faults.faults import Faults
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.server import SimulatedSlack
from pack.sandbox.slack.world.objects import Channel, User
from pack.sandbox.slack.world.timeline import Message
from pack.sandbox.slack.world.workspace import Workspace

__all__ = ["Call", "Channel", "Faults", "Message", "Refusal", "SimulatedSlack", "User", "Workspace"]
