"""The rules about packs, commands and events that nobody declares."""

from __future__ import annotations

import pytest

from pack.authoring.lint.declared.declarations import (
    CommandDeclaration,
    Declarations,
    EventDeclaration,
    PackDeclaration,
    own_declarations,
    with_packs,
)
from pack.authoring.lint.findings import Finding
from pack.authoring.lint.steps.command_rules import check
from tests.authoring.lint.subjects import found, ids

JIRA = PackDeclaration(
    name="Jira",
    commands={"CreateIssue": CommandDeclaration("CreateIssue", (EventDeclaration("IssueCreated"),))},
    events={"IssueClosed": EventDeclaration("IssueClosed")},
    source="jira.yaml",
)
WITH_JIRA = with_packs(own_declarations(), [JIRA], source="jira.yaml")


def of(event: str, command: str, declarations: Declarations | None = None) -> list[Finding]:
    sender, name = event.split("/")
    pack, action = command.split("/")
    return found(
        check,
        f"- event: {{packName: '{sender}', name: '{name}'}}\n"
        f"  command: {{packName: '{pack}', name: '{action}'}}\n",
        declarations,
    )


@pytest.mark.parametrize(
    ("event", "command"),
    [
        ("Slack/ReceivedMessage", "Slack/SendMessage"),
        ("Slack/GetChannelInfoFail", "Slack/Broadcast"),
        ("Slack/FATAL", "Slack/JoinChannel"),
        ("Jira/IssueClosed", "Jira/CreateIssue"),
        ("Jira/IssueCreated", "Slack/SendMessage"),
    ],
)
def test_what_is_declared_is_left_alone(event: str, command: str) -> None:
    assert of(event, command, WITH_JIRA) == []


def test_packs_that_nobody_was_asked_about_are_not_judged() -> None:
    assert of("Jira/Whatever", "Jira/DoIt") == []
    assert of("SlackTest/ReceivedMessage", "MySlack/SendMessage") == []


def test_a_pack_that_the_files_do_not_declare_is_noted_once() -> None:
    (finding,) = of("Github/Pushed", "Github/Comment", WITH_JIRA)
    assert finding.rule.id == "undeclared-pack"
    assert finding.path == ("steps", 0, "event", "packName")


def test_a_pack_that_the_engine_does_not_know_is_a_warning() -> None:
    known = with_packs(own_declarations(), [JIRA], source="http://e", engine="http://e")
    (finding,) = of("Github/Pushed", "Jira/CreateIssue", known)
    assert finding.rule.id == "unknown-pack"
    assert "no pack 'Github' is registered at http://e" in finding.message


@pytest.mark.parametrize("name", ["slack", "SLACK", "Slcak", "Slack "])
def test_a_misspelt_pack_is_told_whoever_was_asked(name: str) -> None:
    findings = of("Slack/ReceivedMessage", f"{name}/SendMessage")
    assert ids(findings) == ["unknown-pack"]
    assert findings[0].advice == "did you mean 'Slack'?"


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("sendMessage", "did you mean 'SendMessage'?"),
        ("SendMesage", "did you mean 'SendMessage'?"),
        ("Leave", "did you mean 'LeaveChannel'?"),
        ("CreateIssue", "Jira has such a command"),
    ],
)
def test_an_unknown_command_is_told_with_the_one_that_may_be_meant(name: str, advice: str) -> None:
    (finding,) = of("Slack/ReceivedMessage", f"Slack/{name}", WITH_JIRA)
    assert (finding.rule.id, finding.advice) == ("unknown-command", advice)
    assert "(according to this version of flyte-slack)" in finding.message


def test_the_commands_are_listed_when_none_is_near() -> None:
    (finding,) = of("Jira/IssueClosed", "Jira/Frobnicate", WITH_JIRA)
    assert finding.advice == "its commands are CreateIssue"
    assert "jira.yaml" in finding.message


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("RecievedMessage", "did you mean 'ReceivedMessage'?"),
        ("messageSent", "did you mean 'MessageSent'?"),
        ("Fatal", "did you mean 'FATAL'?"),
        ("Joined", "did you mean 'ChannelJoined'?"),
        ("Broadcast", "did you mean 'BroadcastSent'?"),
        ("IssueClosed", "Jira has such an event"),
    ],
)
def test_an_unknown_event_is_told_with_the_one_that_may_be_meant(name: str, advice: str) -> None:
    (finding,) = of(f"Slack/{name}", "Slack/SendMessage", WITH_JIRA)
    assert (finding.rule.id, finding.advice) == ("unknown-event", advice)


def test_a_command_in_the_place_of_an_event_is_told_with_what_it_ends_in() -> None:
    named = PackDeclaration(
        "Log", {"Write": CommandDeclaration("Write", (EventDeclaration("Done"),))}, {}, "log.yaml"
    )
    (finding,) = of("Log/Write", "Log/Write", with_packs(own_declarations(), [named], source="log.yaml"))
    assert finding.advice == "Write is a command; it ends in Done"


def test_events_are_not_judged_when_the_results_of_a_command_are_not_told() -> None:
    half = PackDeclaration("Log", {"Write": CommandDeclaration("Write", None)}, {}, "log.yaml")
    assert of("Log/Anything", "Log/Write", with_packs(own_declarations(), [half], source="log.yaml")) == []


def test_a_command_that_the_engines_older_pack_lacks_is_told() -> None:
    old = PackDeclaration(
        "Slack",
        {"SendMessage": CommandDeclaration("SendMessage", (EventDeclaration("MessageSent"),))},
        {},
        "http://e",
    )
    known = with_packs(own_declarations(), [old], source="http://e", engine="http://e")
    assert of("Slack/ReceivedMessage", "Slack/SendMessage", known) == []
    (finding,) = of("Slack/ReceivedMessage", "Slack/JoinChannel", known)
    assert finding.rule.id == "unregistered-command"
    assert finding.advice.endswith(": SendMessage")
