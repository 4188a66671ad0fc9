"""``flyte-slack render``: what each step would do with an event, told to people and to programs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pack.cli import app

Write = Callable[..., str]

STEP: dict[str, Any] = {
    "id": "echo",
    "event": {"name": "ReceivedMessage", "packName": "Slack"},
    "context": {"who": "{{ Event.Payload.user.name }}"},
    "criteria": "{{ Event.Payload.message|match:'^echo ' }}",
    "command": {
        "name": "SendMessage",
        "packName": "Slack",
        "input": {"channelId": "C1", "message": "{{ Context.who }} said {{ Event.Payload.message }}"},
    },
}
EVENT: dict[str, Any] = {
    "event": "ReceivedMessage",
    "payload": {"message": "echo hi", "user": {"name": "ada"}},
}


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(name: str, content: Any) -> str:
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
        return str(path)

    return write


def render(*arguments: str, stdin: str | None = None) -> Any:
    return CliRunner().invoke(app, ["render", *arguments], input=stdin)


def flow(*steps: Any, **changes: Any) -> dict[str, Any]:
    return {"name": "echo", "steps": list(steps) or [{**STEP, **changes}]}


def preview(write: Write, *steps: Any, event: Any = EVENT, context: Any = None, **changes: Any) -> list[Any]:
    arguments = [write("flow.json", flow(*steps, **changes)), "--event", write("event.json", event)]
    if context is not None:
        arguments += ["--context", write("context.json", context)]
    result = render(*arguments, "--format", "json")
    found: list[Any] = json.loads(result.stdout)["steps"]
    assert result.exit_code == (1 if any(step["outcome"] == "failed" for step in found) else 0)
    return found


def told(write: Write, *arguments: str, event: Any = EVENT, **changes: Any) -> str:
    result = render(write("flow.json", flow(**changes)), "--event", write("event.json", event), *arguments)
    return str(result.stdout)


# --- what the steps would do ------------------------------------------------------------------------------


def test_a_step_that_is_taken_shows_its_command(write: Write) -> None:
    (step,) = preview(write)
    assert step["outcome"] == "taken"
    assert step["startsTheFlow"]
    assert step["criteria"] is True
    assert step["context"] == {"who": "ada"}
    assert step["command"] == {
        "name": "SendMessage",
        "packName": "Slack",
        "packLabels": {},
        "input": {"channelId": "C1", "message": "ada said echo hi"},
    }


def test_a_criteria_that_is_not_met_shows_why(write: Write) -> None:
    (step,) = preview(write, event={**EVENT, "payload": {"message": "hi"}})
    assert step["outcome"] == "criteria not met"
    assert step["criteria"] is False
    assert "input" not in step["command"]


@pytest.mark.parametrize(
    ("event", "why"),
    [
        ({**EVENT, "event": "ReactionAdded"}, "this is 'ReactionAdded'"),
        ({**EVENT, "pack": {"name": "Chat"}}, "this one is of 'Chat'"),
    ],
)
def test_an_event_for_another_step_is_told_from_what_the_step_waits_for(
    write: Write, event: Any, why: str
) -> None:
    (step,) = preview(write, event=event)
    assert step["outcome"] == "not waited for"
    assert why in step["why"]
    assert step["templates"] == []


def test_labels_that_differ_are_named(write: Write) -> None:
    wanted = {"name": "ReceivedMessage", "packName": "Slack", "packLabels": {"env": "{{ 'live' }}"}}
    labels = {"name": "Slack", "labels": {"env": "dev"}}
    (step,) = preview(write, {**STEP, "event": wanted}, event={**EVENT, "pack": labels})
    assert step["outcome"] == "labels differ"
    assert "env has to be 'live', and Slack has 'dev'" in step["why"]


def test_a_pack_that_is_not_given_has_the_labels_that_the_step_wants(write: Write) -> None:
    wanted = {"name": "ReceivedMessage", "packName": "Slack", "packLabels": {"env": "{{ 'live' }}"}}
    message = {**STEP["command"], "input": "{{ Event.Pack.Id }}"}
    (step,) = preview(write, {**STEP, "event": wanted, "command": message})
    assert step["command"]["input"] == "Slack.env.live"
    assert step["event"]["assumed"] == ["pack Slack", "labels env=live"]


def test_a_bare_payload_is_taken_as_the_event_that_each_step_waits_for(write: Write) -> None:
    other = {**STEP, "id": "other", "event": {"name": "Other", "packName": "Chat"}}
    steps = preview(write, STEP, other, event=EVENT["payload"])
    assert [(step["event"]["event"], step["outcome"]) for step in steps] == [
        ("ReceivedMessage", "taken"),
        ("Other", "taken"),
    ]
    assert steps[1]["event"]["assumed"] == ["event Other", "pack Chat"]


def test_a_step_that_depends_on_others_sees_the_context_that_is_given(write: Write) -> None:
    later = {**STEP, "id": "later", "dependsOn": ["echo"], "criteria": "{{ Context.room == 'C9' }}"}
    (step,) = preview(write, later, context={"room": "C9"})
    assert step["outcome"] == "taken"
    assert not step["startsTheFlow"]
    assert step["dependsOn"] == ["echo"]
    assert step["context"] == {"room": "C9", "who": "ada"}


def test_the_times_of_the_event_are_those_given(write: Write) -> None:
    message = {**STEP["command"], "input": "{{ Event.CreatedAt|date:'2006-01-02' }}"}
    event = {**EVENT, "createdAt": "2001-02-03T04:05:06Z"}
    (step,) = preview(write, command=message, event=event)
    assert step["command"]["input"] == "2001-02-03"


def test_documents_of_the_datastore_can_be_given(write: Write) -> None:
    source = "{{ datastore('team').lead }} {{ datastore('note') }}"
    command = {**STEP["command"], "input": source}
    team, note = write("team.json", {"lead": "bob"}), write("note.txt", "hello")
    documents = ("--datastore", f"team={team}", "--datastore", f"note={note}")
    assert '"bob hello"' in told(write, *documents, command=command)
    assert "add --datastore note=FILE" in told(write, *documents[:2], command=command)


# --- what is told to people -------------------------------------------------------------------------------


def test_people_are_shown_which_part_gave_what(write: Write) -> None:
    lines = told(write).splitlines()
    assert "✓ step echo: Slack.SendMessage is called, and the flow starts" in lines
    assert '    command.input.message = "ada said echo hi"' in lines
    assert any(line.split() == ["{{", "Context.who", "}}", "→", '"ada"'] for line in lines)
    assert lines[-1] == "The event is for 1 of 1 steps: 1 would act."


def test_people_are_shown_where_a_template_fails_and_on_what(write: Write) -> None:
    text = told(write, criteria="{{ Event.Payload.message.id }}")
    assert "✗ step echo: fails, so Flyte skips it without a word and Slack.SendMessage is not called" in text
    assert "        | {{ Event.Payload.message.id }}\n        |    ^\n" in text
    assert 'Event.Payload.message is "echo hi" (a text)' in text
    assert "/flow.json:1:" in text


def test_people_are_shown_what_a_missing_name_may_have_meant(write: Write) -> None:
    text = told(write, criteria="{{ Event.Payload.mesage == 'x' }}")
    assert "is missing: Event.Payload has only message, user; did you mean Event.Payload.message?" in text


def test_people_are_told_that_the_event_is_for_no_step(write: Write) -> None:
    text = told(write, event={"event": "Other", "payload": {}})
    assert (
        "· step echo: not concerned, it waits for 'ReceivedMessage' of 'Slack', and this is 'Other'" in text
    )
    assert "The event is for no step" in text


def test_what_steers_a_terminal_is_not_printed(write: Write) -> None:
    text = told(write, event={**EVENT, "payload": {"message": "echo \x1b[31m\x9b2J", "user": {"name": "\n"}}})
    assert not set(text) & {"\x1b", "\x9b"}


def test_a_null_in_a_list_is_told(write: Write) -> None:
    text = told(write, command={**STEP["command"], "input": [None]})
    assert "a list of the input has a null in it" in text


def test_one_step_can_be_chosen_by_its_id_or_its_number(write: Write) -> None:
    nameless = {key: value for key, value in STEP.items() if key != "id"}
    file, event = write("flow.json", flow(STEP, nameless)), write("event.json", EVENT)
    for chosen, number in (("echo", 1), ("2", 2)):
        result = render(file, "--event", event, "--step", chosen, "--format", "json")
        assert [step["number"] for step in json.loads(result.stdout)["steps"]] == [number]


# --- what cannot be read ----------------------------------------------------------------------------------


def test_the_flow_may_be_yaml_and_come_from_standard_input(write: Write) -> None:
    yaml = "name: a\nsteps:\n- event: {name: E, packName: P}\n  command: {name: C, packName: P}\n"
    result = render("-", "--event", write("event.yaml", "event: E\npayload: {}\n"), stdin=yaml)
    assert result.exit_code == 0
    assert "✓ step 1 (without id): P.C is called, and the flow starts" in result.stdout


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"flow": "{"}, "flow.json: "),
        ({"flow": {"name": "a"}}, "flow.json:1:1: Flyte refuses this flow: the flow has no steps"),
        ({"event": '{"event": '}, "event.json: "),
        ({"event": {"event": 1}}, "event.json: event must be a text"),
        ({"event": {"event": "E", "createdAt": "today"}}, "no RFC 3339 time"),
        ({"event": {"event": "E", "pack": "Slack"}}, "pack must be an object"),
        ({"context": {"a": 3}}, "a is a number, and a context has only texts: put it in quotes"),
        ({"context": []}, "a context is an object of texts, not a list"),
    ],
)
def test_a_file_that_cannot_be_used_is_explained(write: Write, files: dict[str, Any], said: str) -> None:
    given = {"flow": flow(), "event": EVENT, "context": {}, **files}
    flow_file, event, context = (write(f"{name}.json", given[name]) for name in ("flow", "event", "context"))
    result = render(flow_file, "--event", event, "--context", context)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert said in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--step", "none"), "--step none: there is no such step; there are: echo"),
        (("--datastore", "team"), "--datastore team: write KEY=FILE"),
        (("--datastore", "team=/nowhere.json"), "/nowhere.json: cannot be read"),
        (("--context", "-"), "only one file can come from standard input"),
    ],
)
def test_an_option_that_cannot_be_used_is_explained(
    write: Write, arguments: tuple[str, ...], said: str
) -> None:
    result = render(write("flow.json", flow()), "--event", "-", *arguments, stdin=json.dumps(EVENT))
    assert result.exit_code == 2
    assert said in result.stderr
