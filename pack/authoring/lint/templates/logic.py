"""How ``and``, ``or``, ``not`` and comparisons group: not as in most languages."""

from __future__ import annotations

from collections.abc import Iterator

from pack.authoring.lint.findings import Rule, Severity
from pack.authoring.lint.templates.reading import Reading, Remark
from pack.flowlang.arithmetic import RELATIONS
from pack.flowlang.expressions import Chain, Literal, Logic, Signed
from pack.flowlang.lexer import Kind
from pack.flowlang.tree import Expression

MIXED = Rule(
    "mixed-and-or", Severity.WARNING, "`and` stands before `or` without brackets, and `or` is grouped first."
)
NOT_COMPARISON = Rule(
    "not-comparison", Severity.WARNING, "`not` before a comparison negates its left side only."
)
CHAINED = Rule("chained-comparison", Severity.WARNING, "Comparisons follow each other, as in a < b < c.")

LONE_TEXT = Rule(
    "lone-text", Severity.WARNING, "A text stands beside `and` or `or` with nothing to compare it with."
)

RULES = (MIXED, NOT_COMPARISON, CHAINED, LONE_TEXT)

_MAX_SHOWN = 20
"""The most terms that are written out."""
_AND = frozenset({"and", "&&"})


def remarks(reading: Reading) -> Iterator[Remark]:
    """Yield expressions that group otherwise than they read."""
    for node in reading.nodes:
        if isinstance(node, Logic):
            yield from _mixed(reading, node)
            yield from _lone_texts(reading, node)
        elif isinstance(node, Chain) and node.signs[0].text in RELATIONS:
            yield from _negated(reading, node)
            if 2 < len(node.terms) <= _MAX_SHOWN:
                yield _chained(reading, node)


def _mixed(reading: Reading, logic: Logic) -> Iterator[Remark]:
    """Find what differs from `and` before `or`, as everywhere else: an `or` somewhere behind an `and`."""
    words = ["and" if sign in _AND else "or" for sign in logic.operators]
    if "and" not in words or "or" not in words[words.index("and") :]:
        return
    known = len(logic.terms) <= _MAX_SHOWN
    terms = [reading.writer.term(term) for term in logic.terms] if known else []
    as_read = _as_read(terms, words) if known else "a and (b or (c …))"
    as_meant = meant(reading, logic) if known else "(a and b) or c"
    yield Remark(
        MIXED,
        f"`and` and `or` bind alike here and group to the right: this is {as_read}",
        f"write brackets: {as_meant}",
        _word_before(reading, logic.terms[words.index("or", words.index("and")) + 1]),
    )


def _lone_texts(reading: Reading, logic: Logic) -> Iterator[Remark]:
    """Find ``a == 'x' or 'y'``: a text is true in itself."""
    if len(logic.terms) > _MAX_SHOWN:
        return
    lone = [
        term
        for term in logic.terms
        if isinstance(term, Literal) and isinstance(term.value, str) and term.value
    ]
    if lone:
        text = reading.writer.whole(lone[0])
        message = f"{text} is no question of its own: a text counts as true, whatever stands beside it"
        yield Remark(LONE_TEXT, message, _asked(reading, logic), lone[0].token.offset)


def _asked(reading: Reading, logic: Logic) -> str:
    """Return an expression in which each text is compared with what the one before it is compared with."""
    writer, compared, terms, operators = reading.writer, None, list[str](), list(logic.operators)
    for number, term in enumerate(logic.terms):
        if isinstance(term, Chain) and len(term.terms) == 2 and term.signs[0].text in ("==", "!=", "<>"):
            compared = term
        if not (isinstance(term, Literal) and isinstance(term.value, str)):
            terms.append(writer.term(term))
            continue
        if compared is None:
            if len(logic.terms) == 2 and number == 1 and operators[0] not in _AND:
                filled = writer.filtered(logic.terms[0], f"default:{writer.whole(term)}")
                return f"write {filled} for a value in place of nothing" if filled else "compare it"
            return "compare it with what is meant, as in name == 'x'"
        terms.append(f"{writer.side(compared.terms[0])} {compared.signs[0].text} {writer.whole(term)}")
        if compared.signs[0].text != "==" and number:
            operators[number - 1] = "and"
    words = ["and" if sign in _AND else "or" for sign in operators]
    return f"write {_as_meant(terms, words)}"


def meant(reading: Reading, expression: Expression) -> str:
    """Return an expression grouped as in most languages: brackets say what is only read into it."""
    if isinstance(expression, Logic):
        terms = [
            f"({meant(reading, term)})" if isinstance(term, Logic) else meant(reading, term)
            for term in expression.terms
        ]
        return _as_meant(terms, ["and" if sign in _AND else "or" for sign in expression.operators])
    if isinstance(expression, Chain) and expression.signs[0].text in RELATIONS and len(expression.terms) == 2:
        first, sign = expression.terms[0], expression.signs[0].text
        writer = reading.writer
        if (
            isinstance(first, Signed)
            and first.negate
            and _not_without_brackets(reading, first, expression) is not None
        ):
            return f"not ({writer.side(first.term)} {sign} {writer.side(expression.terms[1])})"
    return reading.writer.whole(expression)


def _word_before(reading: Reading, term: Expression) -> int:
    """Return where the `or` before a term is."""
    index = reading.index(term.token)
    while index and reading.tokens[index].text not in ("or", "||"):
        index -= 1
    return reading.tokens[index].offset


def _as_read(terms: list[str], words: list[str]) -> str:
    if not words:
        return terms[0]
    rest = _as_read(terms[1:], words[1:])
    same = all(word == words[0] for word in words)
    return f"{terms[0]} {words[0]} {rest}" if same else f"{terms[0]} {words[0]} ({rest})"


def _as_meant(terms: list[str], words: list[str]) -> str:
    groups = [[terms[0]]]
    for word, term in zip(words, terms[1:], strict=True):
        if word == "and":
            groups[-1].append(term)
        else:
            groups.append([term])
    if len(groups) == 1:
        return " and ".join(groups[0])
    return " or ".join(group[0] if len(group) == 1 else f"({' and '.join(group)})" for group in groups)


def _negated(reading: Reading, chain: Chain) -> Iterator[Remark]:
    first = chain.terms[0]
    if not isinstance(first, Signed) or not first.negate:
        return
    place = _not_without_brackets(reading, first, chain)
    if place is None:
        return
    writer, sign = reading.writer, chain.signs[0].text
    plain = f"{writer.side(first.term)} {sign} {writer.side(chain.terms[1])}"
    opposite = {"==": "!=", "!=": "=="}.get(sign)
    advice = f"write not ({plain})"
    if opposite and len(chain.terms) == 2:
        advice = f"write {writer.side(first.term)} {opposite} {writer.side(chain.terms[1])}, or not ({plain})"
    yield Remark(
        NOT_COMPARISON,
        f"`not` binds closer than `{sign}`: this is (not {writer.side(first.term)}) {sign} "
        f"{writer.side(chain.terms[1])}",
        advice,
        place,
        (first.token.offset,),
    )


def _not_without_brackets(reading: Reading, signed: Signed, chain: Chain) -> int | None:
    """Return where the `not` is, None when brackets close between it and the sign: (not a) == b."""
    tokens = reading.tokens
    begin = reading.index(signed.token)
    while begin and not (
        tokens[begin].text in ("not", "!") and tokens[begin].kind in (Kind.KEYWORD, Kind.SYMBOL)
    ):
        begin -= 1
    depth = 0
    for token in tokens[begin : reading.index(chain.signs[0])]:
        if token.kind is Kind.SYMBOL and token.text in "()":
            depth += 1 if token.text == "(" else -1
        if depth < 0:
            return None
    return tokens[begin].offset


def _chained(reading: Reading, chain: Chain) -> Remark:
    writer = reading.writer
    terms = [writer.side(term) for term in chain.terms]
    signs = [sign.text for sign in chain.signs]
    pairs = [f"{terms[index]} {sign} {terms[index + 1]}" for index, sign in enumerate(signs)]
    return Remark(
        CHAINED,
        f"comparisons group to the right, so a boolean is compared: {terms[0]} {signs[0]} "
        f"({_nested(terms[1:], signs[1:])})",
        f"write {' and '.join(pairs)}",
        chain.token.offset,
        _offsets(chain),
    )


def _nested(terms: list[str], signs: list[str]) -> str:
    if len(signs) == 1:
        return f"{terms[0]} {signs[0]} {terms[1]}"
    return f"{terms[0]} {signs[0]} ({_nested(terms[1:], signs[1:])})"


def _offsets(chain: Chain) -> tuple[int, ...]:
    terms: tuple[Expression, ...] = chain.terms
    return tuple(term.token.offset for term in terms)
