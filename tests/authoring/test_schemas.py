"""The schemas of commands and events agree with what the pack takes and sends; that of flows with Flyte."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from pack.authoring.schema.contract import command_names, command_schema, event_names, event_schema
from pack.authoring.schema.flow import flow_schema, flyte_schema
from pack.commands.catalogue import COMMANDS, by_name
from pack.commands.results import fail, succeed
from pack.contracts.commands import (
    BroadcastSent,
    ChannelJoined,
    ChannelLeft,
    Conversation,
    Delivery,
    GetChannelInfoSuccess,
    MessageSent,
    NonDelivery,
    RichMessageSent,
)
from pack.contracts.events import Item, ReactionAdded, ReceivedMessage, Reply, Sender, User
from pack.errors import BadInput, CommandFailed, SlackUnavailable
from pack.flows.go_json import FormatError
from pack.flows.reading import FlowRefused, read_flow
from pack.flows.yaml_in import decode_yaml

ROOT = Path(__file__).parents[2]
ALL = {
    "flow": flow_schema(),
    "flow, as Flyte": flyte_schema(),
    **{name: command_schema(name) for name in command_names()},
    **{name: event_schema(name) for name in event_names()},
}


def accepts(schema: dict[str, Any], value: Any) -> bool:
    return Draft202012Validator(schema).is_valid(value)


def complaints(schema: dict[str, Any], value: Any) -> list[str]:
    return [
        f"{error.json_path}: {error.message}" for error in Draft202012Validator(schema).iter_errors(value)
    ]


# --- the schemas themselves -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ALL)
def test_a_schema_is_one(name: str) -> None:
    assert ALL[name]["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    Draft202012Validator.check_schema(ALL[name])


def subschemas(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield schema
    for field in schema.get("properties", {}).values():
        yield from subschemas(field)
    if "items" in schema:
        yield from subschemas(schema["items"])


@pytest.mark.parametrize("name", [*command_names(), *event_names()])
def test_every_field_is_described_and_says_nothing_that_is_only_noise(name: str) -> None:
    for schema in subschemas(ALL[name]):
        for field in schema.get("properties", {}).values():
            assert field["description"]
            assert not {"title", "default", "$ref", "anyOf"} & set(field)


# --- commands ---------------------------------------------------------------------------------------------

VALUES = st.sampled_from(
    [
        *(None, "", " ", "a", "#general", "{{ x }}", "x" * 40_000, "x" * 40_001),
        *(True, False, 0, 1, 2, -1, 0.5, 1.0, 3.5, 1e12, 1669027200, 1669027200.0, 1669027200.123456),
        *(
            "true",
            " True ",
            "1.000000",
            "0",
            "yes",
            "1669027200.123456",
            " 1669027200.1 ",
            "1669027200",
            "x.5",
        ),
        *([], [{}], [{"type": "divider"}], [1], {}, {"event_type": "t"}),
    ]
)
DOCUMENTS = {"blocks", "attachments", "metadata"}
"""Fields that take JSON text: a schema cannot say what is in a text."""


@pytest.mark.parametrize("name", command_names())
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_commands_schema_accepts_just_what_the_pack_takes(name: str, data: st.DataObject) -> None:
    model = by_name()[name].input
    fields = data.draw(st.dictionaries(st.sampled_from(list(model.model_fields)), VALUES, max_size=4))
    fields = {
        key: "" if key in DOCUMENTS and isinstance(value, str) else value for key, value in fields.items()
    }
    for key, field in model.model_fields.items():
        if field.is_required():
            fields.setdefault(key, "C024BE91L")
    try:
        model.from_input(fields)
    except BadInput as error:
        assert not accepts(ALL[name], fields), error
    else:
        assert not complaints(ALL[name], fields)


@pytest.mark.parametrize("name", command_names())
def test_a_commands_schema_asks_for_what_the_pack_asks_for_and_lets_other_keys_pass(name: str) -> None:
    required = [key for key, field in by_name()[name].input.model_fields.items() if field.is_required()]
    whole = {**dict.fromkeys(required, "x"), "mine": {"is": "echoed"}}
    assert accepts(ALL[name], whole)
    for key in required:
        assert not accepts(ALL[name], {other: value for other, value in whole.items() if other != key})
    assert not accepts(ALL[name], "a text")


# --- events -----------------------------------------------------------------------------------------------

CHANNEL = {"channelId": "C1", "channelName": "general"}
LEARNT = {
    "SendMessage": [
        MessageSent(channelId="C1", timestamp="1.000000"),
        MessageSent(channelId="C1", channelName="general", timestamp="1.000000", threadTimestamp="1.000000"),
    ],
    "SendRichMessage": [RichMessageSent(channelId="C1", timestamp="1.000000", threadTimestamp="1.000000")],
    "Broadcast": [BroadcastSent(sent=[Delivery(channelId="C1", timestamp="1.000000")], failed=[])],
    "JoinChannel": [ChannelJoined(**CHANNEL)],
    "LeaveChannel": [ChannelLeft(**CHANNEL)],
    "GetChannelInfo": [
        GetChannelInfoSuccess(channelId="C1", conversation=Conversation(id="C1", name="general", topic=""))
    ],
}
INPUTS = {
    "SendMessage": {"message": "hi", "channelId": "general", "mine": 3},
    "SendRichMessage": {"channel": "C1", "blocks": [{"type": "divider"}], "reply_broadcast": "True"},
    "Broadcast": {"message": "hi"},
    "JoinChannel": {"channelId": "general"},
    "LeaveChannel": {"channelId": "general"},
    "GetChannelInfo": {"channelName": "general"},
}
FAILURES = [
    BadInput([], "missing message field"),
    SlackUnavailable("Slack cannot be reached"),
    CommandFailed("no such channel", code="channel_not_found", details={"hint": "look at the name"}),
    CommandFailed(
        "it did not reach 1 of 2 channels",
        code="some_failed",
        details={
            "sent": [Delivery(channelId="C1", timestamp="1.000000").model_dump()],
            "failed": [NonDelivery(channelId="C2", error="no", errorCode="is_archived").model_dump()],
        },
    ),
]


@pytest.mark.parametrize("name", command_names())
def test_what_a_command_ends_in_fits_the_schemas_of_its_events(name: str) -> None:
    command = by_name()[name]
    for learnt in LEARNT[name]:
        event = succeed(command, INPUTS[name], learnt)
        assert not complaints(event_schema(event.name), event.payload)
    for error in FAILURES:
        for wrong in (
            INPUTS[name],
            {"message": 3, "channelId": None, "channelName": []},
            "a text",
            None,
            [1],
        ):
            event = fail(command, wrong, error)
            assert not complaints(event_schema(event.name), event.payload)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_a_result_without_what_was_learnt_does_not_fit(command: Any) -> None:
    for name in command.events:
        assert not accepts(event_schema(name), {"mine": "echoed"})


def test_what_the_pack_tells_of_fits_the_schemas() -> None:
    user = User(id="U1")
    message = ReceivedMessage(
        channelId="C1",
        user=Sender(id="U1", timestamp="1.000000", threadTimestamp="1.000000"),
        message="hello",
        timestamp="1.000000",
        threadTimestamp="1.000000",
        replies=[Reply(user="U1", ts="1.000000")],
    )
    reaction = ReactionAdded(
        type="reaction_added",
        user=user,
        itemUser=user,
        item=Item(type="message"),
        reaction="eyes",
        eventTimestamp="1.000000",
    )
    for payload in (message, reaction):
        schema = event_schema(type(payload).__name__)
        assert not complaints(schema, payload.model_dump())
        for key in payload.model_dump():
            assert not accepts(schema, {k: value for k, value in payload.model_dump().items() if k != key})


# --- flows ------------------------------------------------------------------------------------------------


def recorded_flows() -> Iterator[Any]:
    """Yield every flow that was posted to the real Flyte, with the status of the answer."""
    for path in sorted((ROOT / "tests" / "golden" / "rest").glob("*.json")):
        for step in json.loads(path.read_text("utf-8"))["steps"]:
            request = step.get("request", {})
            if (request.get("method"), request.get("path")) != ("POST", "/v1/flows"):
                continue
            try:
                yaml = "yaml" in request["headers"]["Content-Type"]
                text = request.get("text", "")
                flow = (
                    request["json"]
                    if "json" in request
                    else decode_yaml(text.encode())
                    if yaml
                    else json.loads(text)
                )
            except (ValueError, FormatError):
                continue
            yield pytest.param(flow, step["response"]["status"], id=f"{path.stem}: {step['do']}")


RECORDED = list(recorded_flows())


def test_there_are_recorded_flows_of_each_kind() -> None:
    assert {param.values[1] for param in RECORDED} == {201, 400, 500}


@pytest.mark.parametrize(("flow", "status"), RECORDED)
def test_the_schema_as_flyte_accepts_just_what_the_real_flyte_stored(flow: Any, status: int) -> None:
    assert accepts(ALL["flow, as Flyte"], flow) is (status == 201)


@pytest.mark.parametrize(("flow", "status"), RECORDED)
def test_the_schema_for_authors_accepts_what_flyte_stored_but_for_unknown_keys(
    flow: Any, status: int
) -> None:
    """The recorded flows give other packs' inputs to a pack called Slack; here this pack has another name."""
    found = complaints(flow_schema("Chat"), flow)
    if status == 201:
        assert all("does not match any of the regexes" in complaint for complaint in found)
        assert bool(found) is ("colour" in flow)
    else:
        assert found


@pytest.mark.parametrize("file", sorted((ROOT / "examples").rglob("*.*")), ids=str)
def test_every_example_fits_the_schema_for_authors(file: Path) -> None:
    if file.suffix in (".json", ".yaml", ".yml"):
        flow = decode_yaml(file.read_bytes()) if file.suffix != ".json" else json.loads(file.read_bytes())
        assert not complaints(ALL["flow"], flow)
    else:
        assert file.suffix == ".md"


FLOW: dict[str, Any] = {
    "$schema": "./flow.schema.json",
    "name": "answer",
    "description": "Answers",
    "steps": [
        {
            "id": "ask",
            "event": {"packName": "Slack", "name": "ReceivedMessage", "packLabels": {"env": "prod"}},
            "criteria": "{{ Event.Payload.message|match:'^ask' }}",
            "context": {"channel": "{{ Event.Payload.channelId }}"},
            "command": {
                "packName": "Slack",
                "name": "SendRichMessage",
                "packLabels": {"env": "{{ Event.Pack.Labels.env }}"},
                "input": {
                    "channel": "{{ Context.channel }}",
                    "blocks": "{{ Event.Payload.blocks }}",
                    "reply_broadcast": "{{ Event.Payload.loud }}",
                    "thread_ts": "{{ Event.Payload.threadTimestamp }}",
                    "metadata": {"event_type": "x", "event_payload": {"n": "{{ Event.Payload.n }}"}},
                },
            },
        },
        {
            "dependsOn": ["ask"],
            "event": {"packName": "Slack", "name": "RichMessageSent"},
            "command": {"packName": "Jira", "name": "Anything", "input": ["goes", 1, None]},
        },
    ],
}
STEP = ("steps", 0)
COMMAND = (*STEP, "command")
INPUT = (*COMMAND, "input")


def changed(path: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    """Return the flow with another value at a path; without that key when the value is None."""
    flow = copy.deepcopy(FLOW)
    at: Any = flow
    for key in path[:-1]:
        at = at[key]
    if value is None:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return flow


def test_a_flow_with_everything_in_it_fits_every_schema() -> None:
    assert not complaints(ALL["flow"], FLOW)
    assert not complaints(ALL["flow, as Flyte"], FLOW)


def test_keys_for_the_author_and_what_flyte_adds_are_no_mistakes() -> None:
    flow = {**FLOW, "links": [], "x-texts": {"hello": "hi"}, "_note": "later", ".anchors": []}
    flow["steps"] = [{**FLOW["steps"][0], "x-note": "why"}]
    assert not complaints(ALL["flow"], flow)


def test_flyte_takes_a_flow_that_names_its_schema() -> None:
    assert read_flow(json.dumps(FLOW).encode(), yaml=False, uuid="1").name == "answer"


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("nam",), "x", "'nam' does not match"),
        ((*STEP, "dependson"), ["x"], "'dependson' does not match"),
        ((*STEP, "event", "labels"), {}, "'labels' does not match"),
        ((*COMMAND, "inputs"), {}, "'inputs' does not match"),
        ((*STEP, "event", "name"), "RecievedMessage", "is not one of ['ReceivedMessage'"),
        ((*COMMAND, "name"), "SendMesage", "is not one of ['SendMessage'"),
        (INPUT, None, "'input' is a required property"),
        (INPUT, "{{ Event.Payload }}", "is not of type 'object'"),
        ((*INPUT, "channel"), None, "'channel' is a required property"),
        ((*INPUT, "channel"), "", "does not match"),
        ((*INPUT, "channel"), 3, "is not of type 'string'"),
        ((*INPUT, "reply_broadcast"), "maybe", "does not match"),
        ((*INPUT, "thread_ts"), 1669027200, "should not be valid under"),
        ((*INPUT, "blocks"), [1], "is not of type 'object'"),
    ],
)
def test_what_flyte_takes_and_nobody_means_is_refused_for_authors(
    path: tuple[str | int, ...], value: Any, said: str
) -> None:
    flow = changed(path, value)
    assert accepts(ALL["flow, as Flyte"], flow)
    assert any(said in complaint for complaint in complaints(ALL["flow"], flow)), complaints(
        ALL["flow"], flow
    )


@pytest.mark.parametrize("value", [3, "x", "two\nlines", {"a": 1}, {"a": "b"}, ["x"], [1]])
@pytest.mark.parametrize(
    "path",
    [
        ("Description",),
        *((*STEP, key) for key in ("ID", "dependson", "CONTEXT", "Criteria")),
        (*STEP, "event", "PackLabels"),
    ],
)
@pytest.mark.parametrize("both", [False, True])
def test_keys_in_another_case_are_held_to_what_the_engine_makes_of_them(
    path: tuple[str, ...], value: Any, both: bool
) -> None:
    flow = changed(path, value)
    at: Any = flow
    for key in path[:-1]:
        at = at[key]
    if not both:
        for key in [key for key in at if key.lower() == path[-1].lower() and key != path[-1]]:
            del at[key]
    try:
        read_flow(json.dumps(flow).encode(), yaml=False, uuid="1")
    except FlowRefused as error:
        assert not accepts(ALL["flow, as Flyte"], flow), error
    else:
        assert accepts(ALL["flow, as Flyte"], flow)


@pytest.mark.parametrize("path", [("description",), (*STEP, "criteria")])
def test_a_value_of_another_type_is_complained_of_once(path: tuple[str, ...]) -> None:
    for schema in (ALL["flow"], ALL["flow, as Flyte"]):
        assert len(complaints(schema, changed(path, 5))) == 1


def test_the_pack_may_be_registered_under_another_name() -> None:
    flow = changed((*COMMAND, "name"), "SendMesage")
    assert accepts(flow_schema("Chat"), flow)
    flow["steps"][0]["command"]["packName"] = "Chat"
    assert not accepts(flow_schema("Chat"), flow)


PARTS = st.sampled_from(
    [
        None,
        "",
        "a",
        "two\nlines",
        "last\n",
        3,
        True,
        [],
        ["a"],
        [1],
        [None],
        {},
        {"a": "b"},
        {"a": 1},
        {"a": None},
    ]
)
PATHS = st.sampled_from(
    [
        *(("name",), ("description",), ("steps",), STEP),
        *((*STEP, key) for key in ("id", "dependsOn", "event", "context", "criteria", "command")),
        *((*STEP, part, key) for part in ("event", "command") for key in ("name", "packName", "packLabels")),
        INPUT,
    ]
)


@settings(max_examples=300, deadline=None)
@given(PATHS, PARTS, st.booleans())
def test_the_schema_as_flyte_agrees_with_the_embedded_engine(path: Any, value: Any, gone: bool) -> None:
    flow = changed(path, "x")
    at: Any = flow
    for key in path[:-1]:
        at = at[key]
    if gone:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    try:
        read_flow(json.dumps(flow).encode(), yaml=False, uuid="1")
    except FlowRefused as error:
        assert not accepts(ALL["flow, as Flyte"], flow), error
        assert not accepts(ALL["flow"], flow), error
    else:
        assert not complaints(ALL["flow, as Flyte"], flow)
