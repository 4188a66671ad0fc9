"""The commands about channels: JoinChannel, LeaveChannel and GetChannelInfo."""

from __future__ import annotations

from pack.commands.declaration import Command, Deps, Outcome, echo
from pack.commands.targets import NO_SUCH_NAME, Target, find_target
from pack.contracts.commands import (
    ChannelInfoFailure,
    ChannelJoined,
    ChannelLeft,
    Conversation,
    Failure,
    GetChannelInfo,
    GetChannelInfoSuccess,
    JoinChannel,
    LeaveChannel,
)
from pack.delivery.outcomes import AlreadyDone
from pack.errors import CommandFailed, PackError, SlackRefused
from pack.slack.channels import KnownChannel, read_channel

JOIN = "conversations.join"
LEAVE = "conversations.leave"
INFO = "conversations.info"

PRIVATE = frozenset({"channel_not_found", "method_not_supported_for_channel_type"})
"""What Slack answers to joining a private channel, also to a bot that is in it."""

GONE = frozenset({"channel_not_found", "is_archived"})
"""What Slack answers to leaving a channel that nobody can be in."""


async def join_channel(command: JoinChannel, deps: Deps) -> ChannelJoined:
    """Join a public channel; a channel that the bot is in already counts as joined."""
    target = await find_target(command.channelId, deps)
    try:
        answer = await deps.effect("join", JOIN, {"channel": target.channel.id})
        joined = read_channel({"id": target.channel.id, **(answer.get("channel") or {})})
    except SlackRefused as error:
        if error.code not in PRIVATE or not await _is_member(target, deps):
            raise
        joined = target.channel
    await deps.membership.joined_by_command(joined)
    return ChannelJoined(channelId=joined.id, channelName=target.given_name)


async def _is_member(target: Target, deps: Deps) -> bool:
    try:
        answer = await deps.ask(INFO, {"channel": target.channel.id})
    except PackError:
        return False
    return bool((answer.get("channel") or {}).get("is_member"))


async def leave_channel(command: LeaveChannel, deps: Deps) -> ChannelLeft:
    """Leave a channel; one that the bot is not in counts as left."""
    target = await find_target(command.channelId, deps)
    try:
        await deps.effect("leave", LEAVE, {"channel": target.channel.id})
    except SlackRefused as error:
        if error.code in GONE:
            await deps.membership.left_by_command(target.channel.id)
            said = f"{error} (the pack does not want to be there any more, so nothing more is to be done)"
            raise SlackRefused(said, code=error.code, method=error.method) from error
        if error.code != "not_in_channel":
            raise
    await deps.membership.left_by_command(target.channel.id)
    return ChannelLeft(channelId=target.channel.id, channelName=target.given_name)


async def get_channel_info(command: GetChannelInfo, deps: Deps) -> GetChannelInfoSuccess:
    """Look a channel up: from the list when it is there, else by asking Slack for that one."""
    try:
        channel = (await find_target(command.channelName, deps)).channel
    except CommandFailed as error:
        # Flows match on the old pack's words, so nothing is added to them.
        raise CommandFailed(NO_SUCH_NAME, code=error.code, details={"hint": str(error)}) from error
    if not channel.name:
        answer = await deps.ask(INFO, {"channel": channel.id})
        channel = read_channel({"id": channel.id, **(answer.get("channel") or {})})
        deps.channels.learn(channel)
    return GetChannelInfoSuccess(channelId=channel.id, conversation=_conversation(channel))


def _conversation(channel: KnownChannel) -> Conversation:
    return Conversation(id=channel.id, name=channel.name, topic=channel.topic)


JOIN_CHANNEL = Command(
    name="JoinChannel",
    input=JoinChannel,
    success=Outcome("ChannelJoined", ChannelJoined),
    failure=Outcome("JoinChannelFailed", Failure),
    idempotent=True,
    scopes=("channels:join", "channels:read", "groups:read"),
    channels=lambda command, _: (command.channelId,),
    handle=join_channel,
    echo=echo,
    check=AlreadyDone(),
)

LEAVE_CHANNEL = Command(
    name="LeaveChannel",
    input=LeaveChannel,
    success=Outcome("ChannelLeft", ChannelLeft),
    failure=Outcome("LeaveChannelFailed", Failure),
    idempotent=True,
    scopes=("channels:manage", "groups:write", "channels:read", "groups:read"),
    channels=lambda command, _: (command.channelId,),
    handle=leave_channel,
    echo=echo,
    check=AlreadyDone(frozenset({"not_in_channel"})),
)

GET_CHANNEL_INFO = Command(
    name="GetChannelInfo",
    input=GetChannelInfo,
    success=Outcome("GetChannelInfoSuccess", GetChannelInfoSuccess),
    failure=Outcome("GetChannelInfoFail", ChannelInfoFailure),
    idempotent=True,
    scopes=("channels:read", "groups:read"),
    channels=lambda command, _: (),
    handle=get_channel_info,
    echo=echo,
)
