"""The flow language: templates and criteria, as the engine evaluates them. Pure: it reads no disk and no net.

A template becomes tokens (:mod:`.lexer`), then a tree (:mod:`.parser`, :mod:`.tree`), which writes itself in
a frame (:mod:`.run`). What values are and how they behave is in :mod:`.kinds` and :mod:`.values`.
"""

from pack.flowlang.deadline import Deadline
from pack.flowlang.errors import FlowLangError, NotABool, TemplateRuntimeError, TemplateSyntaxError
from pack.flowlang.explaining import Explainer, explain, explain_criterion
from pack.flowlang.explanation import Explanation, Failure, Gap, Lookup, Operation, Part, Place
from pack.flowlang.limits import Limits
from pack.flowlang.rendering import Renderer, criterion, render_text, render_value
from pack.flowlang.shown import Shown

__all__ = [
    "Deadline",
    "Explainer",
    "Explanation",
    "Failure",
    "FlowLangError",
    "Gap",
    "Limits",
    "Lookup",
    "NotABool",
    "Operation",
    "Part",
    "Place",
    "Renderer",
    "Shown",
    "TemplateRuntimeError",
    "TemplateSyntaxError",
    "criterion",
    "explain",
    "explain_criterion",
    "render_text",
    "render_value",
]
