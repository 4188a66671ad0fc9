"""Whatever is written, and whatever the event is: a text or a FlowLangError, bounded, and explained alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pack.flowlang import Explainer, Explanation, FlowLangError, Limits, NotABool, Renderer
from pack.flowlang.explanation import KEPT_VALUES, MAX_ENTRIES
from pack.flowlang.lexer import LexicalError, Token, tokenize
from pack.flowlang.parser import parse
from pack.flowlang.tree import Template
from pack.flowlang.walk import walk
from pack.flows.explaining import Outcome, explain_step
from pack.flows.model import Command, Event, EventMatch, Sender, Step
from pack.flows.stepping import Made, take_step, waits_for
from tests.clock import FakeClock
from tests.flowlang.templates import JSON, MUTANTS, PAYLOADS, RECORDED, TEMPLATES, scope_with

LIMITS = Limits(steps=4_000, characters=100_000)
ANY_TEMPLATE = TEMPLATES | MUTANTS
HELD = HealthCheck.too_slow, HealthCheck.data_too_large


def fuzz(examples: int) -> settings:
    """The same examples in every run, however slow the machine is."""
    return settings(
        max_examples=examples, deadline=None, derandomize=True, suppress_health_check=HELD, database=None
    )


def datastore(key: str) -> object:
    if key == "x":
        return {"a": 1}
    raise LookupError(f"no {key!r}")


FUNCTIONS = {"datastore": datastore}
CASES = [case for case in RECORDED["cases"] if isinstance(case.get("template"), str)]

Answer = tuple[Any, ...]


def error_of(error: FlowLangError) -> Answer:
    rendered = error.rendered if isinstance(error, NotABool) else None
    return type(error), error.message, error.template, error.line, error.column, rendered


def answer(renderer: Renderer, template: str, criterion: bool) -> Answer:
    try:
        return ("rendered", renderer.criterion(template) if criterion else renderer.text(template))
    except FlowLangError as error:
        assert 1 <= error.line <= error.template.count("\n") + 1
        assert error.column >= 1
        return error_of(error)


def explained(explanation: Explanation) -> Answer:
    if explanation.failure is not None:
        return error_of(explanation.failure.error)
    return ("rendered", explanation.result if explanation.met is None else explanation.met)


@fuzz(300)
@given(st.text(max_size=60) | MUTANTS)
def test_every_token_stands_where_it_says(source: str) -> None:
    try:
        tokens = tokenize(source)
    except LexicalError as error:
        assert 0 <= error.offset <= len(source)
        return
    offsets = [token.offset for token in tokens]
    assert offsets == sorted(offsets)
    assert all(0 <= offset < len(source) for offset in offsets)


@fuzz(1000)
@given(ANY_TEMPLATE, PAYLOADS | JSON, st.booleans())
def test_a_template_is_rendered_or_refused_and_explained_alike(
    template: str, payload: Any, criterion: bool
) -> None:
    scope = scope_with(payload)
    plainly = answer(Renderer(scope, FUNCTIONS, clock=FakeClock(), limits=LIMITS), template, criterion)
    explainer = Explainer(scope, FUNCTIONS, clock=FakeClock(), limits=LIMITS)
    assert answer(explainer, template, criterion) == plainly
    explanation = explainer.explanations[-1]
    assert explained(explanation) == plainly
    for entries in (explanation.lookups, explanation.operations, explanation.parts):
        assert len(entries) <= MAX_ENTRIES
    for lookup in explanation.lookups:
        assert lookup.times >= 1
        assert len(lookup.values) <= KEPT_VALUES
    assert len(repr(explanation)) < 3_000_000


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_every_recorded_template_is_explained_as_it_renders(case: dict[str, Any]) -> None:
    template = case["template"]
    scope = scope_with(RECORDED["events"].get(case["event"], {}))
    criterion = case["kind"] == "criteria"
    plainly = answer(Renderer(scope, FUNCTIONS, clock=FakeClock()), template, criterion)
    explainer = Explainer(scope, FUNCTIONS, clock=FakeClock())
    assert answer(explainer, template, criterion) == plainly
    assert explained(explainer.explanations[-1]) == plainly


def parts_of(thing: object) -> Iterator[object]:
    """Every dataclass in a tree, found by asking each object for all that it has."""
    if isinstance(thing, Mapping):
        thing = tuple(thing.values())
    if isinstance(thing, (tuple, list)):
        for item in thing:
            yield from parts_of(item)
    elif is_dataclass(thing) and not isinstance(thing, Token):
        yield thing
        for field in fields(thing):
            yield from parts_of(getattr(thing, field.name))


@fuzz(200)
@given(ANY_TEMPLATE)
def test_walking_meets_every_part_of_a_tree_once_and_in_order(template: str) -> None:
    try:
        tree: Template = parse(template)
    except FlowLangError:
        return
    assert [id(part) for part in walk(tree)] == [id(part) for part in parts_of(tree.body)]


def steps() -> st.SearchStrategy[Step]:
    texts = TEMPLATES | st.sampled_from(["true", "False", "1", "", "{{ 1 == 1 }}", "{{ Context.a }}", "dev"])
    labels = st.dictionaries(st.sampled_from(["env", "zone"]), st.just("dev") | texts, max_size=1)
    inputs = st.recursive(
        texts | st.none() | st.integers(),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
        max_leaves=3,
    )
    return st.builds(
        Step,
        id=st.just("a"),
        depends_on=st.just(()),
        event=st.builds(EventMatch, st.sampled_from(["E", "E", "E", "F"]), st.just("Slack"), labels),
        context=st.dictionaries(st.sampled_from(["a", "b"]), texts, max_size=2),
        criteria=texts,
        command=st.builds(Command, st.just("C"), st.just("Slack"), labels, inputs),
    )


def taken(step: Step, event: Event) -> Made | Answer | None:
    try:
        return take_step(step, event, {"room": "C1"}, FUNCTIONS, FakeClock())
    except FlowLangError as error:
        return error_of(error)


@fuzz(400)
@given(steps(), PAYLOADS)
def test_the_explanation_of_a_step_never_disagrees_with_the_engine(step: Step, payload: Any) -> None:
    moment = datetime(2022, 11, 21, tzinfo=UTC)
    event = Event("E", Sender("", "Slack", {"env": "dev"}), payload, moment, moment)
    found = explain_step(step, event, {"room": "C1"}, FUNCTIONS, FakeClock())
    if not waits_for(step, event):
        assert found.outcome is Outcome.NOT_WAITED_FOR
        return
    made = taken(step, event)
    if found.outcome is Outcome.FAILED:
        assert found.error is not None
        assert error_of(found.error) == made
    else:
        assert found.made == made
        assert (found.outcome is Outcome.TAKEN) is (made is not None)
        assert (found.stopped_at is None) is (made is not None)
