"""Templates and scopes to texts and values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from pack.clock import Clock, SystemClock
from pack.flowlang.deadline import Deadline
from pack.flowlang.errors import NotABool, Refusal, TemplateRuntimeError, quote
from pack.flowlang.kinds import clean
from pack.flowlang.lexer import END_OF_TEXT, Kind, Token
from pack.flowlang.limits import Limits
from pack.flowlang.parser import parse
from pack.flowlang.position import wrapped
from pack.flowlang.run import Frame, Names, Output, Run, runtime_error
from pack.flowlang.scope import Functions, Scope, engine_names
from pack.flowlang.tree import Template

Json = Any
Path = tuple[str | int, ...]
"""Where a text is in a JSON value: keys and indexes from the top."""

NO_FUNCTIONS: Functions = MappingProxyType({})
TRUE_WORDS = frozenset({"1", "t", "T", "TRUE", "true", "True"})
FALSE_WORDS = frozenset({"0", "f", "F", "FALSE", "false", "False"})
_EXACT_INTEGERS = 2**53
_BEGINNINGS = ("{{", "{%", "{#", END_OF_TEXT)
_START = Token(Kind.TEXT, "", 0)


class Renderer:
    """Renders templates that see one scope: all texts of one step.

    ``deadline``: shared with the step's other renderers; without one it is this renderer's own. ``reading``
    gives a template's tree; who wants to watch a rendering gives the tree of its own.
    """

    def __init__(
        self,
        scope: Mapping[str, object],
        functions: Functions = NO_FUNCTIONS,
        *,
        clock: Clock | None = None,
        limits: Limits | None = None,
        deadline: Deadline | None = None,
        reading: Callable[[str], Template] = parse,
    ) -> None:
        self._scope = scope
        self._functions = functions
        self._clock = clock or SystemClock()
        self._limits = limits or Limits()
        self._deadline = deadline or Deadline(self._clock, self._limits.seconds)
        self._reading = reading

    def text(self, template: str, path: Path = ()) -> str:
        """Return what a template renders to; ``path`` is where it stands, for who watches.

        Raises:
            TemplateSyntaxError: it cannot be read.
            TemplateRuntimeError: it fails with this scope.
        """
        template = clean(template)
        if _is_plain(template):
            return template
        names = Scope(self._scope, self._functions)
        run = Run(self._clock, self._limits, self._deadline, names.functions, self._render)
        try:
            self._deadline.look()
            return clean(self._render(run, template, names))
        except Refusal as refusal:
            raise runtime_error(wrapped(template), _START, refusal) from refusal
        except RecursionError:
            too_deep = Refusal("the template is nested too deep")
            raise runtime_error(wrapped(template), _START, too_deep) from None

    def _render(self, run: Run, template: str, names: Names) -> str:
        tree = self._reading(template)
        frame = Frame(run, tree.source, names, Output(run), engine_names())
        clash = next((name for name in tree.exported if name in names.names()), None)
        if clash is not None:
            refusal = Refusal(f"the macro {clash!r} is exported under a name that the scope has already")
            raise frame.failure(tree.exported[clash], refusal)
        try:
            tree.body.write(frame)
        except Refusal as refusal:
            raise frame.failure(_START, refusal) from refusal
        return frame.output.text()

    def value(self, value: Json, path: Path = ()) -> Json:
        """Return a JSON value in which every text was rendered; keys stay, and nulls in maps are dropped.

        Raises:
            TemplateSyntaxError: a text cannot be read.
            TemplateRuntimeError: a text fails with this scope, or a list has a null in it.
        """
        if isinstance(value, str):
            return self.text(value, path)
        if isinstance(value, Mapping):
            return {key: self.value(item, (*path, key)) for key, item in value.items() if item is not None}
        if isinstance(value, (list, tuple)):
            if any(item is None for item in value):
                raise TemplateRuntimeError(
                    "a list of the input has a null in it, and Flyte cannot render such a list",
                    template="",
                    line=1,
                    column=1,
                )
            return [self.value(item, (*path, index)) for index, item in enumerate(value)]
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) > _EXACT_INTEGERS:
            return _as_float(value)
        return value

    def criterion(self, template: str | None) -> bool:
        """Say whether a criteria is met; one that is absent or empty always is.

        Raises:
            TemplateSyntaxError: it cannot be read.
            TemplateRuntimeError: it fails with this scope.
            NotABool: it renders to something else than one of Go's words for true and false.
        """
        if not template:
            return True
        rendered = self.text(template)
        if rendered in TRUE_WORDS:
            return True
        if rendered in FALSE_WORDS:
            return False
        hint = "an empty text is not false: write {{ … != '' }} or an {% else %}" if not rendered else ""
        if rendered and rendered.strip() in TRUE_WORDS | FALSE_WORDS:
            hint = "no white space may stand around it"
        raise NotABool(
            f"the criteria rendered to {quote(rendered)}, which is neither true nor false"
            + (f" ({hint})" if hint else ""),
            template=template,
            rendered=rendered,
        )


def _is_plain(template: str) -> bool:
    """Say whether there is nothing to render; a last ``{`` meets another, which Flyte puts behind it."""
    return not template.endswith("{") and not any(beginning in template for beginning in _BEGINNINGS)


def _as_float(value: int) -> Json:
    """Every number of a flow is a float to the engine: a large one is the nearest float."""
    try:
        return int(float(value))
    except OverflowError:
        return value


def render_text(
    template: str,
    scope: Mapping[str, object],
    functions: Mapping[str, Callable[..., object]] = NO_FUNCTIONS,
    *,
    clock: Clock | None = None,
) -> str:
    """Return what a template renders to.

    ``scope`` is ``{"Event": {"Name", "Payload", "Pack": {"Name", "Labels"}, "CreatedAt"?}, "Context": {…}}``;
    ``functions`` are those of the engine, whose annotations (str, int, float) are the types they take.

    Raises:
        TemplateSyntaxError: it cannot be read.
        TemplateRuntimeError: it fails with this scope.
    """
    return Renderer(scope, functions, clock=clock).text(template)


def render_value(
    value: Json,
    scope: Mapping[str, object],
    functions: Mapping[str, Callable[..., object]] = NO_FUNCTIONS,
    *,
    clock: Clock | None = None,
) -> Json:
    """Return a JSON value in which every text was rendered; keys stay, and nulls in maps are dropped.

    Raises:
        TemplateSyntaxError: a text cannot be read.
        TemplateRuntimeError: a text fails with this scope, or a list has a null in it.
    """
    return Renderer(scope, functions, clock=clock).value(value)


def criterion(
    template: str | None,
    scope: Mapping[str, object],
    functions: Mapping[str, Callable[..., object]] = NO_FUNCTIONS,
    *,
    clock: Clock | None = None,
) -> bool:
    """Say whether a criteria is met; one that is absent or empty always is.

    Raises:
        TemplateSyntaxError: it cannot be read.
        TemplateRuntimeError: it fails with this scope.
        NotABool: it renders to something else than one of Go's words for true and false.
    """
    return Renderer(scope, functions, clock=clock).criterion(template)
