"""What goes wrong with messages that are scheduled, and with those that are streamed."""

from __future__ import annotations

from typing import Any

from tests.sandbox.slack.situations.chat import post
from tests.sandbox.slack.situations.declared import Situations, Stage

situations = Situations()

_DAY = 86_400


def _schedule(code: str, seconds: int) -> None:
    @situations("chat.scheduleMessage", code)
    async def _refused(stage: Stage) -> dict[str, Any]:
        post_at = stage.slack.workspace.seconds() + seconds
        return await post(stage, "chat.scheduleMessage", stage.general, post_at=post_at)


_schedule("time_in_past", -1)
_schedule("time_too_far", 121 * _DAY)


@situations("chat.scheduleMessage", "invalid_time")
async def _no_time_at_all(stage: Stage) -> dict[str, Any]:
    return await post(stage, "chat.scheduleMessage", stage.general, post_at=0)


@situations("chat.scheduleMessage", "restricted_too_many")
async def _thirty_one_within_five_minutes(stage: Stage) -> dict[str, Any]:
    channel, first = stage.general, stage.slack.workspace.seconds() + 600
    for number in range(30):
        assert (await post(stage, "chat.scheduleMessage", channel, post_at=first + number * 9))["ok"]
    return await post(stage, "chat.scheduleMessage", channel, post_at=first + 280)


async def _scheduled(stage: Stage, seconds: int = 600) -> dict[str, str]:
    post_at = stage.slack.workspace.seconds() + seconds
    answer = await post(stage, "chat.scheduleMessage", stage.general, post_at=post_at)
    return {"channel": answer["channel"], "scheduled_message_id": answer["scheduled_message_id"]}


@situations("chat.deleteScheduledMessage", "invalid_scheduled_message_id")
async def _too_late_to_take_it_back(stage: Stage) -> dict[str, Any]:
    return await stage.call("chat.deleteScheduledMessage", **await _scheduled(stage, 50))


@situations("chat.deleteScheduledMessage", "channel_not_found")
async def _taking_it_back_elsewhere(stage: Stage) -> dict[str, Any]:
    elsewhere = {**await _scheduled(stage), "channel": "C00000000"}
    return await stage.call("chat.deleteScheduledMessage", **elsewhere)


@situations("chat.scheduledMessages.list", "invalid_channel")
async def _listing_no_channel(stage: Stage) -> dict[str, Any]:
    return await stage.call("chat.scheduledMessages.list", channel="C00000000")


@situations("chat.scheduledMessages.list", "invalid_cursor")
async def _listing_from_nowhere(stage: Stage) -> dict[str, Any]:
    return await stage.call("chat.scheduledMessages.list", cursor="nowhere")


STREAMING = ("chat.appendStream", "chat.stopStream")
TASKS = [{"type": "task_update", "id": str(number), "title": "x"} for number in range(51)]
WRONG_CHUNKS: dict[str, dict[str, Any]] = {
    "invalid_blocks": {"chunks": [{"type": "blocks", "blocks": [{"type": "section"}]}]},
    "invalid_chunks": {"chunks": [{"type": "poem"}]},
    "msg_blocks_too_many": {"chunks": TASKS},
    "msg_too_long": {"markdown_text": "x" * 12_001},
}


def _started(code: str, place: str, **arguments: Any) -> None:
    @situations("chat.startStream", code)
    async def _refused(stage: Stage) -> dict[str, Any]:
        workspace = stage.slack.workspace
        if place == "archived":
            stage.slack.workspace.archive(stage.general)
        channel = workspace.add_im("ada").id if place == "im" else workspace.channel("general").id
        if place == "general":
            assert channel == stage.general
        recipient = {"recipient_team_id": stage.slack.team_id, "recipient_user_id": workspace.user("ada").id}
        given = {"markdown_text": "x", **recipient, **arguments}
        return await stage.call(
            "chat.startStream",
            **{"channel": channel, **{name: value for name, value in given.items() if value is not None}},
        )


for _code, _wrong in WRONG_CHUNKS.items():
    _started(_code, "im", **_wrong)
_started("channel_not_found", "general", channel="C00000000")
_started("not_in_channel", "outside")
_started("is_archived", "archived")
_started("missing_recipient_team_id", "general", recipient_team_id=None)
_started("missing_recipient_user_id", "general", recipient_user_id=None)
_started("user_not_found", "general", recipient_user_id="U00000000")
_started("team_not_found", "general", recipient_team_id="T00000000")
_started("invalid_thread_ts", "general", thread_ts="yesterday")


@situations("chat.startStream", "restricted_action_thread_locked")
async def _a_stream_into_a_locked_thread(stage: Stage) -> dict[str, Any]:
    root = stage.slack.workspace.say(stage.slack.workspace.add_im("ada"), "x", is_locked=True)
    return await stage.call("chat.startStream", channel=root.channel, thread_ts=root.ts)


@situations("chat.startStream", "restricted_action_read_only_channel")
async def _a_stream_where_only_admins_post(stage: Stage) -> dict[str, Any]:
    channel = stage.general
    stage.slack.workspace.restrict_posting(channel)
    return await stage.call("chat.startStream", channel=channel, markdown_text="x")


@situations("chat.startStream", "cannot_reply_to_message")
async def _a_stream_below_a_join(stage: Stage) -> dict[str, Any]:
    channel = stage.general
    joined = stage.slack.workspace.messages(channel)[-1]
    recipient = {"recipient_team_id": stage.slack.team_id, "recipient_user_id": joined.user}
    return await stage.call("chat.startStream", channel=channel, thread_ts=joined.ts, **recipient)


async def _streaming(stage: Stage) -> dict[str, str]:
    channel = stage.general
    recipient = {
        "recipient_team_id": stage.slack.team_id,
        "recipient_user_id": stage.slack.workspace.user("ada").id,
    }
    answer = await stage.call.ok("chat.startStream", channel=channel, markdown_text="so", **recipient)
    return {"channel": channel, "ts": answer["ts"]}


def _continued(method: str) -> None:
    for code, wrong in WRONG_CHUNKS.items():
        _continued_wrongly(method, code, wrong)

    @situations(method, "channel_not_found")
    async def _elsewhere(stage: Stage) -> dict[str, Any]:
        place = {**await _streaming(stage), "channel": "C00000000"}
        return await stage.call(method, **place, markdown_text="x")

    @situations(method, "message_not_found")
    async def _no_message(stage: Stage) -> dict[str, Any]:
        return await stage.call(method, channel=stage.general, ts="1.2", markdown_text="x")

    @situations(method, "message_not_owned_by_app")
    async def _hers(stage: Stage) -> dict[str, Any]:
        message = stage.slack.workspace.say(stage.general, "hers", user="ada")
        return await stage.call(method, channel=message.channel, ts=message.ts, markdown_text="x")

    @situations(method, "message_not_in_streaming_state")
    async def _stopped(stage: Stage) -> dict[str, Any]:
        place = await _streaming(stage)
        await stage.call.ok("chat.stopStream", **place)
        return await stage.call(method, **place, markdown_text="x")

    @situations(method, "is_archived")
    async def _archived(stage: Stage) -> dict[str, Any]:
        place = await _streaming(stage)
        stage.slack.workspace.archive(place["channel"])
        return await stage.call(method, **place, markdown_text="x")

    @situations(method, "restricted_action_read_only_channel")
    async def _restricted(stage: Stage) -> dict[str, Any]:
        place = await _streaming(stage)
        stage.slack.workspace.restrict_posting(place["channel"])
        return await stage.call(method, **place, markdown_text="x")

    @situations(method, "not_in_channel")
    async def _kicked(stage: Stage) -> dict[str, Any]:
        place = await _streaming(stage)
        stage.slack.workspace.kick_bot(place["channel"])
        return await stage.call(method, **place, markdown_text="x")


def _continued_wrongly(method: str, code: str, wrong: dict[str, Any]) -> None:
    @situations(method, code)
    async def _refused(stage: Stage) -> dict[str, Any]:
        return await stage.call(method, **await _streaming(stage), **wrong)


for _method in STREAMING:
    _continued(_method)


@situations("chat.appendStream", "no_text")
async def _appending_nothing(stage: Stage) -> dict[str, Any]:
    return await stage.call("chat.appendStream", **await _streaming(stage), markdown_text="", chunks=[])


METADATA = {"event_type": "deployed", "event_payload": {}}


def _ended(code: str, **arguments: Any) -> None:
    @situations("chat.stopStream", code)
    async def _refused(stage: Stage) -> dict[str, Any]:
        return await stage.call("chat.stopStream", **await _streaming(stage), **arguments)


_ended("invalid_metadata_format", metadata="[]")
_ended("invalid_metadata_schema", metadata={**METADATA, "event_type": "a b"})
_ended("metadata_too_large", metadata={**METADATA, "event_payload": {"a": "x" * 17_000}})
_ended(
    "msg_blocks_too_long",
    blocks=[{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2_900}}] * 5,
)
