"""What is derived from the declarations: registration, manifest, reference pages, explanations."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pack.commands.catalogue import COMMANDS, bot_scopes, pack_spec
from pack.contracts.events import OBSERVED_EVENTS
from pack.manifest import app_manifest, bot_events
from pack.observations import OBSERVATIONS
from pack.reference import pages
from pack.slack.explanations import EXPLANATIONS, explain
from pack.slack.web import AMBIGUOUS_CODES, RATE_CODES, TOKEN_CODES

ROOT = Path(__file__).parents[1]
FACTS: dict[str, Any] = json.loads(
    (ROOT / "pack" / "sandbox" / "slack" / "reference" / "facts.json").read_text()
)
METHODS = (
    "auth.test",
    "apps.connections.open",
    "chat.postMessage",
    "conversations.history",
    "conversations.info",
    "conversations.join",
    "conversations.leave",
    "conversations.list",
    "conversations.open",
    "conversations.replies",
    "users.conversations",
    "users.info",
)


def test_every_method_that_the_pack_calls_is_in_the_list() -> None:
    source = "\n".join(
        path.read_text()
        for room in ("slack", "commands", "delivery")
        for path in (ROOT / "pack" / room).glob("*.py")
        if path.name != "tiers.py"  # which names methods that nobody calls yet
    )
    called = {method for method in FACTS["methods"] if f'"{method}"' in source}
    assert called == set(METHODS)


@pytest.mark.parametrize("method", METHODS)
def test_every_code_that_a_method_can_answer_is_explained(method: str) -> None:
    codes = set(FACTS["methods"][method]["errors"]) | set(FACTS["common_errors"])
    assert codes <= set(EXPLANATIONS)


def test_every_code_that_is_treated_in_its_own_way_is_one_of_slacks() -> None:
    known = set(EXPLANATIONS)
    assert known >= TOKEN_CODES | RATE_CODES | AMBIGUOUS_CODES


def test_an_explanation_names_operation_target_code_and_next_step() -> None:
    said = explain("not_in_channel", "chat.postMessage", {"channel": "C1"}, {})
    for part in ("chat.postMessage", "C1", "not_in_channel", "JoinChannel"):
        assert part in said


def test_the_seeds_commands_and_events_are_declared_by_their_names() -> None:
    declared = {command.name: command.events for command in COMMANDS}
    assert declared == {
        "SendMessage": ("MessageSent", "SendMessageFailed"),
        "SendRichMessage": ("RichMessageSent", "SendRichMessageFailed"),
        "Broadcast": ("BroadcastSent", "BroadcastFailed"),
        "JoinChannel": ("ChannelJoined", "JoinChannelFailed"),
        "LeaveChannel": ("ChannelLeft", "LeaveChannelFailed"),
        "GetChannelInfo": ("GetChannelInfoSuccess", "GetChannelInfoFail"),
    }
    assert {event.name for event in OBSERVED_EVENTS} == {"ReceivedMessage", "ReactionAdded"}


def test_no_result_has_the_name_of_an_observed_event() -> None:
    results = [name for command in COMMANDS for name in command.events]
    assert len(results) == len(set(results))
    assert not set(results) & {event.name for event in OBSERVED_EVENTS}


def test_every_observed_event_is_made_from_something() -> None:
    kinds = {name.partition(".")[0] for event in OBSERVED_EVENTS for name in event.subscriptions}
    assert kinds == set(OBSERVATIONS)


def test_help_links_are_registered_for_the_pack_and_all_it_declares() -> None:
    spec = pack_spec("Slack", {"env": "prod"})
    assert all(entry.help_url.startswith("https://") for entry in (*spec.commands, *spec.events))
    assert spec.help_url.startswith("https://")


def test_the_manifest_asks_for_all_that_is_declared_and_no_more() -> None:
    manifest = app_manifest()
    assert manifest["oauth_config"]["scopes"]["bot"] == list(bot_scopes())
    assert manifest["settings"]["event_subscriptions"]["bot_events"] == bot_events()
    assert manifest["settings"]["socket_mode_enabled"] is True
    needed = {scope for command in COMMANDS for scope in command.scopes}
    assert needed <= set(bot_scopes())


def test_every_scope_is_one_that_slack_has() -> None:
    known = {
        scope for method in FACTS["methods"].values() for scope in (method.get("scopes") or {}).get("bot", [])
    }
    assert set(bot_scopes()) - known <= {"chat:write.customize", "users:read.email"}


def test_a_manifest_for_signed_requests_names_the_address() -> None:
    manifest = app_manifest(request_url="https://example.com/slack/events")
    assert manifest["settings"]["socket_mode_enabled"] is False
    assert manifest["settings"]["event_subscriptions"]["request_url"] == "https://example.com/slack/events"


@pytest.mark.parametrize("name", sorted(pages()))
def test_a_reference_page_is_up_to_date(name: str) -> None:
    assert (ROOT / "docs" / name).read_text("utf-8") == pages()[name], "run `make docs`"
