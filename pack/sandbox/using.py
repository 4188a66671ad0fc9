"""``click``, ``submit``, ``slash`` and the like: what came of them, in words for who typed them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from pack.sandbox.control_calls import NotDone, call_control
from pack.sandbox.refusals import explain

Json = Any

_REASONS = {
    "operation_timeout": "the app did not answer within three seconds",
    "dispatch_failed": "nobody listens: no socket of an app is open, or its address cannot be reached",
    "http_client_error": "the app's address answered with an error (status 4xx)",
    "http_service_error": "the app's address answered with an error",
}
_CHANGES = {"message_changed": "message changed", "message_deleted": "message deleted"}


async def use(
    action: str,
    body: Mapping[str, Json],
    slack_url: str | None,
    *,
    as_json: bool = False,
    on_note: Callable[[str], None] | None = None,
) -> tuple[str, bool]:
    """Have a person do something in the running sandbox; return what came of it, and whether it was taken.

    The text is the control API's answer with ``as_json``, else sentences. ``on_note`` is told which sandbox
    it is when there is a choice.

    Raises:
        NotDone: no sandbox runs there, or it refuses.
    """
    fields = {name: value for name, value in body.items() if value is not None}
    try:
        answer = await call_control(action, fields, slack_url, on_note)
    except NotDone as error:
        raise NotDone(_explain(error, fields), error.code) from error
    accepted = bool(answer.get("accepted", True))
    if as_json:
        return json.dumps(answer), accepted
    return "\n".join(_tell(answer)), accepted


def named_values(pairs: Iterable[str]) -> dict[str, Json]:
    """Read ``NAME=VALUE`` pairs; a name that is there twice has a list of its values.

    Raises:
        NotDone: a pair has no equals sign.
    """
    values: dict[str, Json] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise NotDone(f"{pair}: say which input and what to enter, as NAME=VALUE")
        known = values.get(name)
        values[name] = value if known is None else [*(known if isinstance(known, list) else [known]), value]
    return values


def one_or_several(values: Sequence[str]) -> Json:
    """Return nothing, one value or a list, as they were typed."""
    return None if not values else (values[0] if len(values) == 1 else list(values))


def _tell(answer: Mapping[str, Json]) -> Iterator[str]:
    if not answer.get("accepted", True):
        yield _failure(answer)
        yield from (f"  {block}: {text}" for block, text in answer["errors"].items())
        return
    lines = [*(_sight(shown) for shown in answer.get("shown", ())), *_options(answer)]
    view = answer.get("view")
    if view and any(shown.get("view_id") == view["id"] for shown in answer.get("shown", ())):
        lines.extend(_inputs(view))
    yield from lines
    if "accepted" not in answer:
        yield "done"
    elif not lines:
        sent = answer.get("sent", True)
        yield "accepted; nothing was shown" if sent else "done; there was nothing to tell the app"


def _failure(answer: Mapping[str, Json]) -> str:
    reason = answer["reason"]
    known = _REASONS.get(reason)
    return f"{known} ({reason})" if known else f"{answer['message'] or 'it was not accepted'} ({reason})"


def _sight(shown: Mapping[str, Json]) -> str:
    kind = str(shown["kind"])
    if kind in ("view", "home"):
        name = "home tab" if kind == "home" else f"modal “{shown['title']}”"
        return f"{name} {shown['change']} ({shown['view_id']})"
    if kind == "errors":
        return "; ".join(f"{block}: {text}" for block, text in shown["errors"].items())
    if kind == "error":
        return f"error: {shown['text']}"
    where = "direct " if kind == "message" and str(shown["channel"]).startswith("D") else ""
    return f"{where}{_CHANGES.get(kind, kind)}: {shown['text'] or '(no text)'}"


def _options(answer: Mapping[str, Json]) -> Iterator[str]:
    for option in answer.get("options", ()):
        yield f"{option['value']}  {option['text']['text']}"


def _inputs(view: Mapping[str, Json]) -> Iterator[str]:
    for block in view["blocks"]:
        if block["type"] == "input":
            optional = ", optional" if block.get("optional") else ""
            yield f"  {block['block_id']}: {block['label']['text']} ({block['element']['type']}{optional})"


def _explain(error: NotDone, body: Mapping[str, Json]) -> str:
    user = str(body.get("user") or "ada")
    if error.code == "view_not_found":
        return f"{user} has no such modal open (view_not_found)"
    if error.code in ("", "invalid_arguments"):
        return str(error)
    return explain(error.code, channel=str(body.get("channel") or "that channel"), user=user)
