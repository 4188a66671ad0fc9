"""What a template can call: Flyte's functions, and those that the engine brings."""

from __future__ import annotations

import base64
import binascii
import inspect
import json
import math
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NoReturn

from pack.errors import PackError
from pack.flowlang.errors import FlowLangError, Refusal, quote
from pack.flowlang.kinds import ANY_MAP, Entries, Function, from_bytes, from_json, to_bytes
from pack.flowlang.limits import ITEMS_PER_STEP
from pack.flowlang.run import Run
from pack.flowlang.scope_map import MapScope
from pack.flowlang.values import text

_STEPS_TO_CALL = 8
"""What it costs to render a template within a template, beside what is in it."""
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_BASE64 = re.compile(r"[A-Za-z0-9_-]*")
_TYPES: Mapping[object, str] = MappingProxyType(
    {str: "string", "str": "string", int: "int", "int": "int", float: "float64", "float": "float64"}
)


class NoEntries(Entries):
    """The map that JSON's null makes: empty, and nothing can be put into it."""

    __slots__ = ()


def random_int(run: Run, bound: int) -> int:
    """Return a whole number from 0 up to, without, the bound.

    Raises:
        Refusal: the bound is not positive.
    """
    if bound <= 0:
        raise Refusal(f"randomInt needs a number above 0, not {bound}")
    return run.random_below(bound)


def random_alpha(run: Run, size: int) -> str:
    """Return that many letters.

    Raises:
        Refusal: the number is negative, or very large.
    """
    if size < 0:
        raise Refusal(f"randomAlpha cannot make {size} letters")
    run.reserve(size)
    run.spend(size // 8)
    return "".join(_LETTERS[run.random_below(len(_LETTERS))] for _ in range(size))


def base64_encode(run: Run, source: str) -> str:
    """Return the text in the URL alphabet, without padding."""
    return base64.urlsafe_b64encode(to_bytes(source)).rstrip(b"=").decode("ascii")


def base64_decode(run: Run, source: str) -> str:
    """Return what was encoded.

    Raises:
        Refusal: it is padded, or in another alphabet.
    """
    letters = source.replace("\r", "").replace("\n", "")
    if not _BASE64.fullmatch(letters) or len(letters) % 4 == 1:
        raise Refusal("base64Decode takes the URL alphabet (- and _, no + and /) without padding")
    try:
        return from_bytes(base64.urlsafe_b64decode(letters + "=" * (-len(letters) % 4)))
    except binascii.Error as error:
        raise Refusal(f"base64Decode cannot read the text: {error}") from None


def template(run: Run, source: object, entries: Entries) -> str:
    """Return a text rendered as a template that sees only the map and the functions.

    Raises:
        Refusal: the map is part of the event, which Flyte cannot save afterwards, or was made of null, or a
            key of it is no name.
    """
    if entries.of_event:
        raise Refusal(
            "template() puts functions into the map that it is given, and Flyte then cannot save the event: "
            "give it Context or a map made by unmarshalJson"
        )
    if isinstance(entries, NoEntries):
        raise Refusal("template() is given the map that unmarshalJson makes of null, and Flyte fails with it")
    run.spend(_STEPS_TO_CALL)
    run.read(text(source))
    names = MapScope(entries, run.functions())
    run.spend(len(entries) // ITEMS_PER_STEP)
    names.check()
    with run.deeper():
        try:
            return run.nested(run, text(source), names)
        except FlowLangError as error:
            raise Refusal(f"template() fails: {error}") from error


def unmarshal_json(run: Run, source: str) -> Entries:
    """Return a JSON object as a map.

    Raises:
        Refusal: it is no JSON, or no object.
    """
    run.read(source)
    try:
        found = json.loads(source, parse_constant=_no_constant, parse_int=_number, parse_float=_number)
    except (ValueError, RecursionError) as error:
        raise Refusal(f"unmarshalJson cannot read the text: {error}") from None
    if found is None:
        return NoEntries({}, ANY_MAP)
    if not isinstance(found, dict):
        raise Refusal("unmarshalJson takes a JSON object only")
    return Entries(found, ANY_MAP, raw=True)


def _no_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON")


def _number(digits: str) -> float:
    found = float(digits)
    if math.isinf(found):
        raise ValueError(f"the number {digits[:20]}… is larger than any float")
    return found


BUILT_IN: Mapping[str, Function] = MappingProxyType(
    {
        "randomInt": Function("randomInt", ("int",), random_int),
        "randomAlpha": Function("randomAlpha", ("int",), random_alpha),
        "base64Encode": Function("base64Encode", ("string",), base64_encode),
        "base64Decode": Function("base64Decode", ("string",), base64_decode),
        "template": Function("template", ("value", ANY_MAP), template),
        "unmarshalJson": Function("unmarshalJson", ("string",), unmarshal_json),
    }
)
"""The functions that need no engine."""


def engine_function(name: str, function: Callable[..., object]) -> Function:
    """Return a function of the engine: it takes what its annotations say and returns JSON.

    It refuses by raising a PackError, LookupError or ValueError.
    """
    parameters = inspect.signature(function).parameters.values()
    types = tuple(
        "…" if parameter.kind is parameter.VAR_POSITIONAL else _TYPES.get(parameter.annotation, "*")
        for parameter in parameters
    )

    def call(run: Run, *arguments: object) -> object:
        try:
            found = from_json(function(*arguments))
        except (PackError, LookupError, ValueError) as error:
            shown = ", ".join(quote(given) if isinstance(given, str) else repr(given) for given in arguments)
            raise Refusal(f"{name}({shown}): {error}") from error
        run.deadline.look()
        return found

    return Function(name, types, call)
