"""The inputs of the commands and what their success events add to them.

The contract is flyte-slack's README (``docs/commands.md`` has it in full); the fields of SendRichMessage are
those of chat.postMessage (https://docs.slack.dev/reference/methods/chat.postMessage).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pack.contracts.fields import Boolean, Channel, Object, Objects, Text, Timestamp, kind_of
from pack.contracts.ports import UnreadableInput
from pack.errors import BadInput, FieldProblem


class CommandInput(BaseModel):
    """The input of a command: the declared fields; whatever else the caller sent is only echoed."""

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)

    missing: ClassVar[Mapping[str, str]] = {}
    """The text for a required field that was not given, where the old pack had one of its own."""

    @classmethod
    def from_input(cls, given: Any) -> Self:
        """Read a command's input.

        Keys are matched as they are written, else without regard to upper and lower case (as the old pack
        did). Empty text and null count as not given.

        Raises:
            BadInput: names every field that cannot be used.
        """
        if isinstance(given, UnreadableInput):
            raise BadInput([FieldProblem("", given.reason)], f"input: {given.reason}")
        if not isinstance(given, dict):
            raise BadInput(
                [FieldProblem("", "not an object")], f"input: expected an object, got {kind_of(given)}"
            )
        folded = {str(key).lower(): value for key, value in given.items()}
        values = {name: given.get(name, folded.get(name.lower())) for name in cls.model_fields}
        try:
            return cls.model_validate(
                {name: value for name, value in values.items() if value not in (None, "")}
            )
        except ValidationError as error:
            problems = [cls._problem(found["loc"], found["type"], found["msg"]) for found in error.errors()]
        raise BadInput(problems, ", ".join(cls._sentence(found) for found in problems))

    @classmethod
    def _problem(cls, location: tuple[int | str, ...], kind: str, message: str) -> FieldProblem:
        field = ".".join(map(str, location))
        return FieldProblem(
            field, cls.missing.get(field, f"missing {field} field") if kind == "missing" else message
        )

    @classmethod
    def _sentence(cls, found: FieldProblem) -> str:
        return found.problem if found.problem.startswith("missing ") else f"{found.field}: {found.problem}"


class SendMessage(CommandInput):
    """A text for one channel."""

    missing = {"message": "missing message field", "channelId": "missing channel id field"}

    message: Text = Field(description="The text, in Slack's mrkdwn.")
    channelId: Channel = Field(description="The channel: ID, name or #name.")
    threadTimestamp: Timestamp | None = Field(
        None, description="The timestamp of the thread's first message, to answer inside that thread."
    )


class SendRichMessage(CommandInput):
    """A message with everything that chat.postMessage takes."""

    channel: Channel = Field(description="The channel: ID, name or #name.")
    text: Text | None = Field(None, description="The text; with blocks: the text of notifications.")
    blocks: Objects | None = Field(None, description="Block Kit blocks: a list of objects or its JSON text.")
    attachments: Objects | None = Field(None, description="Attachments: a list of objects or its JSON text.")
    markdown_text: Text | None = Field(
        None, description="The text as Markdown, instead of text and blocks; at most 12,000 characters."
    )
    metadata: Object | None = Field(
        None, description="Message metadata: an object with event_type and event_payload, or its JSON text."
    )
    thread_ts: Timestamp | None = Field(None, description="The timestamp of the thread's first message.")
    reply_broadcast: Boolean | None = Field(None, description="Show a reply in the channel too.")
    username: Text | None = Field(None, description="Another name (needs chat:write.customize).")
    icon_emoji: Text | None = Field(None, description="An emoji as the icon (needs chat:write.customize).")
    icon_url: Text | None = Field(None, description="A picture as the icon (needs chat:write.customize).")
    parse: Text | None = Field(None, description="`full` or `none`: how the text is read.")
    link_names: Boolean | None = Field(None, description="Make links of the names of user groups.")
    mrkdwn: Boolean | None = Field(None, description="False: show the text as it is, without formatting.")
    unfurl_links: Boolean | None = Field(None, description="Show previews of links.")
    unfurl_media: Boolean | None = Field(None, description="Show previews of media.")
    current_draft_last_updated_ts: Timestamp | None = Field(
        None, description="When the draft that this message was, was last changed."
    )
    escape_text: Boolean | None = Field(
        None, description="Escape &, < and > in `text` before it is sent; this key itself is not sent."
    )


class Broadcast(CommandInput):
    """A text for all the channels that the pack is in."""

    missing = {"message": "missing message field"}

    message: Text = Field(description="The text, in Slack's mrkdwn.")


class JoinChannel(CommandInput):
    """A public channel to join."""

    missing = {"channelId": "missing channel id field"}

    channelId: Channel = Field(description="The channel: ID, name or #name.")


class LeaveChannel(CommandInput):
    """A channel to leave."""

    missing = {"channelId": "missing channel id field"}

    channelId: Channel = Field(description="The channel: ID, name or #name.")


class GetChannelInfo(CommandInput):
    """A channel to look up."""

    missing = {"channelName": "missing channel name field"}

    channelName: Channel = Field(description="The channel: name, #name or ID.")


class Learnt(BaseModel):
    """What a success event adds to the input. Fields that are None are left out."""

    model_config = ConfigDict(frozen=True, defer_build=True)


class Changed(Learnt):
    """Something was changed in Slack, and this is what it took."""

    attempts: int | None = Field(
        None, description="How many calls were made to Slack to carry it out; more than 1 after trouble."
    )
    waitedSeconds: float | None = Field(
        None,
        description="How long it was from when the command was taken until the last of these calls began, "
        "in seconds.",
    )


class ChannelLearnt(Changed):
    """Which channel it was."""

    channelId: str = Field(description="The channel's ID.")
    channelName: str | None = Field(
        None, description="The channel's name as it was given; absent when an ID was given."
    )


class MessageSent(ChannelLearnt):
    """Slack has the message."""

    timestamp: str = Field(description="The message's timestamp, its ID within the channel.")
    threadTimestamp: str | None = Field(
        None, description="The thread's first message, when it was sent into a thread."
    )


class RichMessageSent(ChannelLearnt):
    """Slack has the message."""

    timestamp: str = Field(description="The message's timestamp, its ID within the channel.")
    threadTimestamp: str = Field(
        description="The timestamp of the thread's first message; outside threads the message's own."
    )


class Delivery(BaseModel):
    """One channel that a broadcast reached."""

    channelId: str = Field(description="The channel's ID.")
    timestamp: str = Field(description="The message's timestamp there.")


class NonDelivery(BaseModel):
    """One channel that a broadcast did not reach."""

    channelId: str = Field(description="The channel's ID.")
    error: str = Field(description="Why, and what to do.")
    errorCode: str = Field(description="Slack's code, or ours.")


class BroadcastSent(Changed):
    """Slack has the message, in every channel that the pack is in."""

    sent: list[Delivery] = Field(description="The channels that got it.")
    failed: list[NonDelivery] = Field(description="The channels that did not; empty here.")


class ChannelJoined(ChannelLearnt):
    """The pack is in the channel."""


class ChannelLeft(ChannelLearnt):
    """The pack is not in the channel."""


class Conversation(BaseModel):
    """A channel, as GetChannelInfo describes it."""

    id: str = Field(description="The channel's ID.")
    name: str = Field(description="Its name, without #.")
    topic: str = Field(description="Its topic; empty when there is none.")


class GetChannelInfoSuccess(Learnt):
    """The channel was found."""

    channelId: str = Field(description="The channel's ID.")
    conversation: Conversation = Field(description="The channel.")


class Failure(BaseModel):
    """It was not carried out. The input as it came, and the following."""

    error: str = Field(description="What failed, on what, and what to do.")
    errorCode: str = Field(description="Slack's code, or ours (`invalid_input`, `answer_lost`, …).")


class ChannelInfoFailure(Failure):
    """The channel was not found. The input as it came, and the reason, twice for old flows."""

    reason: str = Field(description="The same as `error`.")
    hint: str | None = Field(None, description="What to do, when no channel is called that.")


class BroadcastFailure(Failure):
    """Some channels, or all, did not get the message. The input as it came, and the following."""

    sent: list[Delivery] = Field(
        default_factory=list, description="The channels that got it; absent when none was tried."
    )
    failed: list[NonDelivery] = Field(
        default_factory=list, description="The channels that did not, and why; absent when none was tried."
    )


class RichMessageFailure(Failure):
    """It was not sent. The input is under a key of its own."""

    inputMessage: Any = Field(
        description="The input as it came: an object, or whatever was given in place of one."
    )
