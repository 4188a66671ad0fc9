"""The tokens of a template, or of one tag's arguments, read one after the other."""

from __future__ import annotations

from collections.abc import Sequence

from pack.flowlang.errors import TemplateSyntaxError
from pack.flowlang.lexer import Kind, Token
from pack.flowlang.limits import MAX_NESTING
from pack.flowlang.position import place


class Nesting:
    """How deep the parser is, over a template and all the arguments of its tags."""

    def __init__(self) -> None:
        self.depth = 0


class Tokens:
    """A cursor over tokens. ``after``: the token that an error at their end names."""

    def __init__(self, source: str, tokens: Sequence[Token], after: Token, nesting: Nesting) -> None:
        self.source = source
        self.nesting = nesting
        self._tokens = tokens
        self._after = after
        self._index = 0

    def __len__(self) -> int:
        """Return how many tokens are left."""
        return max(0, len(self._tokens) - self._index)

    def peek(self, shift: int = 0) -> Token | None:
        """Return the token at a distance from the current one (negative: before it), None beyond the ends."""
        index = self._index + shift
        return self._tokens[index] if 0 <= index < len(self._tokens) else None

    def here(self) -> Token:
        """Return the current token, or the one that stands for the end."""
        return self.peek() or self._after

    def next(self) -> Token | None:
        """Return the current token and go on."""
        token = self.peek()
        self._index += 1
        return token

    def is_symbol(self, *texts: str, shift: int = 0) -> bool:
        """Say whether that token is one of these symbols."""
        token = self.peek(shift)
        return token is not None and token.kind is Kind.SYMBOL and token.text in texts

    def symbol(self, *texts: str) -> Token | None:
        """Take the current token if it is one of these symbols."""
        return self.next() if self.is_symbol(*texts) else None

    def keyword(self, *texts: str) -> Token | None:
        """Take the current token if it is one of these keywords."""
        token = self.peek()
        if token is not None and token.kind is Kind.KEYWORD and token.text in texts:
            return self.next()
        return None

    def word(self, text: str) -> Token | None:
        """Take the current token if it is this name."""
        token = self.peek()
        return self.next() if token is not None and token.kind is Kind.NAME and token.text == text else None

    def take(self, kind: Kind) -> Token | None:
        """Take the current token if it is of this kind."""
        token = self.peek()
        return self.next() if token is not None and token.kind is kind else None

    def need(self, kind: Kind, what: str) -> Token:
        """Take a token of this kind.

        Raises:
            TemplateSyntaxError: the current token is of another; ``what`` says what was expected.
        """
        token = self.take(kind)
        if token is None:
            raise self.error(f"{what} is expected here")
        return token

    def need_end(self, what: str) -> None:
        """Make sure that nothing is left.

        Raises:
            TemplateSyntaxError: there is; ``what`` says of what.
        """
        if len(self):
            raise self.error(f"{self.here().text!r} is too much for {what}")

    def error(self, message: str, token: Token | None = None) -> TemplateSyntaxError:
        """Return the error at a token, or at the current one."""
        template, line, column = place(self.source, (token or self.here()).offset)
        return TemplateSyntaxError(message, template=template, line=line, column=column)

    def descend(self) -> None:
        """Go one level down.

        Raises:
            TemplateSyntaxError: the template is nested too deep.
        """
        self.nesting.depth += 1
        if self.nesting.depth > MAX_NESTING:
            raise self.error(f"brackets and tags are nested more than {MAX_NESTING} deep")

    def ascend(self) -> None:
        """Come back up."""
        self.nesting.depth -= 1
