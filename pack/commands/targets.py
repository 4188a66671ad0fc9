"""Which channel a command means."""

from __future__ import annotations

from dataclasses import dataclass

from pack.commands.declaration import Deps
from pack.errors import CommandFailed
from pack.slack.channels import KnownChannel, is_id, may_be_id

NO_SUCH_NAME = "can't find channel with such name"
"""The old pack's words, which flows may match on."""


@dataclass(frozen=True, slots=True)
class Target:
    """A channel as Slack is to be told of it, and the name that was given, when one was."""

    channel: KnownChannel
    given_name: str | None


async def find_target(reference: str, deps: Deps) -> Target:
    """Return the channel that an ID, name or #name means.

    Raises:
        CommandFailed: no channel is called that.
        SlackRefused, TransientError: the list of channels cannot be had.
    """
    if is_id(reference):
        found = deps.channels.known(reference)
        return Target(found or KnownChannel(reference.strip(), ""), None)
    found = await deps.channels.find(reference)
    if found:
        return Target(found, None if reference.strip() == found.id else reference)
    if may_be_id(reference):
        return Target(KnownChannel(reference.strip(), ""), None)
    raise CommandFailed(
        f"{NO_SUCH_NAME}: {reference} (archived channels, and private ones that the bot is not in, are not "
        "listed); check the name, invite the bot, or give the channel's ID",
        code="channel_not_found",
    )
