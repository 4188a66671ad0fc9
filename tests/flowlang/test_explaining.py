"""Explanations: what was looked up, what each part gave, and the data around a failure."""

from __future__ import annotations

import pytest

from pack.flowlang import (
    Explainer,
    Limits,
    NotABool,
    Place,
    TemplateRuntimeError,
    TemplateSyntaxError,
    explain,
    explain_criterion,
)
from pack.flowlang.excerpts import excerpt
from pack.flowlang.explanation import MAX_ENTRIES
from tests.clock import FakeClock

SCOPE: dict[str, object] = {
    "Event": {
        "Name": "ReceivedMessage",
        "Payload": {
            "message": "deploy web",
            "count": 3,
            "channelId": "C1",
            "user": {"id": "U1", "name": "ada"},
            "words": ["a", "b", "a"],
            "some-key": 1,
            "none": None,
        },
        "Pack": {"Name": "Slack", "Labels": {"env": "dev"}},
        "CreatedAt": "2022-11-21T10:40:00Z",
    },
    "Context": {"room": "C1"},
}


def test_each_part_tells_what_it_rendered_to_and_where_it_is() -> None:
    found = explain("Hi {{ Event.Payload.user.name }},\n{% if 1 %}{{ 1 }}{{- 2 -}} {% endif %}", SCOPE)
    assert found.result == "Hi ada,\n12"
    assert found.failure is None
    assert [(part.source, part.place, part.outputs, part.depth) for part in found.parts] == [
        ("{{ Event.Payload.user.name }}", Place(1, 4), ("ada",), 0),
        ("{% if 1 %}", Place(2, 1), ("12",), 0),
        ("{{ 1 }}", Place(2, 11), ("1",), 1),
        ("{{- 2 -}}", Place(2, 18), ("2",), 1),
    ]


def test_each_name_tells_what_it_stood_for() -> None:
    found = explain("{{ Event.Payload.count }}{{ Event.Payload.user }}{{ Event.CreatedAt }}", SCOPE)
    assert [(lookup.name, lookup.values[0].kind, lookup.values[0].text) for lookup in found.lookups] == [
        ("Event.Payload.count", "number", "3.0"),
        ("Event.Payload.user", "map", '{"id": "U1", "name": "ada"}'),
        ("Event.CreatedAt", "time.Time", "2022-11-21 10:40:00 +0000 UTC"),
    ]
    assert found.lookups[1].values[0].keys == ("id", "name")
    assert not found.missing


@pytest.mark.parametrize(
    ("name", "owner", "part", "similar"),
    [
        ("Event.Payload.chanelId", "Event.Payload", "chanelId", ("Event.Payload.channelId",)),
        ("Event.Payload.channel_id", "Event.Payload", "channel_id", ("Event.Payload.channelId",)),
        ("Event.Payload.name", "Event.Payload", "name", ("Event.Payload.user.name",)),
        ("Event.Payload.user.nmae.first", "Event.Payload.user", "nmae", ("Event.Payload.user.name",)),
        ("Event.payload", "Event", "payload", ("Event.Payload",)),
        ("Event.Pack.Lables", "Event.Pack", "Lables", ("Event.Pack.Labels",)),
        ("event", "", "event", ("Event",)),
        ("room", "", "room", ("Context.room",)),
        ("True", "", "True", ("true",)),
        ("Event.Payload.words.7", "Event.Payload.words", "7", ()),
        ("Event.Payload.some", "Event.Payload", "some", ('Event.Payload|key:"some-key"',)),
    ],
)
def test_a_missing_name_tells_where_it_breaks_off_and_what_there_is(
    name: str, owner: str, part: str, similar: tuple[str, ...]
) -> None:
    (lookup,) = explain(f"{{{{ {name} }}}}", SCOPE).lookups
    assert lookup.is_missing
    assert lookup.gap is not None
    assert (lookup.gap.owner, lookup.gap.part) == (owner, part)
    assert lookup.gap.similar[: len(similar)] == similar


def test_what_is_null_is_not_missing() -> None:
    found = explain("{{ Event.Payload.none }}{% macro m() %}{% endmacro %}{{ m() }}", SCOPE)
    assert [lookup.is_missing for lookup in found.lookups] == [False, False]


def test_filters_and_operators_tell_what_they_came_to() -> None:
    found = explain("{{ Event.Payload.message|upper|length == 10 and not false }}", SCOPE)
    assert {operation.written: operation.values[0].text for operation in found.operations} == {
        "Event.Payload.message|upper": '"DEPLOY WEB"',
        "Event.Payload.message|upper|length": "10",
        "Event.Payload.message|upper|length == 10": "true",
        "not false": "true",
        "(Event.Payload.message|upper|length == 10) and not false": "true",
    }


def test_a_loop_is_summed_up() -> None:
    found = explain("{% for w in Event.Payload.words %}{{ w }}{{ forloop.Counter }}{% endfor %}", SCOPE)
    word = next(lookup for lookup in found.lookups if lookup.name == "w")
    assert word.times == 3
    assert [value.text for value in word.values] == ['"a"', '"b"']
    assert [(part.outputs, part.times) for part in found.parts] == [
        (("a1b2a3",), 1),
        (("a", "b"), 3),
        (("1", "2", "3"), 3),
    ]


def test_an_explanation_stays_small() -> None:
    scope = {"Event": {"Payload": {"long": "x" * 100_000, "many": list(range(5_000))}}, "Context": {}}
    names = "".join(f"{{{{ Event.Payload.n{number} }}}}" for number in range(400))
    found = explain("{{ Event.Payload.long }}{{ Event.Payload.many }}" + names, scope)
    assert found.result is not None
    assert len(found.result) > 100_000
    assert len(found.lookups) == len(found.parts) == MAX_ENTRIES
    assert found.omitted == 400
    assert max(len(value.text) for lookup in found.lookups for value in lookup.values) < 250


@pytest.mark.parametrize(
    ("template", "written", "given"),
    [
        ("{{ Event.Payload.message.x }}", "Event.Payload.message.x", ('"deploy web"',)),
        ("{{ 1 }}{{ Event.Payload.count|key:'a' }}", 'Event.Payload.count|key:"a"', ("3.0",)),
        ("{{ 1 / 0 }}", "1 / 0", ()),
        ("{{ -Event.Payload.message }}", "-Event.Payload.message", ()),
        ("{{ randomInt('x') }}", 'randomInt("x")', ()),
        ("{% ifchanged 1 %}{% endifchanged %}{% cycle %}", "", ()),
    ],
)
def test_a_failure_tells_what_failed_and_what_it_was_given(
    template: str, written: str, given: tuple[str, ...]
) -> None:
    found = explain(template, SCOPE)
    assert found.result is None
    assert found.failure is not None
    assert isinstance(found.failure.error, TemplateRuntimeError)
    assert found.failure.written == written
    assert tuple(value.text for value in found.failure.given) == given
    assert found.parts[-1].failed


def test_the_name_that_failed_is_marked() -> None:
    found = explain("{{ Context.room }}{{ Event.Payload.message.id }}", SCOPE)
    good, bad = found.lookups
    assert not good.failed
    assert bad.failed
    assert not bad.is_missing
    assert bad.gap is not None
    assert bad.gap.similar == ("Event.Payload.user.id",)


def test_a_template_that_cannot_be_read_has_only_its_failure() -> None:
    found = explain("a\n{{ 'x'|lenght }}", SCOPE)
    assert found.failure is not None
    assert isinstance(found.failure.error, TemplateSyntaxError)
    assert "did you mean length" in found.failure.error.message
    assert (found.lookups, found.parts) == ((), ())


def test_a_template_in_a_template_is_told_apart() -> None:
    found = explain("{{ template('{{ a.b }}', unmarshalJson('{\"a\": {}}')) }}", SCOPE)
    inner = found.lookups[-1]
    assert (inner.name, inner.place) == ("a.b", Place(1, 4, "{{ a.b }}"))


def test_what_a_macro_swallowed_is_still_seen() -> None:
    found = explain("{% macro m() %}{{ Context.room.x }}{% endmacro %}{{ m() }}", SCOPE)
    assert found.failure is None
    assert any(lookup.failed for lookup in found.lookups)


@pytest.mark.parametrize(
    ("template", "met"), [("{{ 1 == 1 }}", True), ("F", False), ("", True), (None, True)]
)
def test_a_criteria_tells_whether_it_is_met(template: str | None, met: bool) -> None:
    assert explain_criterion(template, SCOPE).met is met


def test_a_criteria_that_is_no_boolean_fails_with_what_it_looked_up() -> None:
    found = explain_criterion("{{ Event.Payload.ok }}", SCOPE)
    assert found.met is None
    assert found.failure is not None
    assert isinstance(found.failure.error, NotABool)
    assert found.missing


def test_a_value_is_explained_text_by_text() -> None:
    explainer = Explainer(SCOPE, clock=FakeClock())
    assert explainer.value({"a": ["x", "{{ 1 }}"], "b": None, "c": 3}) == {"a": ["x", "1"], "c": 3}
    assert [(one.path, one.result) for one in explainer.explanations] == [(("a", 0), "x"), (("a", 1), "1")]


def test_watching_costs_no_steps() -> None:
    template, limits = "{% for w in 'abcdefgh' %}{{ w|upper }}{% endfor %}", Limits(steps=60)
    explainer = Explainer(SCOPE, limits=limits)
    assert explainer.text(template) == "ABCDEFGH"


def test_a_stack_that_suffices_without_watching_suffices() -> None:
    nested = "(1 + " * 30 + "m(n - 1)" + ")" * 30
    template = f"{{% macro m(n) %}}{{% if n %}}{{{{ {nested} }}}}{{% endif %}}{{% endmacro %}}{{{{ m(14) }}}}"
    assert explain(template, SCOPE).result == "420"


@pytest.mark.parametrize(
    ("template", "line", "column", "shown", "caret"),
    [
        ("{{ x }}", 1, 4, "{{ x }}", "   ^"),
        ("a\nbc\x1b{{ x }}", 2, 7, "bc�{{ x }}", "      ^"),
        ("", 1, 1, "", "^"),
        ("x" * 300 + "Y", 1, 301, "…" + "x" * 60 + "Y", " " * 61 + "^"),
    ],
)
def test_an_excerpt_has_a_caret_under_the_place(
    template: str, line: int, column: int, shown: str, caret: str
) -> None:
    assert excerpt(template, line, column) == (shown, caret)
