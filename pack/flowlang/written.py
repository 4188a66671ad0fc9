"""Expressions as an author would write them."""

from __future__ import annotations

from pack.flowlang.expressions import Chain, FilterCall, Filtered, Literal, Logic, Signed
from pack.flowlang.kinds import clean
from pack.flowlang.tree import Expression
from pack.flowlang.values import text
from pack.flowlang.variables import Variable


def written(expression: Expression) -> str:
    """Return the text of an expression, with one space around each operator."""
    if isinstance(expression, Literal):
        return _literal(expression.value)
    if isinstance(expression, Variable):
        return _variable(expression)
    if isinstance(expression, Filtered):
        return written(expression.value) + "".join(filter_text(call) for call in expression.filters)
    if isinstance(expression, Signed):
        sign = ("-" if expression.minus else "") + ("not " if expression.negate else "")
        return sign + _term(expression.term)
    if isinstance(expression, Logic):
        return _joined(expression.terms, expression.operators)
    if isinstance(expression, Chain):
        return _joined(expression.terms, tuple(sign.text for sign in expression.signs))
    return expression.token.text


def filter_text(call: FilterCall) -> str:
    """Return ``|name:argument``."""
    argument = "" if call.argument is None else f":{written(call.argument)}"
    return f"|{call.name}{argument}"


def _joined(terms: tuple[Expression, ...], signs: tuple[str, ...]) -> str:
    found = _term(terms[0])
    for sign, term in zip(signs, terms[1:], strict=True):
        found += f" {sign} {_term(term)}"
    return found


def _term(expression: Expression) -> str:
    """Return a term; in brackets where it is made of several, so that no precedence has to be known."""
    found = written(expression)
    return f"({found})" if isinstance(expression, (Logic, Chain)) else found


def _literal(value: object) -> str:
    if isinstance(value, str):
        escaped = clean(value).replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, float) else text(value)


def _variable(variable: Variable) -> str:
    found = ""
    for number, part in enumerate(variable.parts):
        found += f".{part}" if number else str(part)
        if part.arguments is not None:
            found += "(" + ", ".join(written(argument) for argument in part.arguments) + ")"
    return found
