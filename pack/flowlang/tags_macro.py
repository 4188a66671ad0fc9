"""``macro``: a function written in the template."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pack.flowlang.errors import EngineText, TemplateRuntimeError
from pack.flowlang.expression_parser import parse_expression
from pack.flowlang.kinds import MISSING, Function, SafeText
from pack.flowlang.lexer import Kind, Token
from pack.flowlang.run import Frame, Run, at_place
from pack.flowlang.stream import Tokens
from pack.flowlang.tags import Document, TagParser
from pack.flowlang.tree import Body, Expression, Node


@dataclass(frozen=True, slots=True, eq=False)
class Macro(Node):
    """``macro name(a, b=1)``: parameters with their defaults (None: nothing)."""

    name: str
    parameters: Mapping[str, Expression | None]
    body: Body

    def write(self, frame: Frame) -> None:
        """Set the name; nothing is written until the macro is called."""
        frame.private[self.name] = Function(
            self.name, ("…",), lambda run, *arguments: self._call(run, frame, arguments)
        )

    def _call(self, run: Run, frame: Frame, arguments: tuple[object, ...]) -> SafeText:
        """Return what the body renders to with these arguments; an error in it becomes its text."""
        values: dict[str, object] = {}
        try:
            for name, default in self.parameters.items():
                values[name] = MISSING if default is None else default.reference(frame)
        except TemplateRuntimeError as error:
            if error.engine_text is None:
                raise
            return SafeText(str(error.engine_text))
        if len(arguments) > len(self.parameters):
            message = EngineText(
                f"Macro '{self.name}' called with too many arguments ({len(arguments)} instead of "
                f"{len(self.parameters)})."
            )
            return SafeText(str(at_place(message, frame.source, self.token)))
        inner = frame.child().captured()
        inner.private.update(values)
        for name, value in zip(self.parameters, arguments, strict=False):
            plain = str(value) if isinstance(value, SafeText) else value
            inner.private[name] = MISSING if plain is None else plain
        try:
            with run.deeper():
                self.body.write(inner)
        except TemplateRuntimeError as error:
            if error.engine_text is None:
                raise
            return SafeText(str(at_place(error.engine_text, frame.source, self.token)))
        return SafeText(inner.output.text())


def parse_macro(document: Document, token: Token, arguments: Tokens) -> Node:
    """Read ``{% macro name(a, b=1) export %}`` up to ``{% endmacro %}``."""
    name = arguments.need(Kind.NAME, "the name of the macro")
    if not arguments.symbol("("):
        raise arguments.error("'(' is expected here")
    parameters = _parameters(arguments)
    exported = arguments.keyword("export")
    arguments.need_end("{% macro %}")
    body = document.plain_body("endmacro")
    if exported:
        if name.text in document.exported:
            raise arguments.error(f"a macro {name.text!r} is exported already", name)
        document.exported[name.text] = name
    return Macro(token, name.text, parameters, body)


def _parameters(arguments: Tokens) -> Mapping[str, Expression | None]:
    parameters: dict[str, Expression | None] = {}
    while not arguments.symbol(")"):
        name = arguments.need(Kind.NAME, "the name of a parameter")
        parameters[name.text] = parse_expression(arguments) if arguments.symbol("=") else None
        if arguments.symbol(")"):
            break
        if not arguments.symbol(","):
            raise arguments.error("',' or ')' is expected here")
    return parameters


MACRO_TAGS: Mapping[str, TagParser] = MappingProxyType({"macro": parse_macro})
