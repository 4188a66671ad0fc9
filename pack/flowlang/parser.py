"""Tokens to a tree: the document and its tags."""

from __future__ import annotations

import functools

from pack.flowlang.errors import TemplateSyntaxError
from pack.flowlang.expression_parser import parse_expression
from pack.flowlang.expressions import Printed
from pack.flowlang.lexer import Kind, LexicalError, Token, tokenize
from pack.flowlang.limits import MAX_TEMPLATE_CHARACTERS
from pack.flowlang.position import place, wrapped
from pack.flowlang.stream import Nesting, Tokens
from pack.flowlang.suggestions import hint
from pack.flowlang.tag_table import TAGS
from pack.flowlang.tags import Document
from pack.flowlang.tree import Body, Node, Template, text_node

_CACHED_TEMPLATES = 256
_CACHED_CHARACTERS = 20_000


def parse(template: str) -> Template:
    """Return the tree of a template; those of the last few templates are kept.

    Raises:
        TemplateSyntaxError: the template cannot be read.
    """
    return _cached(template) if len(template) <= _CACHED_CHARACTERS else _parse(template)


def _parse(template: str) -> Template:
    source = wrapped(template)
    if len(template) > MAX_TEMPLATE_CHARACTERS:
        raise _error(source, 0, f"the template is longer than {MAX_TEMPLATE_CHARACTERS} characters")
    try:
        tokens = tokenize(source)
    except LexicalError as error:
        raise _error(source, error.offset, str(error)) from error
    end = tokens[-1] if tokens else Token(Kind.TEXT, "", 0)
    document = _Parser(Tokens(source, tokens, end, Nesting()))
    body = document.everything()
    return Template(source, body, dict(document.exported))


_cached = functools.lru_cache(maxsize=_CACHED_TEMPLATES)(_parse)


def _error(source: str, offset: int, message: str) -> TemplateSyntaxError:
    template, line, column = place(source, offset)
    return TemplateSyntaxError(message, template=template, line=line, column=column)


class _Parser(Document):
    """Reads the elements of a template one by one."""

    def everything(self) -> Body:
        """Read to the end of the template."""
        nodes = []
        while len(self.tokens):
            nodes.append(self._element())
        return Body(tuple(nodes))

    def body(self, *ends: str) -> tuple[Body, Tokens]:
        """Read up to one of these end tags; return what stands before it, and the end tag's arguments.

        Raises:
            TemplateSyntaxError: the template ends before.
        """
        tokens, nodes = self.tokens, list[Node]()
        while len(tokens):
            name = tokens.peek(1)
            if tokens.is_symbol("{%") and name and name.kind is Kind.NAME and name.text in ends:
                tokens.next()
                tokens.next()
                return Body(tuple(nodes), name.text), self._arguments(name)
            nodes.append(self._element())
        raise tokens.error(
            f"the template ends, and {' or '.join('{% ' + end + ' %}' for end in ends)} is missing"
        )

    def skip(self, end: str) -> None:
        """Go past this end tag without reading what stands before it.

        Raises:
            TemplateSyntaxError: the template ends before, or the end tag has arguments.
        """
        tokens = self.tokens
        while len(tokens):
            name = tokens.peek(1)
            if tokens.is_symbol("{%") and name and name.kind is Kind.NAME and name.text == end:
                tokens.next()
                tokens.next()
                if not tokens.symbol("%}"):
                    raise tokens.error(f"'{{% {end} %}}' takes no arguments: Flyte would wait here for ever")
                return
            tokens.next()
        raise tokens.error(f"the template ends, and {{% {end} %}} is missing")

    def _element(self) -> Node:
        tokens = self.tokens
        token = tokens.here()
        if token.kind is Kind.TEXT:
            left, right = tokens.peek(-1), tokens.peek(1)
            tokens.next()
            return text_node(token, left, right)
        if tokens.symbol("{{"):
            expression = parse_expression(tokens)
            if not tokens.symbol("}}"):
                raise tokens.error("'}}' is missing here, or something stands before it that cannot")
            return Printed(token, expression)
        if tokens.symbol("{%"):
            return self._tag()
        raise tokens.error("this cannot stand outside '{{ }}' and '{% %}'")

    def _tag(self) -> Node:
        tokens = self.tokens
        name = tokens.need(Kind.NAME, "the name of a tag")
        if name.text not in TAGS:
            raise self._unknown(name)
        arguments = self._arguments(name)
        tokens.descend()
        node = TAGS[name.text](self, name, arguments)
        tokens.ascend()
        return node

    def _unknown(self, name: Token) -> TemplateSyntaxError:
        meant = "" if name.text.startswith(("end", "el")) else hint(name.text, TAGS)
        return self.tokens.error(
            f"there is no tag named {name.text!r}{meant or ', or it ends what was not begun'}", name
        )

    def _arguments(self, name: Token) -> Tokens:
        tokens, found = self.tokens, []
        while not tokens.symbol("%}"):
            token = tokens.next()
            if token is None:
                raise tokens.error(f"the tag {name.text!r} is not closed by '%}}'", name)
            found.append(token)
        return Tokens(tokens.source, found, found[-1] if found else name, tokens.nesting)
