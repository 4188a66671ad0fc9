"""A template's tree in which everything of interest notes what it does.

The tree is a copy whose names, operators, filters, ``{{ }}`` and tags stand in watchers: they do what the
original does and note it in a :class:`~pack.flowlang.trace.Trace`. So a rendering that nobody watches costs
nothing more, and one that is watched runs the same code.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from itertools import pairwise
from typing import Any

from pack.flowlang.errors import FlowLangError, Refusal, TemplateRuntimeError
from pack.flowlang.explanation import Gap, Place
from pack.flowlang.expressions import Chain, FilterCall, Filtered, Logic, Printed, Signed
from pack.flowlang.kinds import MISSING, Items, Record
from pack.flowlang.lexer import Kind, Token, tokenize
from pack.flowlang.position import ENGINE_PREFIX, place
from pack.flowlang.run import Frame
from pack.flowlang.shown import shortened, show
from pack.flowlang.suggestions import MAX_SUGGESTIONS, below, elsewhere, names_of, similar
from pack.flowlang.trace import Seen, Trace
from pack.flowlang.tree import Body, Expression, Node, Template, Text
from pack.flowlang.variables import Part, Variable
from pack.flowlang.written import filter_text, written

_ERRORS = (FlowLangError, Refusal)
_WORDS = ("true", "false")


@dataclass(slots=True)
class Going:
    """How far one evaluation of a name has come: the last owner that was asked, and what it had."""

    steps: int = 0
    owner: object = None
    found: object = None
    called: bool = False


class Watch:
    """What the watchers of one template share: the notes, and the template's text."""

    def __init__(self, trace: Trace, template: Template, within: str) -> None:
        self.trace = trace
        self.going: list[Going] = []
        self._source = template.source
        self._within = within
        tokens = tokenize(template.source)
        self._begins = {name.offset: begin.offset for begin, name in pairwise(tokens) if _opens(begin)}
        self._ends = [token.offset + len(token.text) + token.trims for token in tokens if _closes(token)]

    def place(self, token: Token) -> Place:
        """Return where a token is."""
        _, line, column = place(self._source, token.offset)
        return Place(line, column, self._within)

    def extent(self, node: Node) -> tuple[str, Place]:
        """Return the ``{{ }}`` or the opening tag of a node, and where it begins."""
        at = node.token.offset
        begin = at if isinstance(node, Printed) else self._begins.get(at, at)
        following = bisect_right(self._ends, at)
        end = self._ends[following] if following < len(self._ends) else len(self._source)
        _, line, column = place(self._source, begin)
        return shortened(self._source[begin:end]), Place(line, column, self._within)


def _opens(token: Token) -> bool:
    return token.kind is Kind.SYMBOL and token.text == "{%"


def _closes(token: Token) -> bool:
    return token.kind is Kind.SYMBOL and token.text in ("}}", "%}")


def watched(template: Template, trace: Trace, within: str = "") -> Template:
    """Return a template that notes in the trace what it does."""
    watch = Watch(trace, template, within)
    return replace(template, body=_copied(template.body, watch))


def _copied(part: Any, watch: Watch) -> Any:
    if isinstance(part, (tuple, list)):
        return tuple([_copied(item, watch) for item in part])
    if isinstance(part, Mapping):
        return {key: _copied(item, watch) for key, item in part.items()}
    if isinstance(part, Filtered):
        return _filtered(part, watch)
    if isinstance(part, Text) or not isinstance(part, (Node, Expression, Body, Part)):
        return part
    inner = _with_watchers(part, watch)
    if isinstance(part, Variable):
        return WatchedVariable(part.token, inner.parts, watch, written(part), watch.place(part.token))
    if isinstance(part, (Logic, Chain, Signed)):
        return WatchedOperation(part.token, inner, watch, written(part), watch.place(part.token))
    if isinstance(inner, Node) and inner.token.offset >= len(ENGINE_PREFIX):
        return WatchedNode(inner.token, inner, watch, *watch.extent(inner))
    return inner


def _with_watchers(part: Any, watch: Watch) -> Any:
    """Return the same part with watchers inside."""
    return replace(part, **{field.name: _copied(getattr(part, field.name), watch) for field in fields(part)})


def _filtered(part: Filtered, watch: Watch) -> Filtered:
    calls, so_far = [], written(part.value)
    for call in part.filters:
        so_far += filter_text(call)
        argument = _copied(call.argument, watch)
        calls.append(
            WatchedCall(call.token, call.name, call.apply, argument, watch, so_far, watch.place(call.token))
        )
    return Filtered(part.token, _copied(part.value, watch), tuple(calls))


@dataclass(frozen=True, slots=True, eq=False)
class WatchedVariable(Variable):
    """A name that notes what it stood for."""

    watch: Watch
    name: str
    place: Place

    def evaluate(self, frame: Frame) -> object:
        """Return what the name stands for."""
        going = Going()
        self.watch.going.append(going)
        seen = self.watch.trace.names.at(self.name, self.place)
        try:
            value = Variable.evaluate(self, frame)
        except _ERRORS as error:
            seen.fail()
            self._note_failure(error, seen, going, frame)
            raise
        finally:
            self.watch.going.pop()
        seen.add(value)
        if value is None and seen.gap is None:
            seen.gap = self._gap(going, frame)
        return value

    def _step(self, value: object, part: Part) -> object:
        going = self.watch.going[-1]
        going.steps, going.owner, going.found, going.called = going.steps + 1, value, MISSING, False
        going.found = Variable._step(self, value, part)
        return going.found

    def _call(self, value: object, part: Part, frame: Frame) -> object:
        self.watch.going[-1].called = True
        return Variable._call(self, value, part, frame)

    def _note_failure(self, error: FlowLangError | Refusal, seen: Seen, going: Going, frame: Frame) -> None:
        if not isinstance(error, TemplateRuntimeError) or going.found is not MISSING:
            self.watch.trace.fail(error, self.name)
            return
        gap = self._described(going, frame)
        seen.gap = gap
        self.watch.trace.fail(error, self.name, (going.owner,), gap.similar)

    def _gap(self, going: Going, frame: Frame) -> Gap | None:
        """Return why there is nothing; None when there is something, and it is null."""
        if going.called or (going.steps and going.found is not None):
            return None
        part = self.parts[going.steps]
        if going.steps and _has(going.owner, part):
            return None
        return self._described(going, frame)

    def _described(self, going: Going, frame: Frame) -> Gap:
        part = self.parts[going.steps]
        if going.steps == 0:
            known = [*frame.public.names(), *frame.private, *_WORDS]
            return Gap("", None, str(part), self._meant(part, "", similar(part.name, known), frame))
        owner = written(Variable(self.token, self.parts[: going.steps]))
        near = similar(part.name, names_of(going.owner)) if part.index is None else ()
        return Gap(owner, show(going.owner), str(part), self._meant(part, owner, near, frame))

    def _meant(self, part: Part, owner: str, near: tuple[str, ...], frame: Frame) -> tuple[str, ...]:
        found = [below(owner, name) for name in near]
        if part.index is None and len(found) < MAX_SUGGESTIONS:
            found += elsewhere(part.name, _roots(frame))
        return tuple(dict.fromkeys(found))[:MAX_SUGGESTIONS]


def _has(owner: object, part: Part) -> bool:
    """Say whether a value has a field or an item at all, be it null."""
    if part.index is not None:
        return isinstance(owner, Items) and part.index < len(owner)
    return part.name in names_of(owner)


def _roots(frame: Frame) -> list[tuple[str, object]]:
    event = frame.name("Event")
    payload = event.field("Payload") if isinstance(event, Record) else None
    return [("Event.Payload", payload), ("Context", frame.name("Context"))]


@dataclass(frozen=True, slots=True, eq=False)
class WatchedOperation(Expression):
    """An operator, or several, with what it came to."""

    inner: Expression
    watch: Watch
    text: str
    place: Place

    def evaluate(self, frame: Frame) -> object:
        """Return the value."""
        trace = self.watch.trace
        try:
            value = self.inner.evaluate(frame)
        except _ERRORS as error:
            trace.operations.at(self.text, self.place).fail()
            trace.fail(error, self.text)
            raise
        trace.operations.at(self.text, self.place).add(value)
        return value

    def has_filter(self, name: str) -> bool:
        """Say whether every part of it goes through that filter."""
        return self.inner.has_filter(name)


@dataclass(frozen=True, slots=True, eq=False)
class WatchedCall(FilterCall):
    """A filter with what it made of its value."""

    watch: Watch
    text: str
    place: Place

    def of(self, value: object, frame: Frame) -> object:
        """Return what the filter makes of a value."""
        trace = self.watch.trace
        try:
            made = FilterCall.of(self, value, frame)
        except _ERRORS as error:
            trace.operations.at(self.text, self.place).fail()
            trace.fail(error, self.text, (value,))
            raise
        trace.operations.at(self.text, self.place).add(made)
        return made


@dataclass(frozen=True, slots=True, eq=False)
class WatchedNode(Node):
    """A ``{{ }}`` or tag with what it wrote."""

    inner: Node
    watch: Watch
    source: str
    place: Place

    def write(self, frame: Frame) -> None:
        """Write what the node renders to."""
        trace = self.watch.trace
        seen = trace.parts.at(self.source, self.place, trace.depth)
        begin = frame.output.mark()
        trace.depth += 1
        try:
            self.inner.write(frame)
        except _ERRORS as error:
            seen.fail()
            trace.fail(error)
            raise
        finally:
            trace.depth -= 1
        seen.add_output(frame.output.since(begin))
