"""Checks a call's arguments against what Slack's reference says of them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from pack.sandbox.slack.reference.facts import Argument, MethodFacts
from pack.sandbox.slack.refusal import Refusal

Json = Any

STRUCTURED = frozenset(
    {
        "attachments",
        "blocks",
        "chunks",
        "document_content",
        "metadata",
        "profile",
        "unfurled_attachments",
        "unfurls",
        "user_auth_blocks",
        "view",
    }
)
"""Arguments that are JSON documents: as text, or as they are in a JSON body; their methods read them."""

FILES = frozenset({"file", "image", "indexable_file_contents", "preview_image"})
"""Arguments that may be files of a multipart body: bytes."""

# Where the reference names a code of the method's own for an argument that is not there.
_MISSING = {
    ("reactions.add", "channel"): "no_item_specified",
    ("reactions.add", "timestamp"): "no_item_specified",
}
# What the reference calls required although another argument can take its place.
_REPLACEABLE = {("chat.appendStream", "markdown_text"): "chunks"}
_TRUE = frozenset({"true", "1", "yes", "on"})
_FALSE = frozenset({"false", "0", "no", "off", ""})


def check_arguments(facts: MethodFacts, given: Mapping[str, Json]) -> dict[str, Json]:
    """Return the arguments that were given, each as its type says; unknown ones as they are, without files.

    Numbers and booleans come as text from a form, texts as numbers from careless JSON: both are read as
    Slack reads them.

    Raises:
        Refusal: ``invalid_arguments`` with one message per fault, or the method's own code.
    """
    faults = [_missing(facts, argument) for argument in facts.required if _is_missing(facts, argument, given)]
    checked: dict[str, Json] = {}
    for name, value in given.items():
        argument = facts.arguments.get(name)
        if argument is None:
            if not isinstance(value, bytes):
                checked[name] = value
        elif value is not None:
            try:
                checked[name] = _read(argument, value)
            except ValueError as error:
                if argument.code:
                    raise Refusal(argument.code) from error
                faults.append(f"[ERROR] {error} [json-pointer:/{name}]")
    if faults:
        raise Refusal("invalid_arguments", messages=faults)
    return checked


def _is_missing(facts: MethodFacts, argument: Argument, given: Mapping[str, Json]) -> bool:
    """Say whether a required argument is not there; an empty text is, unless it has a code of its own."""
    value, place = given.get(argument.name), (facts.name, argument.name)
    if value is None and place in _REPLACEABLE:
        return given.get(_REPLACEABLE[place]) is None
    return value is None or (value == "" and place in _MISSING)


def _missing(facts: MethodFacts, argument: Argument) -> str:
    code = _MISSING.get((facts.name, argument.name))
    if code is not None:
        raise Refusal(code)
    return f"[ERROR] missing required field: {argument.name}"


def _read(argument: Argument, value: Json) -> Json:
    if isinstance(value, bytes):
        return _file(argument, value)
    if argument.name in STRUCTURED:
        return value
    if argument.types & {"integer", "number"}:
        return _number(argument, value)
    if argument.types & {"string", "any"}:
        return _text(argument, value)
    if "boolean" in argument.types:
        return _boolean(value)
    return _list(value) if "array" in argument.types else _document(value, dict, "object")


def _file(argument: Argument, content: bytes) -> bytes:
    if argument.name not in FILES:
        raise ValueError("must not be a file")
    return content


def _text(argument: Argument, value: Json) -> str:
    if isinstance(value, bool):
        text = "1" if value else ""
    elif isinstance(value, int):
        text = str(value)
    elif isinstance(value, float):
        # Slack prints a number with 14 significant digits: a timestamp sent as one loses its end.
        text = f"{value:.14g}"
    elif isinstance(value, str):
        text = value
    else:
        raise ValueError("must provide a string")  # noqa: TRY004  one kind of fault for all
    if argument.choices and text not in argument.choices:
        raise ValueError(f"value must be one of: {', '.join(argument.choices)}")
    if argument.maximum and len(text) > argument.maximum:
        raise ValueError(f"must be less than {argument.maximum + 1} characters")
    return text


def _boolean(value: Json) -> bool:
    if isinstance(value, bool):
        return value
    text = str(value).lower() if isinstance(value, (str, int)) else None
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise ValueError("must be a boolean")


def _number(argument: Argument, value: Json) -> int:
    try:
        number = float(value) if not isinstance(value, bool) else math.nan
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number) or number != int(number):
        raise ValueError("must be a valid integer")
    if argument.maximum and number > argument.maximum:
        raise ValueError(f"must be less than {argument.maximum + 1}")
    return int(number)


def _list(value: Json) -> list[Json]:
    """Read a list: as it is in a JSON body, as a JSON text, or with commas between texts."""
    if isinstance(value, str) and not value.lstrip().startswith(("[", "{")):
        return [part.strip() for part in value.split(",") if part.strip()]
    found: list[Json] = _document(value, list, "array")
    return found


def _document(value: Json, kind: type, called: str) -> Json:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError) as error:
            raise ValueError("must be a valid JSON document") from error
    if not isinstance(value, kind):
        raise ValueError(f"must be an {called}")  # noqa: TRY004  one kind of fault for all
    return value
