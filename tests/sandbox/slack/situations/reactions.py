from __future__ import annotations

from typing import Any

from tests.sandbox.slack.situations.declared import Situations, Stage

situations = Situations()


def _target(stage: Stage) -> dict[str, str]:
    """Return channel and timestamp of a message of ada's."""
    message = stage.slack.workspace.say(stage.general, "hello", user="ada")
    return {"channel": message.channel, "timestamp": message.ts}


async def _three(stage: Stage, method: str, **arguments: Any) -> dict[str, Any]:
    named = {} if method == "reactions.get" else {"name": "eyes"}
    return await stage.call(method, **{**named, **arguments})


def _for_each(*methods: str) -> None:
    for method in methods:
        _cause_common(method)


def _cause_common(method: str) -> None:
    @situations(method, "bad_timestamp")
    async def _no_timestamp(stage: Stage) -> dict[str, Any]:
        return await _three(stage, method, channel=stage.general, timestamp="yesterday")

    @situations(method, "channel_not_found")
    async def _private_channel(stage: Stage) -> dict[str, Any]:
        message = stage.slack.workspace.say("incidents", "psst")
        return await _three(stage, method, channel=message.channel, timestamp=message.ts)

    @situations(method, "message_not_found")
    async def _no_message(stage: Stage) -> dict[str, Any]:
        return await _three(stage, method, channel=stage.general, timestamp="1700000000.000001")

    @situations(method, "no_item_specified")
    async def _nothing_named(stage: Stage) -> dict[str, Any]:
        return await _three(stage, method, channel=stage.general)


_for_each("reactions.add", "reactions.get", "reactions.remove")


@situations("reactions.add", "already_reacted")
async def _reacting_twice(stage: Stage) -> dict[str, Any]:
    target = _target(stage)
    await stage.call.ok("reactions.add", name="eyes", **target)
    return await stage.call("reactions.add", name=":eyes:", **target)


@situations("reactions.add", "invalid_name")
async def _reacting_with_no_emoji(stage: Stage) -> dict[str, Any]:
    return await stage.call("reactions.add", name="two words", **_target(stage))


@situations("reactions.add", "is_archived")
async def _reacting_in_an_archived_channel(stage: Stage) -> dict[str, Any]:
    target = _target(stage)
    stage.slack.workspace.archive("random")
    message = stage.slack.workspace.messages("random")[0]
    return await stage.call("reactions.add", name="eyes", **target | _of(message))


@situations("reactions.add", "not_in_channel")
async def _reacting_outside(stage: Stage) -> dict[str, Any]:
    message = stage.slack.workspace.say("random", "hello")
    return await stage.call("reactions.add", name="eyes", **_of(message))


@situations("reactions.add", "not_reactable")
async def _reacting_to_a_file(stage: Stage) -> dict[str, Any]:
    return await stage.call("reactions.add", name="eyes", file="F0123", **_target(stage))


@situations("reactions.add", "thread_locked")
async def _reacting_in_a_locked_thread(stage: Stage) -> dict[str, Any]:
    target = _target(stage)
    _lock(stage, target)
    reply = stage.slack.workspace.say(target["channel"], "me too", thread_ts=target["timestamp"])
    return await stage.call("reactions.add", name="eyes", **_of(reply))


@situations("reactions.add", "too_many_emoji")
async def _a_fifty_first_emoji(stage: Stage) -> dict[str, Any]:
    target = _target(stage)
    for number in range(50):
        person = ("ada", "bob", "carol")[number % 3]
        stage.slack.workspace.react(target["channel"], target["timestamp"], f"e{number}", person)
    return await stage.call("reactions.add", name="eyes", **target)


@situations("reactions.add", "too_many_reactions")
async def _a_twenty_fourth_reaction_of_one_person(stage: Stage) -> dict[str, Any]:
    target = _target(stage)
    for number in range(23):
        await stage.call.ok("reactions.add", name=f"e{number}", **target)
    return await stage.call("reactions.add", name="eyes", **target)


@situations("reactions.remove", "no_reaction")
async def _removing_what_somebody_else_gave(stage: Stage) -> dict[str, Any]:
    target = _target(stage)
    stage.slack.workspace.react(target["channel"], target["timestamp"], "eyes", "bob")
    return await stage.call("reactions.remove", name="eyes", **target)


@situations("reactions.remove", "invalid_name")
async def _removing_no_emoji(stage: Stage) -> dict[str, Any]:
    return await stage.call("reactions.remove", name="two words", **_target(stage))


@situations("reactions.remove", "thread_locked")
async def _removing_in_a_locked_thread(stage: Stage) -> dict[str, Any]:
    target = _target(stage)
    await stage.call.ok("reactions.add", name="eyes", **target)
    _lock(stage, target)
    return await stage.call("reactions.remove", name="eyes", **target)


@situations("reactions.get", "file_not_found")
async def _asking_for_a_file_that_is_not_there(stage: Stage) -> dict[str, Any]:
    return await stage.call("reactions.get", file="F0123")


@situations("reactions.remove", "file_not_found")
async def _removing_from_a_file_that_is_not_there(stage: Stage) -> dict[str, Any]:
    return await stage.call("reactions.remove", name="eyes", file="F0123")


@situations("reactions.get", "file_comment_not_found")
async def _asking_for_a_comment(stage: Stage) -> dict[str, Any]:
    return await stage.call("reactions.get", file_comment="Fc0123")


@situations("reactions.remove", "file_comment_not_found")
async def _removing_from_a_comment(stage: Stage) -> dict[str, Any]:
    return await stage.call("reactions.remove", name="eyes", file_comment="Fc0123")


@situations("reactions.list", "invalid_cursor")
async def _going_on_where_no_list_ended(stage: Stage) -> dict[str, Any]:
    return await stage.call("reactions.list", cursor="made-up")


@situations("reactions.list", "user_not_found")
async def _listing_for_nobody(stage: Stage) -> dict[str, Any]:
    return await stage.call("reactions.list", user="U0NOBODY")


def _of(message: Any) -> dict[str, str]:
    return {"channel": message.channel, "timestamp": message.ts}


def _lock(stage: Stage, target: dict[str, str]) -> None:
    stage.slack.workspace.message(target["channel"], target["timestamp"]).fields["is_locked"] = True
