"""Any flow that can be stored can be checked."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from pack.authoring.lint.declared.declarations import (
    CommandDeclaration,
    Declarations,
    EventDeclaration,
    PackDeclaration,
    own_declarations,
    with_packs,
)
from pack.authoring.lint.steps import command_rules, input_rules, loops, payload_rules, structure_rules
from pack.authoring.lint.subject import Subject
from pack.flows.document import read_document
from pack.flows.reading import read_flow

_SCHEMA = {
    "type": ["object", "array"],
    "properties": {"a": {"$ref": "#/$defs/x"}, "b": {"oneOf": [{"type": "string"}, {"enum": [3, None]}]}},
    "$defs": {"x": {"anyOf": [{"$ref": "#"}, {"type": "string", "maxLength": 2}], "not": {"const": "no"}}},
    "items": {"$ref": "#"},
}
_OTHER = PackDeclaration(
    "P",
    {
        "A": CommandDeclaration("A", (EventDeclaration("E", _SCHEMA, echoes_input=True),), _SCHEMA),
        "B": CommandDeclaration("B", None),
    },
    {"E": EventDeclaration("E"), "O": EventDeclaration("O", _SCHEMA)},
    "p.json",
)
KNOWN: Declarations = with_packs(own_declarations(), [_OTHER], source="p.json")

_PACKS = st.sampled_from(["Slack", "P", "Q", "slack", ""])
_EVENTS = st.sampled_from(["ReceivedMessage", "MessageSent", "SendRichMessageFailed", "E", "O", "FATAL", ""])
_COMMANDS = st.sampled_from(["SendMessage", "SendRichMessage", "Broadcast", "A", "B", ""])
_IDS = st.sampled_from(["a", "b", "c", "", "0", "SendMessage"])
_PARTS = [
    "{{ Event.Payload.%s }}",
    "{%% for x in Event.Payload.%s %%}{{ x.ts }}{%% endfor %%}",
    "{%% set x = Event %%}{{ x.%s }}",
    "{{ Context.%s }}",
    "{{ Event.%s|key:'a' }}",
    "{%% set x = x %%}{{ x.%s }}",
    "{{ %s",
    "plain %s",
]
_NAMES = st.sampled_from(
    ["user", "user.name", "replies.0", "a", "a.b.0", "message.x", "Payload", "0", "x(1).y"]
)
_TEXTS = st.builds(lambda part, name: part % name, st.sampled_from(_PARTS), _NAMES) | st.text(max_size=4)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.just(1669027200.5) | _TEXTS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["a", "b", "message", "channelId", "Channel", "blocks"]), inner, max_size=4
        )
    ),
    max_leaves=6,
)
_STEPS = st.fixed_dictionaries(
    {
        "event": st.fixed_dictionaries({"packName": _PACKS, "name": _EVENTS}),
        "command": st.fixed_dictionaries({"packName": _PACKS, "name": _COMMANDS}, optional={"input": _JSON}),
    },
    optional={
        "id": _IDS,
        "dependsOn": st.lists(_IDS, max_size=3),
        "criteria": st.just("{{ Event.Payload.a == 'b' }}"),
        "context": st.dictionaries(st.sampled_from(["a", "b"]), _TEXTS, max_size=2),
    },
)


@settings(max_examples=300, deadline=None)
@given(st.lists(_STEPS, max_size=5))
def test_any_flow_can_be_checked_and_each_finding_is_a_sentence_at_a_place(steps: list[object]) -> None:
    data = json.dumps({"name": "f", "steps": steps}).encode()
    flow = Subject("f.json", read_document(data, yaml=False), read_flow(data, yaml=False, uuid=""))
    found = [
        finding
        for check in (structure_rules.check, command_rules.check, input_rules.check, payload_rules.check)
        for finding in check(flow, KNOWN)
    ]
    found += loops.check_together([flow, flow], KNOWN)
    for finding in found:
        assert finding.message.strip()
        assert finding.advice.strip()
        assert finding.path[0] == "steps"
