"""A typed client of the simulated Slack's control API. It imports nothing of the simulation."""

from pack.sandbox.slack.client.app import MetadataSubscription
from pack.sandbox.slack.client.calling import UNCHANGED
from pack.sandbox.slack.client.errors import SandboxRefused, SandboxUnreachable
from pack.sandbox.slack.client.feed import Feed
from pack.sandbox.slack.client.results import (
    ConnectInvite,
    Deliveries,
    Direct,
    Fault,
    Limits,
    Outcome,
    Said,
    Screen,
    SocketMode,
    State,
    Team,
    Token,
    Uploaded,
)
from pack.sandbox.slack.client.sandbox import SlackSandbox

__all__ = [
    "UNCHANGED",
    "ConnectInvite",
    "Deliveries",
    "Direct",
    "Fault",
    "Feed",
    "Limits",
    "MetadataSubscription",
    "Outcome",
    "Said",
    "SandboxRefused",
    "SandboxUnreachable",
    "Screen",
    "SlackSandbox",
    "SocketMode",
    "State",
    "Team",
    "Token",
    "Uploaded",
]
