"""What goes wrong when messages are posted: where, and into which thread."""

from __future__ import annotations

from typing import Any

from tests.sandbox.slack.situations.declared import Situations, Stage

situations = Situations()

POSTING = ("chat.meMessage", "chat.postEphemeral", "chat.postMessage", "chat.scheduleMessage")


async def post(stage: Stage, method: str, channel: str, **arguments: Any) -> dict[str, Any]:
    """Call a posting method with what it needs beside the channel."""
    ada = stage.slack.workspace.user("ada").id
    needed = {
        "chat.postEphemeral": {"user": ada},
        "chat.scheduleMessage": {"post_at": stage.slack.workspace.seconds() + 600},
    }
    return await stage.call(
        method, channel=channel, **{"text": "hello", **needed.get(method, {}), **arguments}
    )


def _places(method: str) -> None:
    @situations(method, "is_archived")
    async def _archived(stage: Stage) -> dict[str, Any]:
        channel = stage.general
        stage.slack.workspace.archive(channel)
        return await post(stage, method, channel)

    @situations(method, "channel_not_found")
    async def _private(stage: Stage) -> dict[str, Any]:
        return await post(stage, method, stage.slack.workspace.channel("incidents").id)

    @situations(method, "not_in_channel")
    async def _elsewhere(stage: Stage) -> dict[str, Any]:
        return await post(stage, method, stage.slack.workspace.channel("random").id)

    @situations(method, "no_text")
    async def _nothing(stage: Stage) -> dict[str, Any]:
        return await post(stage, method, stage.general, text=" ")


def _restricted(method: str, code: str) -> None:
    @situations(method, code)
    async def _where_only_admins_post(stage: Stage) -> dict[str, Any]:
        channel = stage.general
        stage.slack.workspace.restrict_posting(channel)
        return await post(stage, method, channel)


def _threads(method: str) -> None:
    @situations(method, "invalid_thread_ts")
    async def _no_timestamp(stage: Stage) -> dict[str, Any]:
        return await post(stage, method, stage.general, thread_ts="yesterday")

    @situations(method, "cannot_reply_to_message")
    async def _below_a_join(stage: Stage) -> dict[str, Any]:
        channel = stage.general
        joined = stage.slack.workspace.messages(channel)[-1]
        assert joined.subtype == "channel_join"
        return await post(stage, method, channel, thread_ts=joined.ts)


for _method in POSTING:
    _places(_method)
    _restricted(
        _method,
        "restricted_action"
        if _method in ("chat.meMessage", "chat.postEphemeral")
        else "restricted_action_read_only_channel",
    )
for _method in POSTING[1:]:
    _threads(_method)


@situations("chat.meMessage", "msg_too_long")
async def _a_long_me_message(stage: Stage) -> dict[str, Any]:
    return await post(stage, "chat.meMessage", stage.general, text="x" * 40_001)


@situations("chat.postEphemeral", "user_not_in_channel")
async def _for_somebody_who_is_not_there(stage: Stage) -> dict[str, Any]:
    stage.slack.workspace.join("incidents", stage.slack.bot_user_id)
    channel = stage.slack.workspace.channel("incidents").id
    return await post(stage, "chat.postEphemeral", channel, user=stage.slack.workspace.user("bob").id)


@situations("chat.postMessage", "as_user_not_supported")
async def _as_a_classic_app(stage: Stage) -> dict[str, Any]:
    return await post(stage, "chat.postMessage", stage.general, as_user=True)


@situations("chat.postMessage", "restricted_action_thread_locked")
async def _in_a_locked_thread(stage: Stage) -> dict[str, Any]:
    root = stage.slack.workspace.say(stage.general, "settled", user="ada", is_locked=True)
    return await post(stage, "chat.postMessage", root.channel, thread_ts=root.ts)


@situations("chat.postMessage", "msg_blocks_too_long")
async def _long_blocks(stage: Stage) -> dict[str, Any]:
    block = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2_900}}
    return await post(stage, "chat.postMessage", stage.general, blocks=[block] * 5)


@situations("chat.getPermalink", "channel_not_found")
async def _a_link_into_a_channel_that_is_not_seen(stage: Stage) -> dict[str, Any]:
    channel = stage.slack.workspace.channel("incidents").id
    return await stage.call("chat.getPermalink", channel=channel, message_ts="1.2")


@situations("chat.getPermalink", "message_not_found")
async def _a_link_to_no_message(stage: Stage) -> dict[str, Any]:
    return await stage.call("chat.getPermalink", channel=stage.general, message_ts="1.2")
