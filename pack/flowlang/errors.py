"""What can go wrong with a template, each with the place where it did.

::

    PackError
    └─ FlowLangError            .template .line .column
       ├─ TemplateSyntaxError   the template cannot be read; it fails whatever the event is
       ├─ TemplateRuntimeError  it can be read, and fails with this data
       └─ NotABool              a criteria rendered to something that is no boolean

:class:`Refusal` never leaves this package: it is what a value, a filter or a function raises, which knows
nothing of positions. The expression that asked turns it into a :class:`TemplateRuntimeError`.
"""

from __future__ import annotations

from pack.errors import PackError

SHOWN_CHARACTERS = 60
"""How much of a template or a value an error message quotes."""


class FlowLangError(PackError):
    """A template or criteria failed. ``line`` and ``column`` count from 1, in characters of ``template``."""

    def __init__(self, message: str, *, template: str, line: int, column: int) -> None:
        super().__init__(f"{message} (line {line}, column {column} of {quote(template)})")
        self.message = message
        self.template = template
        self.line = line
        self.column = column


class TemplateSyntaxError(FlowLangError):
    """The template cannot be read: the step that has it never runs."""


class TemplateRuntimeError(FlowLangError):
    """The template fails with this data: the step is skipped.

    ``engine_text`` is what Flyte itself says, for the one place where a template can see it: a macro whose
    body failed renders as that text. None means that not even a macro survives it.
    """

    def __init__(
        self, message: str, *, template: str, line: int, column: int, engine_text: str | None = None
    ) -> None:
        super().__init__(message, template=template, line=line, column=column)
        self.engine_text = engine_text


class NotABool(FlowLangError):
    """A criteria rendered to a text that is none of Go's boolean words. ``rendered`` is that text."""

    def __init__(self, message: str, *, template: str, rendered: str) -> None:
        super().__init__(message, template=template, line=1, column=1)
        self.rendered = rendered


class Refusal(Exception):
    """A value, filter or function cannot do what it was asked; the position is added by who asked.

    ``engine_text`` is Flyte's own message when it is an error there that a macro turns into text, and None
    when the engine crashes on it. ``sender`` is the part of the engine that reports it.
    """

    def __init__(
        self, message: str, *, engine_text: str | None = None, sender: str = "", in_template: bool = False
    ) -> None:
        super().__init__(message)
        self.engine_text = engine_text
        self.sender = sender
        self.in_template = in_template


def quote(text: str) -> str:
    """Return the beginning of a text in quotes, on one line, safe to print."""
    shown = text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "…"
    return repr(shown.encode("utf-8", "replace").decode("utf-8"))
