"""One rendering while it happens: what it may still cost, what it remembers, and which names it sees."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Protocol

from pack.clock import Clock
from pack.flowlang.deadline import Deadline
from pack.flowlang.errors import EngineText, Refusal, TemplateRuntimeError
from pack.flowlang.kinds import MISSING, Entries, Function, Items, LiveField, joined
from pack.flowlang.lexer import Token
from pack.flowlang.limits import (
    CHARACTERS_COMPARED_PER_STEP,
    CHARACTERS_PER_STEP,
    CHARACTERS_READ_PER_STEP,
    ITEMS_PER_STEP,
    STEPS_PER_LOOK,
    Limits,
)
from pack.flowlang.position import engine_place, place


class Names(Protocol):
    """The names that a template sees from outside."""

    def get(self, name: str) -> object:
        """Return a value, or MISSING."""
        ...

    def names(self) -> set[str]:
        """Return every name."""
        ...


class Run:
    """The state of one rendering: shared by everything in it, ``template()`` and macros included."""

    def __init__(
        self,
        clock: Clock,
        limits: Limits,
        deadline: Deadline,
        functions: Callable[[], Mapping[str, Function]],
        nested: Callable[[Run, str, Names], str],
    ) -> None:
        self.clock = clock
        self.limits = limits
        self.deadline = deadline
        self.functions = functions
        """Gives every function by name, for ``template()``."""
        self.nested = nested
        """Renders a template within this rendering."""
        self.depth = 0
        self._steps_left = limits.steps
        self._look_at = max(0, limits.steps - STEPS_PER_LOOK)

    def spend(self, steps: int = 1) -> None:
        """Count work done.

        Raises:
            Refusal: this rendering has done as much as it may, or has taken as long.
        """
        self._steps_left -= steps
        if self._steps_left < self._look_at:
            self._look()

    def _look(self) -> None:
        if self._steps_left < 0:
            raise Refusal(
                f"the template takes more than {self.limits.steps} steps: make its loops or texts smaller"
            )
        self._look_at = max(0, self._steps_left - STEPS_PER_LOOK)
        self.deadline.look()

    def checked(self, value: object) -> object:
        """Return a value that was just made, after counting the work that its length stands for.

        Raises:
            Refusal: it is a text longer than any may be.
        """
        if isinstance(value, str):
            self.reserve(len(value))
        elif isinstance(value, (Items, Entries)):
            self.spend(len(value) // ITEMS_PER_STEP)
        return value

    def compare(self, *values: object) -> None:
        """Count the work of comparing values, or of searching one in another.

        Raises:
            Refusal: this rendering has done as much as it may.
        """
        steps = 1
        for value in values:
            if isinstance(value, str):
                steps += len(value) // CHARACTERS_COMPARED_PER_STEP
            elif isinstance(value, (Items, Entries)):
                steps += len(value) // ITEMS_PER_STEP
        self.spend(steps)

    def read(self, source: str) -> None:
        """Count the work of going through a text character by character.

        Raises:
            Refusal: this rendering has done as much as it may.
        """
        self.spend(1 + len(source) // CHARACTERS_READ_PER_STEP)

    def reserve(self, characters: int) -> None:
        """Make sure that a text of this length may be made, and count the work.

        Raises:
            Refusal: it may not.
        """
        self.bound(characters)
        self.spend(1 + max(0, characters) // CHARACTERS_PER_STEP)

    def bound(self, characters: int) -> None:
        """Make sure that a text of this length may be made.

        Raises:
            Refusal: it may not.
        """
        if characters > self.limits.characters:
            raise Refusal(f"a text of {characters} characters is longer than {self.limits.characters}")

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """Call a macro or a template within the template.

        Raises:
            Refusal: they are nested too deep.
        """
        if self.depth >= self.limits.depth:
            raise Refusal(f"macros and template() call each other more than {self.limits.depth} deep")
        self.depth += 1
        try:
            yield
        finally:
            self.depth -= 1

    def random_below(self, bound: int) -> int:
        """Return a whole number from 0 up to, without, ``bound``, which is at least 1."""
        return min(bound - 1, int(self.clock.random() * bound))


class Output:
    """Where the rendered text is gathered."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._parts: list[str] = []
        self._characters = 0

    def write(self, text: str) -> None:
        """Add to the text.

        Raises:
            Refusal: it becomes longer than any may be.
        """
        self._characters += len(text)
        if self._characters > self._run.limits.characters:
            raise Refusal(f"the result is longer than {self._run.limits.characters} characters")
        self._parts.append(text)

    def text(self) -> str:
        """Return everything written."""
        return joined("".join(self._parts))

    def mark(self) -> int:
        """Return a mark of what is written so far."""
        return len(self._parts)

    def since(self, mark: int) -> str:
        """Return what was written since a mark."""
        return joined("".join(self._parts[mark:]))


@dataclass(slots=True)
class Frame:
    """The names and the output at one place of a template.

    ``private``: what tags set; it hides ``public``, and a child sees a copy of it. A name that is MISSING in
    it was given nothing, and one that is None was set to nothing: only calling the latter is an error.
    ``memory``: what tags with a state (``cycle``, ``ifchanged``) remember while their template is rendered,
    by the node's identity.
    """

    run: Run
    source: str
    public: Names
    output: Output
    private: dict[str, object] = field(default_factory=dict)
    memory: dict[int, object] = field(default_factory=dict)
    autoescape: bool = True

    def child(self) -> Frame:
        """Return a frame whose changes end with it."""
        return replace(self, private=dict(self.private))

    def captured(self) -> Frame:
        """Return the same frame with an output of its own; names set in it stay."""
        return replace(self, output=Output(self.run))

    def name(self, name: str) -> object:
        """Return what a name stands for; None when there is no such name."""
        value = stored(self.private[name]) if name in self.private else self.public.get(name)
        return None if value is MISSING else value

    def attempt(self, token: Token, action: Callable[..., object], *arguments: object) -> object:
        """Do something that may refuse, and say where it was asked for.

        Raises:
            TemplateRuntimeError: it refused.
        """
        try:
            return action(*arguments)
        except Refusal as refusal:
            raise self.failure(token, refusal) from refusal

    def failure(self, token: Token, refusal: Refusal) -> TemplateRuntimeError:
        """Return the error for a refusal at a place of this template."""
        return runtime_error(self.source, token, refusal)


def stored(value: object) -> object:
    """Return the value of what was kept by :meth:`~pack.flowlang.tree.Expression.reference`."""
    return value.value() if isinstance(value, LiveField) else value


def runtime_error(source: str, token: Token, refusal: Refusal) -> TemplateRuntimeError:
    """Return the error for a refusal at a place of a template; ``source`` is as the lexer read it."""
    template, line, column = place(source, token.offset)
    engine_text = refusal.engine_text
    if engine_text is not None and not refusal.placeless:
        engine_text = at_place(engine_text, source, token)
    return TemplateRuntimeError(
        str(refusal), template=template, line=line, column=column, engine_text=engine_text
    )


def at_place(engine_text: EngineText, source: str, token: Token) -> EngineText:
    """Return Flyte's message with the place of a token, if it has none yet."""
    if engine_text.line:
        return engine_text
    line, column = engine_place(source, token.offset)
    return replace(engine_text, line=line, column=column, near=token.text)
