"""What a person enters or picks, read as Slack's client would take it for an element."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from pack.errors import PackError
from pack.sandbox.slack.kit.escaping import unescape
from pack.sandbox.slack.kit.rich_text import from_text
from pack.sandbox.slack.kit.rules import options_of

Json = Any
Element = Mapping[str, Json]

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_URL = re.compile(r"https?://[^\s/.]+(?:\.[^\s/.]+)*(?:[/?#:]\S*)?", re.IGNORECASE)
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_MOST_TEXT = 3_000


class Misfit(PackError):
    """An element does not take this; the text says why."""


def read_answer(element: Element, answer: Json) -> Json:
    """Return what an element's state has as its value after this answer.

    Raises:
        Misfit: the element does not take it.
    """
    return _READERS[element["type"]](element, answer)


def _text(element: Element, answer: Json) -> str:
    text = _words(answer)
    least, most = element.get("min_length", 0), element.get("max_length", _MOST_TEXT)
    if text and len(text) < least:
        raise Misfit(f"Must be at least {least} characters, not {len(text)}.")
    if len(text) > most:
        raise Misfit(f"Must be at most {most} characters, not {len(text)}.")
    return text


def _email(element: Element, answer: Json) -> str:
    text = _words(answer)
    if text and not _EMAIL.fullmatch(text):
        raise Misfit(f"Must be an email address, not {text!r}.")
    return text


def _url(element: Element, answer: Json) -> str:
    text = _words(answer)
    if text and not _URL.fullmatch(text):
        raise Misfit(f"Must be a URL, not {text!r}.")
    return text


def _number(element: Element, answer: Json) -> str:
    text = (
        str(answer) if isinstance(answer, (int, float)) and not isinstance(answer, bool) else _words(answer)
    )
    if not text:
        return text
    number = _decimal(text)
    if number is None:
        raise Misfit(f"Must be a number, not {text!r}.")
    if not element["is_decimal_allowed"] and number != number.to_integral_value():
        raise Misfit(f"Must be a whole number, not {text}.")
    least, most = _decimal(element.get("min_value", "")), _decimal(element.get("max_value", ""))
    if least is not None and number < least:
        raise Misfit(f"Must be at least {least}, not {text}.")
    if most is not None and number > most:
        raise Misfit(f"Must be at most {most}, not {text}.")
    return text


def _decimal(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _rich_text(element: Element, answer: Json) -> Json:
    if isinstance(answer, dict) and answer.get("type") == "rich_text":
        return answer
    return next(iter(from_text(_words(answer))), None)


def _day(element: Element, answer: Json) -> str:
    text = _words(answer)
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise Misfit(f"Must be a date like 2026-01-31, not {text!r}.") from error


def _time(element: Element, answer: Json) -> str:
    text = _words(answer)
    if not _TIME.fullmatch(text):
        raise Misfit(f"Must be a time like 09:30, not {text!r}.")
    return text


def _moment(element: Element, answer: Json) -> int:
    text = str(answer)
    if isinstance(answer, bool) or not re.fullmatch("[0-9]{10}", text):
        raise Misfit(f"Must be a time in seconds since 1970, ten digits, not {text!r}.")
    return int(text)


def _option(element: Element, answer: Json) -> Json:
    """Return an option by its value or its text; what is loaded from outside is taken as it is."""
    wanted = answer.get("value") if isinstance(answer, dict) else answer
    options = options_of(element)
    if options is None:
        if isinstance(answer, dict) and isinstance(answer.get("text"), dict) and isinstance(wanted, str):
            return answer
        text = _words(wanted)
        return {"text": {"type": "plain_text", "text": text, "emoji": True}, "value": text}
    for option in options:
        if wanted in (option["value"], option["text"]["text"], unescape(option["text"]["text"])):
            return option
    known = ", ".join(repr(option["value"]) for option in options)
    raise Misfit(f"There is no option {wanted!r}; there are: {known}.")


def _words(answer: Json) -> str:
    if not isinstance(answer, str):
        raise Misfit(f"Must be text, not {type(answer).__name__}.")
    return answer


def _id(element: Element, answer: Json) -> str:
    return _words(answer)


def _file(element: Element, answer: Json) -> Json:
    return answer if isinstance(answer, dict) else {"id": _words(answer)}


def _several(read: Callable[[Element, Json], Json], limit: str = "") -> Callable[[Element, Json], Json]:
    def read_all(element: Element, answer: Json) -> list[Json]:
        answers = answer if isinstance(answer, list) else [answer]
        most = element.get(limit, 10 if limit == "max_files" else None)
        if most is not None and len(answers) > most:
            raise Misfit(f"Must be at most {most}, not {len(answers)}.")
        return [read(element, one) for one in answers]

    return read_all


_READERS: Mapping[str, Callable[[Element, Json], Json]] = {
    "plain_text_input": _text,
    "email_text_input": _email,
    "url_text_input": _url,
    "number_input": _number,
    "rich_text_input": _rich_text,
    "file_input": _several(_file, "max_files"),
    "checkboxes": _several(_option),
    "radio_buttons": _option,
    "datepicker": _day,
    "timepicker": _time,
    "datetimepicker": _moment,
    "static_select": _option,
    "external_select": _option,
    "users_select": _id,
    "conversations_select": _id,
    "channels_select": _id,
    "multi_static_select": _several(_option, "max_selected_items"),
    "multi_external_select": _several(_option, "max_selected_items"),
    "multi_users_select": _several(_id, "max_selected_items"),
    "multi_conversations_select": _several(_id, "max_selected_items"),
    "multi_channels_select": _several(_id, "max_selected_items"),
}
