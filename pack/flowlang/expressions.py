"""What stands in ``{{ }}`` and after a tag's name: operators, filters and literals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pack.flowlang.arithmetic import Operator
from pack.flowlang.errors import EngineText, Refusal
from pack.flowlang.kinds import SafeText
from pack.flowlang.lexer import Token
from pack.flowlang.run import Frame, Run
from pack.flowlang.tree import Expression, Node
from pack.flowlang.values import integer, is_float, is_integer, negated, number, text, truth, wrap

Filter = Callable[[object, object, Run], object]
"""What a filter does: the value, the argument (None without one) and the rendering, to a new value."""


@dataclass(frozen=True, slots=True, eq=False)
class Literal(Expression):
    """A text, a number, ``true`` or ``false``."""

    value: object

    def evaluate(self, frame: Frame) -> object:
        """Return the value."""
        return self.value


@dataclass(frozen=True, slots=True, eq=False)
class Logic(Expression):
    """``a and b or c``: one precedence, grouped to the right. The result is always a boolean."""

    terms: tuple[Expression, ...]
    operators: tuple[str, ...]

    def evaluate(self, frame: Frame) -> object:
        """Return True or False, evaluating no more than is needed."""
        for term, sign in zip(self.terms, self.operators, strict=False):
            true = truth(term.evaluate(frame))
            if true == (sign in ("or", "||")):
                return true
        return truth(self.terms[-1].evaluate(frame))

    def has_filter(self, name: str) -> bool:
        """Say whether every term goes through that filter."""
        return all(term.has_filter(name) for term in self.terms)


@dataclass(frozen=True, slots=True, eq=False)
class Chain(Expression):
    """Values with operators between them, all of one precedence. ``signs`` are the operators' tokens.

    ``from_right``: ``a < b < c`` is ``a < (b < c)``; otherwise ``a - b - c`` is ``(a - b) - c``.
    """

    terms: tuple[Expression, ...]
    signs: tuple[Token, ...]
    operators: tuple[Operator, ...]
    from_right: bool = False

    def evaluate(self, frame: Frame) -> object:
        """Return the result; every term is evaluated, from left to right."""
        if not self.from_right:
            value = self.terms[0].evaluate(frame)
            for sign, operator, term in zip(self.signs, self.operators, self.terms[1:], strict=True):
                value = self._operate(frame, sign, operator, value, term.evaluate(frame))
            return value
        values = [term.evaluate(frame) for term in self.terms]
        value = values.pop()
        for sign, operator in zip(reversed(self.signs), reversed(self.operators), strict=True):
            value = self._operate(frame, sign, operator, values.pop(), value)
        return value

    def _operate(self, frame: Frame, sign: Token, operator: Operator, left: object, right: object) -> object:
        frame.attempt(sign, frame.run.compare, left, right)
        return frame.attempt(sign, operator, left, right)

    def has_filter(self, name: str) -> bool:
        """Say whether every term goes through that filter."""
        return all(term.has_filter(name) for term in self.terms)


@dataclass(frozen=True, slots=True, eq=False)
class Signed(Expression):
    """A term with ``not`` or a minus before it; both: first ``not``."""

    term: Expression
    negate: bool
    minus: bool

    def evaluate(self, frame: Frame) -> object:
        """Return the term, changed.

        Raises:
            TemplateRuntimeError: a minus stands before what is no number.
        """
        value = self.term.evaluate(frame)
        if self.negate:
            value = negated(value)
        if not self.minus:
            return value
        if is_float(value):
            return -1 * number(value)
        if is_integer(value):
            return wrap(-integer(value))
        raise frame.failure(
            self.token,
            Refusal(
                "a minus sign stands before what is no number (turn a text into one by |integer or |float)",
                engine_text=EngineText("Negative sign on a non-number expression"),
            ),
        )

    def has_filter(self, name: str) -> bool:
        """Say whether the term goes through that filter."""
        return self.term.has_filter(name)


@dataclass(frozen=True, slots=True, eq=False)
class FilterCall:
    """One ``|name:argument``; ``token`` is the name."""

    token: Token
    name: str
    apply: Filter
    argument: Expression | None

    def of(self, value: object, frame: Frame) -> object:
        """Return what the filter makes of a value."""
        argument = None if self.argument is None else self.argument.evaluate(frame)
        frame.run.spend(1)
        return frame.attempt(self.token, _apply, self.apply, value, argument, frame.run)


def _apply(function: Filter, value: object, argument: object, run: Run) -> object:
    run.checked(value)
    return run.checked(function(value, argument, run))


@dataclass(frozen=True, slots=True, eq=False)
class Filtered(Expression):
    """A value and the filters that it goes through."""

    value: Expression
    filters: tuple[FilterCall, ...]

    def evaluate(self, frame: Frame) -> object:
        """Return what the last filter makes of it."""
        value = self.value.evaluate(frame)
        for call in self.filters:
            value = call.of(value, frame)
        return value

    def has_filter(self, name: str) -> bool:
        """Say whether that filter is among them."""
        return any(call.name == name for call in self.filters)


@dataclass(frozen=True, slots=True, eq=False)
class Printed(Node):
    """``{{ expression }}``."""

    expression: Expression

    def write(self, frame: Frame) -> None:
        """Write the value as text, escaped where ``autoescape`` is on and it is not safe."""
        value = self.expression.evaluate(frame)
        shown = text(value)
        if (
            frame.autoescape
            and isinstance(value, str)
            and not isinstance(value, SafeText)
            and not self.expression.has_filter("safe")
        ):
            shown = escaped(shown)
        frame.attempt(self.token, frame.output.write, shown)


_ESCAPES = (("&", "&amp;"), (">", "&gt;"), ("<", "&lt;"), ('"', "&quot;"), ("'", "&#39;"))


def escaped(source: str) -> str:
    """Return a text in which nothing is HTML any more."""
    for character, entity in _ESCAPES:
        source = source.replace(character, entity)
    return source
