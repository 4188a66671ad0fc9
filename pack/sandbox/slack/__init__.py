"""A simulated Slack workspace."""

from pack.sandbox.slack.faults import Call, Faults
from pack.sandbox.slack.objects import Channel, User
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.server import SimulatedSlack
from pack.sandbox.slack.timeline import Message
from pack.sandbox.slack.workspace import Workspace

__all__ = ["Call", "Channel", "Faults", "Message", "Refusal", "SimulatedSlack", "User", "Workspace"]
