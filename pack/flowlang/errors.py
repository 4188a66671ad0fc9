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

from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class EngineText:
    """What Flyte itself says: seen where a macro's body fails, since the macro renders as that text.

    ``sender`` is the part that complains and ``file`` the template it names, if any. ``line``, ``column`` and
    ``near`` are where; 0 where Flyte does not know, and then it is where the macro begins.
    """

    text: str
    sender: str = "execution"
    file: str = "<string>"
    line: int = 0
    column: int = 0
    near: str = ""

    def __str__(self) -> str:
        where = f" (where: {self.sender})" if self.sender else ""
        file = f" in {self.file}" if self.file else ""
        place = f" | Line {self.line} Col {self.column} near '{self.near}'" if self.line else ""
        return f"[Error{where}{file}{place}] {self.text}"


class TemplateRuntimeError(FlowLangError):
    """The template fails with this data: the step is skipped.

    ``engine_text`` is None where not even a macro survives it.
    """

    def __init__(
        self, message: str, *, template: str, line: int, column: int, engine_text: EngineText | None = None
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

    ``engine_text`` is Flyte's own error, where it is one that a macro turns into text, and None where the
    engine crashes. ``placeless``: the error is one whose place Flyte does not know.
    """

    def __init__(
        self, message: str, *, engine_text: EngineText | None = None, placeless: bool = False
    ) -> None:
        super().__init__(message)
        self.engine_text = engine_text
        self.placeless = placeless


def quote(text: str) -> str:
    """Return the beginning of a text in quotes, on one line, safe to print."""
    shown = text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "…"
    return repr(shown.encode("utf-8", "replace").decode("utf-8"))
