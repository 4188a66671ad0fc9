"""Values of the context, which are texts whatever they were made of; and texts that are asked for fields."""

from __future__ import annotations

from collections.abc import Iterator

from pack.authoring.lint.findings import Rule, Severity
from pack.authoring.lint.templates.reading import Reading, Remark, read
from pack.authoring.lint.templates.shapes import Shape, Shapes, is_certainly
from pack.authoring.lint.templates.types import shapes
from pack.flowlang.errors import TemplateSyntaxError
from pack.flowlang.expressions import Logic, Printed, Signed
from pack.flowlang.kinds import clean
from pack.flowlang.parser import parse
from pack.flowlang.tree import Expression, Text
from pack.flowlang.variables import Variable
from pack.flowlang.walk import body_of

FIELD = Rule("context-field", Severity.ERROR, "A value of the context is asked for a field, and is a text.")
TRUTH = Rule("context-truth", Severity.WARNING, "The text 'False' of the context counts as true.")
BYTE = Rule("text-byte", Severity.WARNING, "A text is asked for a number: that is a byte, not a letter.")

RULES = (FIELD, TRUTH, BYTE)

_TEXT: Shapes = frozenset({Shape.TEXT})
_BOOLEAN: Shapes = frozenset({Shape.BOOLEAN})


def remarks(reading: Reading) -> Iterator[Remark]:
    """Yield values that are texts, and taken for something else."""
    for node in reading.nodes:
        if isinstance(node, Variable):
            yield from _parts(reading, node)
    for condition in _conditions(reading):
        yield from _truth(reading, condition)


def _parts(reading: Reading, variable: Variable) -> Iterator[Remark]:
    names = [str(part) for part in variable.parts]
    if names[0] in reading.bindings or any(part.arguments is not None for part in variable.parts):
        return
    if names[0] == "Context" and len(names) > 2 and variable.parts[2].index is None:
        key = reading.writer.text(names[2])
        yield Remark(
            FIELD,
            f"{'.'.join(names[:2])} is a text, as all of the context: asking it for {names[2]} skips the "
            "step",
            f"put the field itself into the context; a text of JSON is read by "
            f"unmarshalJson({'.'.join(names[:2])})|key:{key}",
            variable.token.offset,
        )
        return
    for index, part in enumerate(variable.parts[2:], start=2):
        owner = Variable(variable.token, variable.parts[:index])
        if part.index is not None and is_certainly(shapes(reading, owner), _TEXT):
            yield Remark(
                BYTE,
                f"{owner} is a text: {owner}.{part} is the number of a byte, such as 104 for an h",
                f"write {owner}|index:{part}",
                variable.token.offset,
            )
            return


def _conditions(reading: Reading) -> Iterator[Expression]:
    yield from reading.conditions()
    for node in reading.nodes:
        if isinstance(node, Logic):
            yield from node.terms
        elif isinstance(node, Signed) and node.negate:
            yield node.term


def _truth(reading: Reading, condition: Expression) -> Iterator[Remark]:
    if isinstance(condition, Signed):
        condition = condition.term
    if not isinstance(condition, Variable) or [part.name for part in condition.parts[:1]] != ["Context"]:
        return
    if len(condition.parts) == 2 and _is_boolean(reading, condition.parts[1].name):
        true = reading.writer.text("True")
        yield Remark(
            TRUTH,
            f"{condition} is the text 'True' or 'False', and both of them count as true",
            f"write {condition} == {true}",
            condition.token.offset,
        )


def _is_boolean(reading: Reading, name: str) -> bool:
    """Say whether a value of the context is made of a boolean, in every step that sets it."""
    found = [step.context[name] for step in reading.subject.flow.steps if name in step.context]
    return bool(found) and all(_prints_boolean(reading, text) for text in found)


def _prints_boolean(reading: Reading, text: str) -> bool:
    try:
        tree = parse(clean(text))
    except TemplateSyntaxError:
        return False
    nodes = [node for node in body_of(tree).nodes if not (isinstance(node, Text) and not node.text)]
    if len(nodes) != 1 or not isinstance(nodes[0], Printed):
        return False
    own = read(reading.subject, reading.declarations, reading.text, tree)
    return is_certainly(shapes(own, nodes[0].expression), _BOOLEAN)
