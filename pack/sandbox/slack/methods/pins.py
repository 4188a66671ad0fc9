"""``pins.add``, ``pins.list`` and ``pins.remove``."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pack.sandbox.slack.calls.api import Api, Arguments, Json
from pack.sandbox.slack.calls.declared import Simulated
from pack.sandbox.slack.methods.reactions import find_message
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.objects import Channel


def add_pin(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``pins.add``: a person or the bot pins a message of a conversation that it is in."""
    channel = _writable(api, arguments, outside="not_in_channel")
    api.world.pins.add(channel, find_message(channel, arguments), api.user_id)
    return {}


def list_pins(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``pins.list``, the newest pin first."""
    channel = api.visible(arguments["channel"])
    pins = api.world.pins
    return {"items": [pins.describe(channel, pin, message) for pin, message in pins.of(channel)]}


def remove_pin(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``pins.remove``: whoever is in the conversation can take a pin off."""
    channel = _writable(api, arguments, outside="restricted_action")
    api.world.pins.remove(channel, find_message(channel, arguments), api.user_id)
    return {}


def _writable(api: Api, arguments: Arguments, *, outside: str) -> Channel:
    channel = api.visible(arguments["channel"])
    if not arguments.get("timestamp"):
        raise Refusal("no_item_specified")
    if channel.is_archived:
        raise Refusal("restricted_action")
    if not api.is_member(channel):
        raise Refusal(outside)
    return channel


METHODS: Mapping[str, Simulated] = MappingProxyType(
    {
        "pins.add": Simulated(
            add_pin,
            (
                "already_pinned",
                "bad_timestamp",
                "channel_not_found",
                "message_not_found",
                "no_item_specified",
                "not_in_channel",
                "not_pinnable",
                "restricted_action",
                "too_many_pins",
            ),
        ),
        "pins.list": Simulated(list_pins, ("channel_not_found",)),
        "pins.remove": Simulated(
            remove_pin,
            (
                "bad_timestamp",
                "channel_not_found",
                "message_not_found",
                "no_item_specified",
                "no_pin",
                "restricted_action",
            ),
            differs="no_pin is answered where Slack may say not_pinned",
        ),
    }
)
