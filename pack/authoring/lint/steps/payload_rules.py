"""Rules about what templates ask of the event and the context."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pack.authoring.lint.declared.declarations import Declarations, near
from pack.authoring.lint.declared.payload_types import payload_names, payload_types
from pack.authoring.lint.declared.schemas import Types
from pack.authoring.lint.findings import Finding, Rule, Severity
from pack.authoring.lint.names import listed, step_name
from pack.authoring.lint.steps.executions import Executions
from pack.authoring.lint.steps.paths import ITEM, Use, uses
from pack.authoring.lint.subject import Role, Subject

UNKNOWN_EVENT_FIELD = Rule(
    "unknown-event-field", Severity.ERROR, "A template asks for a part of the event that no event has."
)
UNKNOWN_PAYLOAD_FIELD = Rule(
    "unknown-payload-field", Severity.WARNING, "A template asks for a field that the payload does not have."
)
FIELD_OF_A_VALUE = Rule(
    "field-of-a-value", Severity.ERROR, "A template asks a field of what has none, which skips the step."
)
UNKNOWN_CONTEXT = Rule(
    "unknown-context", Severity.WARNING, "A template uses a context value that no step before has set."
)

RULES: tuple[Rule, ...] = (UNKNOWN_EVENT_FIELD, UNKNOWN_PAYLOAD_FIELD, FIELD_OF_A_VALUE, UNKNOWN_CONTEXT)

_EVENT_FIELDS = ("Name", "Payload", "Pack", "CreatedAt", "ReceivedAt")
_PACK_FIELDS = ("Id", "Name", "Labels")
_WORDS = {
    "string": "a text",
    "number": "a number",
    "boolean": "a boolean",
    "array": "a list",
    "object": "an object",
    "null": "nothing",
}


def check(subject: Subject, declarations: Declarations) -> Iterator[Finding]:
    """Find uses of the event and the context that stand for nothing, or that skip their step."""
    found = list(uses(subject))
    contexts: _Contexts | None = None
    for use in found:
        if use.names[0] == "Event":
            yield from _event(subject, declarations, use)
        elif len(use.names) > 1:
            contexts = contexts or _Contexts(subject, Executions(subject.flow, declarations))
            yield from _context(subject, contexts, use)


def _event(subject: Subject, declarations: Declarations, use: Use) -> Iterator[Finding]:
    names = use.names
    if len(names) < 2:
        return
    field = names[1]
    if field not in _EVENT_FIELDS:
        yield _finding(
            subject,
            use,
            UNKNOWN_EVENT_FIELD,
            f"an event has no {field}: Event.{field} is always empty",
            _event_advice(subject, declarations, use),
        )
    elif field == "Pack" and len(names) > 2 and names[2] not in _PACK_FIELDS:
        guess = near(names[2], _PACK_FIELDS)
        yield _finding(
            subject,
            use,
            UNKNOWN_EVENT_FIELD,
            f"the pack of an event has no {names[2]}: Event.Pack.{names[2]} is always empty",
            f"write Event.Pack.{guess}" if guess else f"it has {listed(_PACK_FIELDS, 'and')}",
        )
    elif field == "Name" and len(names) > 2 and not names[2].isdecimal():
        yield _no_fields(subject, use, 2, frozenset({"string"}))
    elif field == "Payload":
        yield from _payload(subject, declarations, use)


def _event_advice(subject: Subject, declarations: Declarations, use: Use) -> str:
    field, rest = use.names[1], use.names[2:]
    if guess := near(field, _EVENT_FIELDS):
        return f"write {'.'.join(('Event', guess, *rest))}: capitals matter"
    if payload_types(subject, declarations, use.text.step, (field,)):
        return f"write {'.'.join(('Event.Payload', *use.names[1:]))}"
    return f"an event has {listed(_EVENT_FIELDS, 'and')}; what the pack sent is below Event.Payload"


def _payload(subject: Subject, declarations: Declarations, use: Use) -> Iterator[Finding]:
    items = [depth for depth, name in enumerate(use.names[2:]) if name == ITEM]
    use = replace(use, names=tuple("0" if name == ITEM else name for name in use.names))
    names, step = use.names[2:], use.text.step
    above = payload_types(subject, declarations, step, ())
    for depth, name in enumerate(names):
        if above is None or (depth in items and above != {"array"}):
            return
        if _skips(above, name):
            yield _no_fields(subject, use, depth + 2, above)
            return
        here = payload_types(subject, declarations, step, names[: depth + 1])
        if here is not None and not here:
            if "object" in above:
                yield _unknown_field(subject, declarations, use, depth)
            return
        above = here


def _skips(types: Types, name: str) -> bool:
    """Say whether asking values of these types for a field (or a number) is an error in any case."""
    wanted = {"array", "string"} if name.isdecimal() else {"object"}
    return bool(types) and not types & {*wanted, "null"}


def _unknown_field(subject: Subject, declarations: Declarations, use: Use, depth: int) -> Finding:
    names, step = use.names[2:], use.text.step
    whole = ".".join(("Event.Payload", *names[: depth + 1]))
    known = payload_names(subject, declarations, step, names[:depth])
    guess = near(names[depth], known)
    if guess:
        advice = f"did you mean {'.'.join(('Event.Payload', *names[:depth], guess))}?"
    elif elsewhere := _elsewhere(subject, declarations, use, depth):
        advice = f"did you mean {elsewhere}?"
    else:
        advice = f"there are {listed(known, 'and')}" if known else "nothing is there"
    where = ".".join(("the payload", *names[:depth]))
    return _finding(
        subject,
        use,
        UNKNOWN_PAYLOAD_FIELD,
        f"{where} of {step.event.name} has no {names[depth]}: {whole} is always empty",
        advice,
    )


def _elsewhere(subject: Subject, declarations: Declarations, use: Use, depth: int) -> str:
    """Return where the same name is one level up or down, empty when it is not."""
    names, step = use.names[2:], use.text.step
    name = names[depth]
    places = [names[: depth - 1]] if depth else []
    places += [(*names[:depth], inner) for inner in payload_names(subject, declarations, step, names[:depth])]
    for above in places:
        if name in payload_names(subject, declarations, step, above):
            return ".".join(("Event.Payload", *above, name))
    return ""


def _no_fields(subject: Subject, use: Use, depth: int, types: Types) -> Finding:
    """Return what is said of a field that is asked of something without fields."""
    above, name = ".".join(use.names[:depth]), use.names[depth]
    what = listed((_WORDS[kind] for kind in sorted(types)), "or")
    if name.isdecimal():
        message = f"{above} is {what} and has no entry {name}: that is an error, which skips the step"
        advice = f"write {above}, or a field of it" if "object" in types else f"write {above}"
    else:
        message = f"{above} is {what} and has no field {name}: that is an error, which skips the step"
        advice = f"write {above}" + (f".0.{name}, or walk it by for" if "array" in types else "")
    if name in ("length", "size", "count"):
        advice = f"write {above}|length"
    return _finding(subject, use, FIELD_OF_A_VALUE, message, advice)


class _Contexts:
    """Which context values each step may see."""

    def __init__(self, subject: Subject, executions: Executions) -> None:
        self.flow = subject.flow
        self._executions = executions
        self._inherited: dict[int, set[str]] = {}

    def own(self, index: int) -> set[str]:
        """Return what a step sets."""
        return set(self.flow.steps[index].context)

    def inherited(self, index: int) -> set[str]:
        """Return what the steps before a step may have set."""
        if index not in self._inherited:
            found: set[str] = set()
            seen, queue = set[int](), list(self._before(index))
            while queue:
                other = queue.pop()
                if other not in seen:
                    seen.add(other)
                    found |= self.own(other)
                    queue.extend(self._before(other))
            self._inherited[index] = found
        return self._inherited[index]

    def setting(self, name: str) -> list[int]:
        """Return the steps that set a value."""
        return [index for index in range(len(self.flow.steps)) if name in self.own(index)]

    def _before(self, index: int) -> list[int]:
        parents = self._executions.parents(index)
        return parents or self._executions.needed(index)


def _context(subject: Subject, contexts: _Contexts, use: Use) -> Iterator[Finding]:
    name, index = use.names[1], use.step
    sees = set(contexts.inherited(index))
    of_context = use.text.role is Role.CONTEXT
    if not of_context:
        sees |= contexts.own(index)
    if name in sees:
        return
    here = step_name(subject.flow, index)
    setting = [other for other in contexts.setting(name) if other != index]
    if of_context and name in contexts.own(index):
        message = (
            f"Context.{name} is set by {here} itself, and context values do not see one another: it is empty"
        )
        advice = f"repeat what {name} is made of, or use both values in the command's input"
    elif setting:
        names = listed((step_name(subject.flow, other) for other in setting), "and")
        message = f"Context.{name} is set by {names}, which {here} does not continue: it is empty"
        advice = f"let {here} depend on that step, or set {name} here too"
    else:
        message = f"no step before {here} sets Context.{name}, nor does it itself: it is empty"
        guess = near(name, sees)
        advice = f"did you mean Context.{guess}?" if guess else f"set {name} in the step's context"
    yield _finding(subject, use, UNKNOWN_CONTEXT, message, advice)


def _finding(subject: Subject, use: Use, rule: Rule, message: str, advice: str) -> Finding:
    return subject.finding(rule, message, advice, use.text.path, (use.line, use.column))
