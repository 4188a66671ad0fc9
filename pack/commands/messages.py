"""The commands that send: SendMessage, SendRichMessage and Broadcast."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

from pack.commands.declaration import Command, Deps, Outcome, echo, echo_as_input_message
from pack.commands.results import error_code
from pack.contracts.commands import (
    Broadcast,
    BroadcastFailure,
    BroadcastSent,
    Delivery,
    Failure,
    MessageSent,
    NonDelivery,
    RichMessageFailure,
    RichMessageSent,
    SendMessage,
    SendRichMessage,
)
from pack.delivery.admission import Place
from pack.delivery.outcomes import ByMetadata
from pack.errors import CommandFailed, PackError
from pack.slack.channels import KnownChannel, is_direct, is_id, normalize
from pack.slack.membership import Membership

logger = logging.getLogger(__name__)

POST = "chat.postMessage"

STEP = "post:"
"""What the step of a broadcast is called: this and the channel."""

SETTLING_SECONDS = 30.0
"""How long a broadcast waits, at the start, until the wanted channels are joined."""


async def send_message(command: SendMessage, deps: Deps) -> MessageSent:
    """Send a text to one channel, or into one of its threads."""
    sent = await _post(
        "post", command.channelId, deps, text=command.message, thread_ts=command.threadTimestamp
    )
    return MessageSent(
        channelId=sent.channel_id,
        channelName=sent.given_name,
        timestamp=sent.timestamp,
        threadTimestamp=command.threadTimestamp,
    )


async def send_rich_message(command: SendRichMessage, deps: Deps) -> RichMessageSent:
    """Send a message with whatever chat.postMessage takes; only what was given is sent."""
    arguments = command.model_dump(exclude_none=True, exclude={"channel", "escape_text"})
    if command.escape_text and command.text:
        arguments["text"] = escape(command.text)
    sent = await _post("post", command.channel, deps, **arguments)
    return RichMessageSent(
        channelId=sent.channel_id,
        channelName=sent.given_name,
        timestamp=sent.timestamp,
        threadTimestamp=sent.thread_timestamp or command.thread_ts or sent.timestamp,
    )


async def broadcast(command: Broadcast, deps: Deps) -> BroadcastSent:
    """Send a text to every channel that the bot is in, each in its own turn."""
    places = deps.places or await _late_places(deps)
    try:
        outcomes = await asyncio.gather(*(_send_to(place, command.message, deps) for place in places))
    finally:
        for place in places:
            place.leave()
    sent = [outcome for outcome in outcomes if isinstance(outcome, Delivery)]
    failed = [outcome for outcome in outcomes if isinstance(outcome, NonDelivery)]
    if failed:
        raise _broadcast_failed(sent, failed)
    return BroadcastSent(sent=sent, failed=failed)


async def _late_places(deps: Deps) -> Sequence[Place]:
    """Draw the places of a broadcast that came before it was known, or settled, where the bot is."""
    known = await deps.membership.wait_until_settled(SETTLING_SECONDS)
    begun = [step.removeprefix(STEP) for step in deps.begun]
    if channel_ids := dict.fromkeys([*begun, *deps.membership.joined]):
        return [deps.place(channel_id) for channel_id in channel_ids]
    nobody: dict[str, object] = {"sent": [], "failed": []}
    if not known:
        raise CommandFailed(
            "Broadcast reached nobody: Slack has not said yet which channels the bot is in; send it again",
            code="channels_unknown",
            details=nobody,
        )
    raise CommandFailed(
        "Broadcast reached nobody: the bot is in no channel; invite it or send JoinChannel first",
        code="no_channels",
        details=nobody,
    )


async def _send_to(place: Place, text: str, deps: Deps) -> Delivery | NonDelivery:
    async with place:
        try:
            sent = await _post(f"{STEP}{place.reference}", place.reference, deps, text=text)
        except PackError as error:
            return NonDelivery(channelId=place.reference, error=str(error), errorCode=error_code(error))
        except Exception as error:
            logger.exception("a mistake of the pack at %s", place.reference)
            reason = f"a mistake of the pack ({type(error).__name__}); please report it"
            return NonDelivery(channelId=place.reference, error=reason, errorCode="internal_error")
        return Delivery(channelId=sent.channel_id, timestamp=sent.timestamp)


def _broadcast_failed(sent: Sequence[Delivery], failed: Sequence[NonDelivery]) -> CommandFailed:
    reasons = "; ".join(f"{one.channelId}: {one.error}" for one in failed[:5])
    more = f"; and {len(failed) - 5} more" if len(failed) > 5 else ""
    codes = {one.errorCode for one in failed}
    return CommandFailed(
        f"Broadcast did not reach {len(failed)} of {len(sent) + len(failed)} channels: {reasons}{more}",
        code=codes.pop() if len(codes) == 1 else "some_failed",
        details={
            "sent": [one.model_dump() for one in sent],
            "failed": [one.model_dump() for one in failed],
        },
    )


class _Sent:
    """What Slack's answer to a post says."""

    def __init__(self, answer: dict[str, Any], channel_id: str, given_name: str | None) -> None:
        message = answer.get("message")
        self.channel_id = str(answer.get("channel") or channel_id)
        self.given_name = given_name
        self.timestamp = str(answer.get("ts") or "")
        self.thread_timestamp = str(message.get("thread_ts") or "") if isinstance(message, dict) else ""


async def _post(step: str, reference: str, deps: Deps, **arguments: Any) -> _Sent:
    """Post to a channel. One that is not known is left to Slack, which takes names here."""
    channel = deps.channels.known(reference)
    given_name = None if is_id(reference) or (channel and channel.id == reference.strip()) else reference
    channel_id = channel.id if channel else reference.strip()
    answer = await deps.effect(step, POST, {"channel": channel_id, **_given(arguments)})
    sent = _Sent(answer, channel_id, given_name)
    if sent.channel_id == reference.strip():
        sent.given_name = None
    elif channel is None and sent.given_name and not is_direct(sent.channel_id):
        deps.channels.learn(KnownChannel(sent.channel_id, normalize(reference)))
    return sent


def _given(arguments: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in arguments.items() if value is not None}


def escape(text: str) -> str:
    """Escape the three characters that mean something to Slack.

    https://docs.slack.dev/messaging/formatting-message-text#escaping
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _joined(_: Broadcast, membership: Membership) -> Sequence[str]:
    return membership.joined if membership.is_settled else ()


_SCOPES = ("chat:write", "channels:read", "groups:read")
_DIRECT_SCOPES = ("im:write",)
"""To find the direct messages with a user, where it has to be looked up whether one was sent."""

SEND_MESSAGE = Command(
    name="SendMessage",
    input=SendMessage,
    success=Outcome("MessageSent", MessageSent),
    failure=Outcome("SendMessageFailed", Failure),
    idempotent=False,
    scopes=(*_SCOPES, *_DIRECT_SCOPES),
    channels=lambda command, _: (command.channelId,),
    handle=send_message,
    echo=echo,
    check=ByMetadata(),
)

SEND_RICH_MESSAGE = Command(
    name="SendRichMessage",
    input=SendRichMessage,
    success=Outcome("RichMessageSent", RichMessageSent),
    failure=Outcome("SendRichMessageFailed", RichMessageFailure),
    idempotent=False,
    scopes=(*_SCOPES, *_DIRECT_SCOPES, "chat:write.customize"),
    channels=lambda command, _: (command.channel,),
    handle=send_rich_message,
    echo=echo_as_input_message,
    check=ByMetadata(),
)

BROADCAST = Command(
    name="Broadcast",
    input=Broadcast,
    success=Outcome("BroadcastSent", BroadcastSent),
    failure=Outcome("BroadcastFailed", BroadcastFailure),
    idempotent=False,
    scopes=_SCOPES,
    channels=_joined,
    handle=broadcast,
    echo=echo,
    check=ByMetadata(),
)
