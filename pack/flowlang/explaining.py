"""Rendering that says what it did."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from pack.clock import Clock
from pack.flowlang.deadline import Deadline
from pack.flowlang.errors import FlowLangError, NotABool
from pack.flowlang.explanation import Explanation, Failure, Path
from pack.flowlang.limits import Limits
from pack.flowlang.parser import parse
from pack.flowlang.rendering import NO_FUNCTIONS, Renderer
from pack.flowlang.scope import Functions
from pack.flowlang.trace import Trace
from pack.flowlang.tree import Template
from pack.flowlang.watching import watched

Json = Any


class Explainer(Renderer):
    """Renders as a Renderer does, to the same texts and errors, and keeps an explanation of each text."""

    def __init__(
        self,
        scope: Mapping[str, object],
        functions: Functions = NO_FUNCTIONS,
        *,
        clock: Clock | None = None,
        limits: Limits | None = None,
        deadline: Deadline | None = None,
    ) -> None:
        super().__init__(
            scope, functions, clock=clock, limits=limits, deadline=deadline, reading=self._watched
        )
        self._plain = Renderer(scope, functions, clock=clock, limits=limits, deadline=self._deadline)
        self._trace = Trace()
        self._templates = 0
        self.explanations: list[Explanation] = []
        """One for each text rendered, in order; the last one may have failed."""

    def text(self, template: str, path: Path = ()) -> str:
        """Return what a template renders to.

        Raises:
            TemplateSyntaxError: it cannot be read.
            TemplateRuntimeError: it fails with this scope.
        """
        self._trace, self._templates = Trace(), 0
        try:
            rendered = self._rendered(template, path)
        except FlowLangError as error:
            self._keep(template, path, failure=self._trace.failure(error))
            raise
        self._keep(template, path, result=rendered)
        return rendered

    def _rendered(self, template: str, path: Path) -> str:
        try:
            return super().text(template, path)
        except FlowLangError as error:
            if isinstance(error.__context__, RecursionError):
                # watching takes more of the stack: what counts is whether it suffices without
                return self._plain.text(template, path)
            raise

    def _watched(self, template: str) -> Template:
        tree = parse(template)
        within = template if self._templates else ""
        self._templates += 1
        try:
            return watched(tree, self._trace, within)
        except RecursionError:
            return tree

    def _keep(
        self, template: str, path: Path, *, result: str | None = None, failure: Failure | None = None
    ) -> None:
        trace = self._trace
        self.explanations.append(
            Explanation(
                template=template,
                path=path,
                result=result,
                failure=failure,
                lookups=trace.lookups(),
                operations=trace.done_operations(),
                parts=trace.rendered_parts(),
                omitted=trace.omitted,
            )
        )

    def criterion(self, template: str | None) -> bool:
        """Say whether a criteria is met; one that is absent or empty always is.

        Raises:
            TemplateSyntaxError: it cannot be read.
            TemplateRuntimeError: it fails with this scope.
            NotABool: it renders to something else than one of Go's words for true and false.
        """
        if not template:
            self.explanations.append(Explanation(template="", result="", met=True))
            return True
        try:
            met = super().criterion(template)
        except NotABool as error:
            self.explanations[-1] = replace(self.explanations[-1], failure=Failure(error))
            raise
        self.explanations[-1] = replace(self.explanations[-1], met=met)
        return met


def explain(
    template: str,
    scope: Mapping[str, object],
    functions: Mapping[str, Callable[..., object]] = NO_FUNCTIONS,
    *,
    clock: Clock | None = None,
) -> Explanation:
    """Return how a template becomes its text, or fails; arguments as :func:`.render_text` takes them."""
    explainer = Explainer(scope, functions, clock=clock)
    with suppress(FlowLangError):  # the explanation has it
        explainer.text(template)
    return explainer.explanations[-1]


def explain_criterion(
    template: str | None,
    scope: Mapping[str, object],
    functions: Mapping[str, Callable[..., object]] = NO_FUNCTIONS,
    *,
    clock: Clock | None = None,
) -> Explanation:
    """Return how a criteria becomes true or false, or fails; arguments as :func:`.criterion` takes them."""
    explainer = Explainer(scope, functions, clock=clock)
    with suppress(FlowLangError):  # the explanation has it
        explainer.criterion(template)
    return explainer.explanations[-1]
