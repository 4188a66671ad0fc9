"""Names: ``Event.Payload.list.0``, and calls such as ``randomInt(3)``."""

from __future__ import annotations

from dataclasses import dataclass

from pack.flowlang.errors import EngineText, Refusal, TemplateRuntimeError
from pack.flowlang.kinds import (
    MISSING,
    Byte,
    Entries,
    Function,
    GoInteger,
    Items,
    LiveField,
    Record,
    SafeText,
    refuse_hidden,
    to_bytes,
)
from pack.flowlang.run import Frame, at_place
from pack.flowlang.tree import Expression
from pack.flowlang.values import kind, type_name

_MOST_RESULTS = 2


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One step of a name: a field (``name``) or an index; ``arguments`` is None when no brackets follow."""

    name: str
    index: int | None
    arguments: tuple[Expression, ...] | None

    def __str__(self) -> str:
        return self.name if self.index is None else str(self.index)


@dataclass(frozen=True, slots=True, eq=False)
class Variable(Expression):
    """A name with what follows it by dots."""

    parts: tuple[Part, ...]

    def evaluate(self, frame: Frame) -> object:
        """Return what the name stands for; nothing (None) when there is no such thing at any depth.

        Raises:
            TemplateRuntimeError: a field is asked of a text, number or list, or a call is refused.
        """
        frame.run.spend()
        value: object = None
        safe = False
        for position, part in enumerate(self.parts):
            if position == 0:
                value = frame.name(part.name)
                if value is None and part.arguments is not None and frame.private.get(part.name, 0) is None:
                    self._call(value, part, frame)
            else:
                value = frame.attempt(self.token, self._step, value, part)
            if value is None:
                return None
            safe = safe or isinstance(value, SafeText)
            if part.arguments is not None or isinstance(value, Function):
                value = self._call(value, part, frame)
                safe = safe or isinstance(value, SafeText)
            if value is None:
                return None
        return SafeText(value) if safe and isinstance(value, str) else value

    def reference(self, frame: Frame) -> object:
        """Return the value, or the field of a loop as one that goes on changing."""
        value = self.evaluate(frame)
        last = self.parts[-1]
        if last.arguments is not None or last.index is not None:
            return value
        if len(self.parts) == 1:
            kept = frame.private.get(last.name)
            return kept if isinstance(kept, LiveField) else value
        owner = Variable(self.token, self.parts[:-1]).evaluate(frame)
        if isinstance(owner, Record) and owner.changes and owner.field(last.name) is not MISSING:
            return LiveField(owner, last.name)
        return value

    def _step(self, value: object, part: Part) -> object:
        if part.index is not None:
            return self._indexed(value, part.index)
        if isinstance(value, Record):
            method = value.method(part.name)
            found = value.field(part.name) if method is None else method
        elif isinstance(value, Entries):
            found = value.get(part.name)
        elif isinstance(value, GoInteger) and (method := value.method(part.name)) is not None:
            found = method
        else:
            what = kind(value)
            raise self._refusal(
                f"{self} asks a field of a {what}: only maps have fields",
                f"Can't access a field by name on type {what} (variable {self})",
            )
        return None if found is MISSING else found

    def _indexed(self, value: object, index: int) -> object:
        if isinstance(value, Items):
            return value.at(index) if index < len(value) else None
        if isinstance(value, str):
            data = to_bytes(value[: index + 1])
            return Byte(data[index]) if index < len(data) else None
        what = kind(value)
        raise self._refusal(
            f"{self} asks for number {index} of a {what}: only lists and texts are numbered",
            f"Can't access an index on type {what} (variable {self})",
        )

    def _call(self, value: object, part: Part, frame: Frame) -> object:
        if not isinstance(value, Function):
            raise frame.failure(
                self.token,
                self._refusal(
                    f"{self} is called, but it is a {kind(value)} and no function",
                    f"'{self}' is not a function (it is {kind(value)})",
                ),
            )
        given = part.arguments or ()
        frame.attempt(self.token, self._check_count, value, len(given))
        if value.results > _MOST_RESULTS:
            raise frame.failure(
                self.token,
                self._refusal(
                    f"{self} gives several values and cannot be called",
                    f"'{self}' must have exactly 1 or 2 output arguments, the second argument must be of "
                    "type error",
                ),
            )
        arguments = []
        for number, expression in enumerate(given):
            argument = self._argument(expression, frame)
            frame.attempt(self.token, self._check_type, value, number, argument)
            arguments.append(argument)
        frame.run.spend()
        return frame.run.checked(frame.attempt(self.token, value.call, frame.run, *arguments))

    def _argument(self, expression: Expression, frame: Frame) -> object:
        try:
            return expression.evaluate(frame)
        except TemplateRuntimeError as error:
            if error.engine_text is not None:
                # Flyte reports it once more, as an error of the call
                error.engine_text = at_place(EngineText(str(error.engine_text)), frame.source, self.token)
            raise

    def _check_count(self, function: Function, given: int) -> None:
        wanted = function.parameters
        if wanted[-1:] == ("…",):
            if given >= len(wanted) - 1:
                return
        elif given == len(wanted):
            return
        raise self._refusal(
            f"{self} takes {len(wanted)} arguments, not {given}",
            f"Function input argument count ({len(wanted)}) of '{self}' must be equal to the calling "
            f"argument count ({given}).",
        )

    def _check_type(self, function: Function, number: int, argument: object) -> None:
        wanted = function.parameters[min(number, len(function.parameters) - 1)]
        if wanted == "value" or wanted == "…":
            return
        refuse_hidden(argument)
        if argument is None or (wanted != "*" and type_name(argument) != wanted):
            if argument is None and wanted == "*":
                raise self._refusal(
                    f"argument {number + 1} of {self} is missing",
                    "Calling a function using an invalid parameter",
                )
            raise self._refusal(
                f"argument {number + 1} of {self} must be {wanted}, not {type_name(argument)}",
                f"Function input argument {number} of '{self}' must be of type {wanted} or *pongo2.Value "
                f"(not {type_name(argument)}).",
            )

    def _refusal(self, message: str, engine_text: str) -> Refusal:
        return Refusal(message, engine_text=EngineText(engine_text))

    def __str__(self) -> str:
        return ".".join(str(part) for part in self.parts)
