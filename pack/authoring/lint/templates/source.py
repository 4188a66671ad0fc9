"""Expressions back to text: an author's own words in an advice, with the brackets that they need."""

from __future__ import annotations

from pack.flowlang.arithmetic import PRODUCTS, RELATIONS, SUMS
from pack.flowlang.expressions import Chain, Filtered, Literal, Logic, Signed
from pack.flowlang.tree import Expression
from pack.flowlang.variables import Part, Variable

_LOGIC, _RELATION, _SUM, _SIGNED, _PRODUCT, _POWER, OPERAND = range(7)


class Writer:
    """Writes expressions. ``quotation_mark`` is the one that the author prefers."""

    def __init__(self, quotation_mark: str) -> None:
        self._mark = quotation_mark

    def text(self, value: str) -> str:
        """Return a text as a literal; an apostrophe in it calls for the other quotation mark."""
        mark = '"' if "'" in value else self._mark
        inner = value.replace("\\", "\\\\").replace('"', '\\"')
        return f"{mark}{inner}{mark}"

    def filtered(self, expression: Expression, call: str) -> str | None:
        """Return an expression with one more filter; None where brackets would have to stand before it."""
        if isinstance(expression, (Literal, Variable, Filtered)):
            return f"{self.whole(expression)}|{call}"
        return None

    def whole(self, expression: Expression) -> str:
        """Return an expression as it may stand alone."""
        if isinstance(expression, Literal):
            return self._literal(expression.value)
        if isinstance(expression, Variable):
            return ".".join(self._part(part) for part in expression.parts)
        if isinstance(expression, Filtered):
            calls = (
                f"|{call.name}" + ("" if call.argument is None else f":{self.whole(call.argument)}")
                for call in expression.filters
            )
            return self.whole(expression.value) + "".join(calls)
        if isinstance(expression, Signed):
            signs = ("-" if expression.minus else "") + ("not " if expression.negate else "")
            return signs + self.inside(expression.term, _PRODUCT)
        if isinstance(expression, Logic):
            terms = [self.inside(term, _RELATION) for term in expression.terms]
            return self._joined(terms, expression.operators)
        if isinstance(expression, Chain):
            level = _level(expression) + 1
            terms = [self.inside(term, level) for term in expression.terms]
            return self._joined(terms, tuple(sign.text for sign in expression.signs))
        return "…"

    def term(self, expression: Expression) -> str:
        """Return an expression as it may stand on a side of ``and`` or ``or``."""
        return self.inside(expression, _RELATION)

    def side(self, expression: Expression) -> str:
        """Return an expression as it may stand on a side of a comparison."""
        return self.inside(expression, _SUM)

    def inside(self, expression: Expression, level: int) -> str:
        """Return an expression, in brackets when it is bound less closely than its place asks."""
        written = self.whole(expression)
        return f"({written})" if _level(expression) < level or isinstance(expression, Signed) else written

    def _joined(self, terms: list[str], signs: tuple[str, ...]) -> str:
        rest = (f" {sign} {term}" for sign, term in zip(signs, terms[1:], strict=True))
        return terms[0] + "".join(rest)

    def _literal(self, value: object) -> str:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, float):
            plain = f"{value:f}".rstrip("0")
            return f"{plain}0" if plain.endswith(".") else plain
        return str(value)

    def _part(self, part: Part) -> str:
        if part.arguments is None:
            return str(part)
        return f"{part}({', '.join(map(self.whole, part.arguments))})"


def _level(expression: Expression) -> int:
    if isinstance(expression, Logic):
        return _LOGIC
    if isinstance(expression, Signed):
        return _SIGNED
    if not isinstance(expression, Chain):
        return OPERAND
    sign = expression.signs[0].text
    if sign in RELATIONS:
        return _RELATION
    if sign in SUMS:
        return _SUM
    return _PRODUCT if sign in PRODUCTS else _POWER
