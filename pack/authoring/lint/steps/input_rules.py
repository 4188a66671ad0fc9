"""Rules about the inputs of commands.

Flyte renders every text of an input, so a text with a template in it may become any text, and nothing else
than a text. Null values of objects vanish on the way to the pack.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pack.authoring.lint.declared.declarations import CommandDeclaration, Declarations, near
from pack.authoring.lint.declared.input_schemas import Fault, faults, has_template
from pack.authoring.lint.findings import Finding, Rule, Severity
from pack.authoring.lint.names import listed
from pack.authoring.lint.steps.paths import ITEM, Use, uses
from pack.authoring.lint.subject import Subject
from pack.contracts.commands import CommandInput
from pack.contracts.fields import kind_of
from pack.errors import BadInput
from pack.flows.document import Path
from pack.flows.model import Command

Json = Any

MISSING_INPUT = Rule("missing-input", Severity.ERROR, "A command's input lacks what the command requires.")
UNKNOWN_INPUT = Rule(
    "unknown-input", Severity.WARNING, "A command's input has a key that the command does not know."
)
WRONG_INPUT_TYPE = Rule(
    "wrong-input-type", Severity.ERROR, "A command's input has a value that the command cannot use."
)
NULL_IN_LIST = Rule("null-in-list", Severity.ERROR, "A list of an input has a null in it.")

RULES: tuple[Rule, ...] = (MISSING_INPUT, UNKNOWN_INPUT, WRONG_INPUT_TYPE, NULL_IN_LIST)

_RULES = {"missing": MISSING_INPUT, "unknown": UNKNOWN_INPUT, "wrong": WRONG_INPUT_TYPE}


def check(subject: Subject, declarations: Declarations) -> Iterator[Finding]:
    """Find inputs that their commands cannot use."""
    reads = _Reads(subject, declarations)
    for index, step in enumerate(subject.flow.steps):
        path: Path = ("steps", index, "command", "input")
        given = step.command.input
        for at in _nulls_in_lists(given, path):
            yield subject.finding(
                NULL_IN_LIST,
                "there is a null in this list: Flyte cannot render such a list and skips the step",
                "leave the entry out, or write an empty text",
                at,
            )
        declared = declarations.command(step.command)
        if declared is None:
            continue
        if declared.model is not None:
            yield from _own(subject, reads, index, declared, declared.model)
        elif declared.input is not None:
            for fault in faults(declared.input, _sent(given)):
                yield _fault(subject, path, declared, fault)


def _nulls_in_lists(value: Json, path: Path) -> Iterator[Path]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _nulls_in_lists(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            if item is None:
                yield (*path, index)
            yield from _nulls_in_lists(item, (*path, index))


def _own(
    subject: Subject,
    reads: _Reads,
    index: int,
    command: CommandDeclaration,
    model: type[CommandInput],
) -> Iterator[Finding]:
    given = subject.flow.steps[index].command.input
    path: Path = ("steps", index, "command", "input")
    required = [name for name, field in model.model_fields.items() if field.is_required()]
    if given is None:
        yield subject.finding(
            MISSING_INPUT,
            f"{command.name} has no input; it needs {listed(required, 'and')}",
            f"write input: with {listed(required, 'and')}",
            path,
        )
    elif not isinstance(given, Mapping):
        is_template = isinstance(given, str) and has_template(given)
        why = ": a template becomes a text, whatever stands in it" if is_template else ""
        yield subject.finding(
            WRONG_INPUT_TYPE,
            f"the input of {command.name} has to be an object, and this is {kind_of(given)}{why}",
            f"write an object with {listed(required, 'and')}",
            path,
        )
    else:
        yield from _unknown_keys(subject, reads, index, command, model)
        yield from _problems(subject, path, command, model, given)


def _problems(
    subject: Subject,
    path: Path,
    command: CommandDeclaration,
    model: type[CommandInput],
    given: Mapping[str, Json],
) -> Iterator[Finding]:
    """Let the command read its input, without the texts that are not known before they are rendered."""
    rendered = {key for key, value in given.items() if isinstance(value, str) and has_template(value)}
    try:
        model.from_input({key: _sent(value) for key, value in given.items() if key not in rendered})
    except BadInput as error:
        problems = error.problems
    else:
        return
    for problem in problems:
        field = problem.field.partition(".")[0]
        key = _written(field, given)
        if not problem.problem.startswith("missing "):
            advice = model.model_fields[field].description or ""
            yield subject.finding(
                WRONG_INPUT_TYPE,
                f"{command.name} cannot use {problem.field}: {problem.problem}",
                f"{field}: {advice}",
                (*path, key or field),
            )
        elif key not in rendered:
            empty = f"; {key} is empty here, which counts as not given" if key is not None else ""
            yield subject.finding(
                MISSING_INPUT,
                f"{command.name} needs {field}{empty}",
                _add(field, [other for other in given if _field(other, model) is None], model),
                path if key is None else (*path, key),
            )


def _sent(value: Json) -> Json:
    """Return a value as the pack gets it: nulls of objects are gone."""
    if isinstance(value, Mapping):
        return {key: _sent(item) for key, item in value.items() if item is not None}
    return [_sent(item) for item in value] if isinstance(value, list) else value


def _written(field: str, given: Mapping[str, Json]) -> str | None:
    """Return the key that a field was given by; capitals do not matter when there is no exact one."""
    if field in given:
        return field
    return next((key for key in given if key.lower() == field.lower()), None)


def _field(key: str, model: type[CommandInput]) -> str | None:
    return next((name for name in model.model_fields if name.lower() == key.lower()), None)


def _add(field: str, unknown: list[str], model: type[CommandInput]) -> str:
    meant = [key for key in unknown if near(key, model.model_fields) == field]
    if meant:
        return f"write {field} in place of {meant[0]}"
    description = model.model_fields[field].description
    return f"add {field}: {description}"


def _unknown_keys(
    subject: Subject,
    reads: _Reads,
    index: int,
    command: CommandDeclaration,
    model: type[CommandInput],
) -> Iterator[Finding]:
    given = subject.flow.steps[index].command.input
    unknown = [key for key, value in given.items() if value is not None and _field(key, model) is None]
    if not unknown:
        return
    read = reads.of_result(subject.flow.steps[index].command)
    for key in unknown:
        free = [name for name in model.model_fields if _written(name, given) is None]
        guess = near(key, free)
        if read is not None and (guess or key not in read):
            yield subject.finding(
                UNKNOWN_INPUT,
                f"{command.name} has no {key}: it has no effect, but comes back in the result's payload",
                f"did you mean {guess!r}?" if guess else f"it takes {listed(model.model_fields, 'and')}",
                ("steps", index, "command", "input", key),
            )


class _Reads:
    """What the templates of a flow read of results."""

    def __init__(self, subject: Subject, declarations: Declarations) -> None:
        self._subject = subject
        self._declarations = declarations
        self._uses: tuple[Use, ...] | None = None

    def of_result(self, command: Command) -> set[str] | None:
        """Return which fields are read of the results of a command, None: perhaps all of them.

        A key that the command does not know comes back in its result, which is a way to hand a value on.
        """
        if self._uses is None:
            self._uses = tuple(use for use in uses(self._subject) if use.names[:2] == ("Event", "Payload"))
        read: set[str] = set()
        for use in self._uses:
            event = use.text.step.event
            if not self._declarations.is_known_to_end_in(command, event.pack_name, event.name):
                continue
            if len(use.names) == 2 or ITEM in use.names[2:4] or use.names[2:] == ("inputMessage",):
                return None
            read.update(use.names[2:4])
        return read


def _fault(subject: Subject, path: Path, command: CommandDeclaration, fault: Fault) -> Finding:
    at = ".".join(map(str, fault.path))
    where = f"{at} of the input" if at else "the input"
    return subject.finding(
        _RULES[fault.kind],
        f"{where} of {command.name}: {fault.problem}",
        fault.advice,
        (*path, *fault.path),
    )
