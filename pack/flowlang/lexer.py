"""Text to tokens.

Outside ``{{ }}`` and ``{% %}`` everything is one token of plain text. A character that cannot stand inside
them ends the tag there, and the rest is plain text again; the parser then misses the end of the tag.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from pack.flowlang.limits import MAX_TOKENS

KEYWORDS = frozenset({"in", "and", "or", "not", "true", "false", "as", "export"})
SPACES = " \n\r\t"
END_OF_TEXT = "\x01"
"""A character that Flyte's lexer takes for the end of the template."""

_SYMBOL = re.compile(r"\{\{-|-\}\}|\{%-|-%\}|==|>=|<=|&&|\|\||\{\{|\}\}|\{%|%\}|!=|<>|[()+\-*<>/^,.!|:=%]")
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NUMBER = re.compile(r"[0-9]+")
_NUMBER_THAT_IS_A_NAME = re.compile(r"[0-9]+[A-Za-z_][A-Za-z0-9_]*")
_SPECIAL = re.compile(r"[{\x01]")
_VERBATIM = "{% verbatim %}"
_END_VERBATIM = "{% endverbatim %}"
_TAG_ENDS = frozenset({"}}", "%}"})


class Kind(Enum):
    """What a token is."""

    TEXT = "text"
    KEYWORD = "keyword"
    NAME = "name"
    STRING = "string"
    NUMBER = "number"
    SYMBOL = "symbol"


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of a template. ``offset`` counts characters from the template's start; ``text`` is unescaped.

    ``trims``: a ``{{-`` or ``-}}``, which eats the white space beside it (``text`` is without the dash).
    """

    kind: Kind
    text: str
    offset: int
    trims: bool = False


class LexicalError(Exception):
    """The template cannot be cut into tokens; ``offset`` is where."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


def tokenize(source: str) -> tuple[Token, ...]:
    """Cut a template into tokens.

    Raises:
        LexicalError: a comment, text or verbatim block is not closed, or a literal has an unknown escape.
    """
    return _Lexer(source).run()


class _Lexer:
    def __init__(self, source: str) -> None:
        self.source = source
        self.position = 0
        self.start = 0
        self.verbatim = False
        self.tokens: list[Token] = []

    def run(self) -> tuple[Token, ...]:
        source = self.source
        while True:
            self._switch_verbatim()
            if not self.verbatim:
                if source.startswith("{#", self.position):
                    self._skip_comment()
                    continue
                if source.startswith(("{{", "{%"), self.position):
                    self._emit_text()
                    self._tag()
                    continue
            if not self._next():
                break
        self._emit_text()
        if self.verbatim:
            raise LexicalError("'{% verbatim %}' is not closed by '{% endverbatim %}'", self.start)
        return tuple(self.tokens)

    def _next(self) -> bool:
        """Go on to the next place where something may begin; False at the end."""
        if self.position >= len(self.source):
            return False
        character = self.source[self.position]
        self.position += 1
        if character == END_OF_TEXT:
            return False
        found = _SPECIAL.search(self.source, self.position)
        self.position = found.start() if found else len(self.source)
        return True

    def _switch_verbatim(self) -> None:
        wanted = _END_VERBATIM if self.verbatim else _VERBATIM
        if self.source.startswith(wanted, self.position):
            self._emit_text()
            self.position += len(wanted)
            self.start = self.position
            self.verbatim = not self.verbatim

    def _skip_comment(self) -> None:
        self._emit_text()
        begin = self.position
        end = self.source.find("#}", begin + 2)
        body = self.source[begin + 2 :] if end < 0 else self.source[begin + 2 : end]
        if "\n" in body:
            raise LexicalError("a comment '{# … #}' must end on its line", begin)
        if end < 0 or END_OF_TEXT in body:
            raise LexicalError("a comment '{#' is not closed by '#}'", begin)
        self.position = self.start = end + 2

    def _emit_text(self) -> None:
        if self.position > self.start:
            self._add(Token(Kind.TEXT, self.source[self.start : self.position], self.start))
            self.start = self.position

    def _add(self, token: Token) -> None:
        if len(self.tokens) >= MAX_TOKENS:
            raise LexicalError(f"the template has more than {MAX_TOKENS} parts", token.offset)
        self.tokens.append(token)

    def _emit(self, kind: Kind, text: str, end: int, trims: bool = False) -> None:
        self._add(Token(kind, text, self.start, trims))
        self.position = self.start = end

    def _tag(self) -> None:
        source, length = self.source, len(self.source)
        while self.position < length:
            character = source[self.position]
            if character == "\n":
                raise LexicalError("no line break is allowed inside '{{ }}' and '{% %}'", self.position)
            if character in SPACES:
                self.position += 1
                self.start = self.position
            elif character in "\"'":
                self._string(character)
            elif found := _IDENTIFIER.match(source, self.position) or _NUMBER_THAT_IS_A_NAME.match(
                source, self.position
            ):
                self._emit(Kind.KEYWORD if found[0] in KEYWORDS else Kind.NAME, found[0], found.end())
            elif found := _NUMBER.match(source, self.position):
                self._emit(Kind.NUMBER, found[0], found.end())
            elif found := _SYMBOL.match(source, self.position):
                trims = len(found[0]) == 3
                text = found[0].replace("-", "") if trims else found[0]
                self._emit(Kind.SYMBOL, text, found.end(), trims)
                if text in _TAG_ENDS:
                    return
            else:
                return

    def _string(self, quotation_mark: str) -> None:
        source, at = self.source, self.position + 1
        while True:
            character = source[at] if at < len(source) else END_OF_TEXT
            if character == quotation_mark:
                break
            if character == END_OF_TEXT:
                raise LexicalError(f"a text is not closed by {quotation_mark}", self.position)
            if character == "\n":
                raise LexicalError("no line break is allowed inside a text", self.position)
            if character == "\\":
                at += 1
                if source[at : at + 1] not in ('"', "\\"):
                    raise LexicalError(
                        f'the escape \\{source[at : at + 1]} does not exist: only \\\\ and \\" do '
                        "(a regular expression is written with two backslashes: '\\\\s')",
                        at - 1,
                    )
            at += 1
        text = source[self.position + 1 : at].replace('\\"', '"').replace("\\\\", "\\")
        self._emit(Kind.STRING, text, at + 1)
