"""``flyte-slack schema``: what it prints, and how it refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from pack.authoring.schema.contract import command_names, command_schema, event_names, event_schema
from pack.authoring.schema.flow import flow_schema, flyte_schema
from pack.cli import app


def schema(*arguments: str, **environment: str) -> Any:
    return CliRunner().invoke(app, ["schema", *arguments], env={"PACK_NAME": None, **environment})


@pytest.mark.parametrize("name", command_names())
def test_the_schema_of_a_command_is_printed(name: str) -> None:
    assert json.loads(schema("command", name).stdout) == command_schema(name)


@pytest.mark.parametrize("name", event_names())
def test_the_schema_of_an_event_is_printed(name: str) -> None:
    assert json.loads(schema("event", name).stdout) == event_schema(name)


def test_the_schema_of_flows_is_printed() -> None:
    assert json.loads(schema("flow").stdout) == flow_schema()
    assert json.loads(schema("flow", "--as-flyte").stdout) == flyte_schema()


def test_the_schema_of_flows_knows_the_packs_name() -> None:
    chat = flow_schema("Chat")
    assert json.loads(schema("flow", "--pack-name", "Chat").stdout) == chat
    assert json.loads(schema("flow", PACK_NAME="Chat").stdout) == chat
    assert chat != flow_schema()


def test_without_a_name_the_names_are_printed() -> None:
    assert schema("command").stdout.split() == list(command_names())
    assert schema("event").stdout.split() == list(event_names())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("command", "SendMesage"), "Did you mean SendMessage? There are: SendMessage, SendRichMessage"),
        (("command", "sendmessage"), "Did you mean SendMessage?"),
        (("event", "RecievedMessage"), "Did you mean ReceivedMessage?"),
        (("event", "Zzz"), "there is no event 'Zzz'. There are: ReceivedMessage, "),
        (("event", "SendMessage"), "try flyte-slack schema command SendMessage"),
        (("command", "MessageSent"), "try flyte-slack schema event MessageSent"),
        (("flow", "echo.json"), "schema flow takes no name"),
        (("flow", "--pack-name", ""), "--pack-name is empty"),
        (("command", "SendMessage", "--as-flyte"), "--as-flyte is for schema flow"),
        (("flows",), "'flows' is not one of"),
        ((), "Missing argument"),
    ],
)
def test_what_there_is_no_schema_of_ends_with_2_and_says_what_there_is(
    arguments: tuple[str, ...], said: str
) -> None:
    result = schema(*arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""
