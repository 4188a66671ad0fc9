"""The flow language: templates and criteria, as the engine evaluates them. Pure: it reads no disk and no net.

A template becomes tokens (:mod:`.lexer`), then a tree (:mod:`.parser`, :mod:`.tree`), which writes itself in
a frame (:mod:`.run`). What values are and how they behave is in :mod:`.kinds` and :mod:`.values`.
"""

from pack.flowlang.errors import FlowLangError, NotABool, TemplateRuntimeError, TemplateSyntaxError
from pack.flowlang.limits import Limits
from pack.flowlang.rendering import Renderer, criterion, render_text, render_value

__all__ = [
    "FlowLangError",
    "Limits",
    "NotABool",
    "Renderer",
    "TemplateRuntimeError",
    "TemplateSyntaxError",
    "criterion",
    "render_text",
    "render_value",
]
