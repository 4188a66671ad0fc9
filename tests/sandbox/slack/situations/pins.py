from __future__ import annotations

from typing import Any

from tests.sandbox.slack.situations.declared import Situations, Stage

situations = Situations()


def _target(stage: Stage, channel: str | None = None) -> dict[str, str]:
    message = stage.slack.workspace.say(channel or stage.general, "hello", user="ada")
    return {"channel": message.channel, "timestamp": message.ts}


def _cause_common(method: str) -> None:
    @situations(method, "bad_timestamp")
    async def _no_timestamp(stage: Stage) -> dict[str, Any]:
        return await stage.call(method, channel=stage.general, timestamp="yesterday")

    @situations(method, "channel_not_found")
    async def _private_channel(stage: Stage) -> dict[str, Any]:
        return await stage.call(method, **_target(stage, "incidents"))

    @situations(method, "message_not_found")
    async def _no_message(stage: Stage) -> dict[str, Any]:
        return await stage.call(method, channel=stage.general, timestamp="1700000000.000001")

    @situations(method, "no_item_specified")
    async def _nothing_named(stage: Stage) -> dict[str, Any]:
        return await stage.call(method, channel=stage.general)

    @situations(method, "restricted_action")
    async def _archived_channel(stage: Stage) -> dict[str, Any]:
        target = _target(stage)
        stage.slack.workspace.join("random", stage.slack.bot_user_id)
        message = stage.slack.workspace.say("random", "hello")
        stage.slack.workspace.archive("random")
        return await stage.call(method, **target | {"channel": message.channel, "timestamp": message.ts})


_cause_common("pins.add")
_cause_common("pins.remove")


@situations("pins.list", "channel_not_found")
async def _listing_a_private_channel(stage: Stage) -> dict[str, Any]:
    return await stage.call("pins.list", channel=stage.slack.workspace.channel("incidents").id)


@situations("pins.add", "already_pinned")
async def _pinning_twice(stage: Stage) -> dict[str, Any]:
    target = _target(stage)
    await stage.call.ok("pins.add", **target)
    return await stage.call("pins.add", **target)


@situations("pins.add", "not_in_channel")
async def _pinning_outside(stage: Stage) -> dict[str, Any]:
    return await stage.call("pins.add", **_target(stage, "random"))


@situations("pins.add", "not_pinnable")
async def _pinning_a_joining(stage: Stage) -> dict[str, Any]:
    message = stage.slack.workspace.messages(stage.general)[-1]
    return await stage.call("pins.add", channel=message.channel, timestamp=message.ts)


@situations("pins.add", "too_many_pins")
async def _a_hundred_and_first_pin(stage: Stage) -> dict[str, Any]:
    workspace = stage.slack.workspace
    channel, ada = workspace.channel(stage.general), workspace.user("ada")
    for number in range(100):
        stage.slack.world.pins.add(channel, workspace.say(channel, f"{number}"), ada.id)
    return await stage.call("pins.add", **_target(stage))


@situations("pins.remove", "no_pin")
async def _taking_off_what_is_not_pinned(stage: Stage) -> dict[str, Any]:
    return await stage.call("pins.remove", **_target(stage))
