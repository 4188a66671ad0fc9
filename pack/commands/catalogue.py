"""Every command, and what is derived from all of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pack.commands.channels import GET_CHANNEL_INFO, JOIN_CHANNEL, LEAVE_CHANNEL
from pack.commands.declaration import Command
from pack.commands.messages import BROADCAST, SEND_MESSAGE, SEND_RICH_MESSAGE
from pack.contracts.events import MEMBERSHIP_SCOPES, OBSERVED_EVENTS
from pack.contracts.ports import CommandSpec, EventSpec, PackSpec

COMMANDS: tuple[Command[Any], ...] = (
    SEND_MESSAGE,
    SEND_RICH_MESSAGE,
    BROADCAST,
    JOIN_CHANNEL,
    LEAVE_CHANNEL,
    GET_CHANNEL_INFO,
)

HELP_URL = "https://github.com/ExpediaGroup/flyte-slack"
"""Where the help links of the registration lead."""


def by_name() -> Mapping[str, Command[Any]]:
    """Return the commands by their names."""
    return {command.name: command for command in COMMANDS}


def pack_spec(name: str, labels: Mapping[str, str]) -> PackSpec:
    """Return what the pack registers with the engine."""
    commands = tuple(
        CommandSpec(command.name, command.events, f"{HELP_URL}#{command.name.lower()}")
        for command in COMMANDS
    )
    observed = [EventSpec(event.name, f"{HELP_URL}#{event.name.lower()}") for event in OBSERVED_EVENTS]
    results = [EventSpec(name, command.help_url) for command in commands for name in command.events]
    return PackSpec(
        name=name, labels=labels, commands=commands, events=(*observed, *results), help_url=HELP_URL
    )


def bot_scopes() -> tuple[str, ...]:
    """Return every bot scope that the commands and events need, sorted."""
    needed = {scope for command in COMMANDS for scope in command.scopes}
    needed |= {scope for event in OBSERVED_EVENTS for scope in event.scopes}
    return tuple(sorted(needed | set(MEMBERSHIP_SCOPES)))
