"""Tokens to expressions. The lower a function stands here, the closer what it reads is bound."""

from __future__ import annotations

from collections.abc import Mapping

from pack.flowlang.arithmetic import POWERS, PRODUCTS, RELATIONS, SUMS, Operator
from pack.flowlang.expressions import Chain, FilterCall, Filtered, Literal, Logic, Signed
from pack.flowlang.filters import FILTERS
from pack.flowlang.lexer import Kind, Token
from pack.flowlang.stream import Tokens
from pack.flowlang.suggestions import hint
from pack.flowlang.tree import Expression
from pack.flowlang.values import parse_float
from pack.flowlang.variables import Part, Variable

_LARGEST_INTEGER = (1 << 63) - 1
_COMPARISONS = ("==", "<=", ">=", "!=", "<>", ">", "<")
_MAX_DIGITS = 400


def parse_expression(tokens: Tokens) -> Expression:
    """Read one whole expression.

    Raises:
        TemplateSyntaxError: there is none.
    """
    tokens.descend()
    terms, signs = [_relation(tokens)], []
    while sign := tokens.symbol("&&", "||") or tokens.keyword("and", "or"):
        signs.append(sign.text)
        terms.append(_relation(tokens))
    tokens.ascend()
    return terms[0] if not signs else Logic(terms[0].token, tuple(terms), tuple(signs))


def _relation(tokens: Tokens) -> Expression:
    """``a < b < c`` groups to the right; after ``in`` no further comparison may follow."""
    terms, signs = [_sum(tokens)], []
    while sign := tokens.symbol(*_COMPARISONS):
        signs.append(sign)
        terms.append(_sum(tokens))
    if sign := tokens.keyword("in"):
        signs.append(sign)
        terms.append(_sum(tokens))
    return _chain(terms, signs, RELATIONS, from_right=True)


def _sum(tokens: Tokens) -> Expression:
    sign = tokens.symbol("+", "-")
    minus = sign is not None and sign.text == "-"
    negate = (tokens.symbol("!") or tokens.keyword("not")) is not None
    first = _product(tokens)
    terms: list[Expression] = [Signed(first.token, first, negate, minus) if minus or negate else first]
    signs = []
    while operator := tokens.symbol("+", "-"):
        signs.append(operator)
        terms.append(_product(tokens))
    return _chain(terms, signs, SUMS)


def _product(tokens: Tokens) -> Expression:
    terms, signs = [_power(tokens)], []
    while operator := tokens.symbol("*", "/", "%"):
        signs.append(operator)
        terms.append(_power(tokens))
    return _chain(terms, signs, PRODUCTS)


def _power(tokens: Tokens) -> Expression:
    """``a ^ b ^ c`` groups to the right."""
    terms, signs = [_factor(tokens)], []
    while operator := tokens.symbol("^"):
        signs.append(operator)
        terms.append(_factor(tokens))
    return _chain(terms, signs, POWERS, from_right=True)


def _chain(
    terms: list[Expression],
    signs: list[Token],
    operators: Mapping[str, Operator],
    *,
    from_right: bool = False,
) -> Expression:
    if not signs:
        return terms[0]
    meant = tuple(operators[sign.text] for sign in signs)
    return Chain(terms[0].token, tuple(terms), tuple(signs), meant, from_right)


def _factor(tokens: Tokens) -> Expression:
    if tokens.symbol("("):
        found = parse_expression(tokens)
        if not tokens.symbol(")"):
            raise tokens.error("a closing bracket is missing here")
        return found
    value = parse_operand(tokens)
    calls = []
    while tokens.symbol("|"):
        calls.append(_filter_call(tokens))
    return Filtered(value.token, value, tuple(calls)) if calls else value


def _filter_call(tokens: Tokens) -> FilterCall:
    name = tokens.need(Kind.NAME, "the name of a filter")
    if name.text not in FILTERS:
        raise tokens.error(f"there is no filter named {name.text!r}{hint(name.text, FILTERS)}", name)
    argument = None
    if tokens.symbol(":"):
        argument = parse_operand(tokens)
    return FilterCall(name, name.text, FILTERS[name.text], argument)


def parse_operand(tokens: Tokens) -> Expression:
    """Read one literal or name, without filters: all that may be a filter's argument.

    Raises:
        TemplateSyntaxError: something else stands there.
    """
    token = tokens.peek()
    if token is None:
        raise tokens.error("a text, number or name is expected, and nothing follows")
    if token.kind is Kind.NUMBER:
        tokens.next()
        return _number(tokens, token)
    if token.kind is Kind.STRING:
        tokens.next()
        return Literal(token, token.text)
    if token.kind is Kind.KEYWORD:
        if token.text not in ("true", "false"):
            raise tokens.error(f"the word {token.text!r} cannot stand here")
        tokens.next()
        return Literal(token, token.text == "true")
    if token.kind is not Kind.NAME:
        raise tokens.error("a text, number or name is expected here")
    tokens.next()
    return _variable(tokens, token)


def _number(tokens: Tokens, token: Token) -> Expression:
    if tokens.symbol("."):
        fraction = tokens.need(Kind.NUMBER, "a number after the decimal point")
        found = parse_float(f"{token.text}.{fraction.text}")
        if found is None:
            raise tokens.error("the number is larger than any may be", token)
        return Literal(token, found)
    return Literal(token, _whole(tokens, token))


def _whole(tokens: Tokens, token: Token) -> int:
    digits = token.text.lstrip("0") or "0"
    if len(digits) > _MAX_DIGITS or int(digits) > _LARGEST_INTEGER:
        raise tokens.error("the number is larger than any may be", token)
    return int(digits)


def _variable(tokens: Tokens, first: Token) -> Expression:
    parts = [Part(first.text, None, None)]
    while True:
        if tokens.symbol("."):
            token = tokens.here()
            if tokens.take(Kind.NAME):
                parts.append(Part(token.text, None, None))
            elif tokens.take(Kind.NUMBER):
                parts.append(Part("", _whole(tokens, token), None))
            else:
                raise tokens.error("a name or number is expected after the dot")
        elif tokens.symbol("("):
            last = parts[-1]
            arguments = (last.arguments or ()) + _arguments(tokens)
            parts[-1] = Part(last.name, last.index, arguments)
        else:
            return Variable(first, tuple(parts))


def _arguments(tokens: Tokens) -> tuple[Expression, ...]:
    found: list[Expression] = []
    while True:
        if tokens.symbol(")"):
            return tuple(found)
        if tokens.peek() is None:
            raise tokens.error("the brackets of a call are not closed")
        found.append(parse_expression(tokens))
        if tokens.symbol(")"):
            return tuple(found)
        if not tokens.symbol(","):
            raise tokens.error("a comma or a closing bracket is missing in a call")
