"""What a signed request from Slack holds: an event, a slash command, an interaction or a challenge.

Sources: https://docs.slack.dev/apis/events-api/using-http-request-urls,
https://docs.slack.dev/interactivity/handling-user-interaction,
https://docs.slack.dev/interactivity/implementing-slash-commands
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from pack.contracts.ports import Inbound, Json, PayloadKind

FORM = "application/x-www-form-urlencoded"
_MAX_FIELDS = 200


@dataclass(frozen=True, slots=True)
class Challenge:
    """Slack asks whether this URL is the app's; the answer is the text."""

    text: str


@dataclass(frozen=True, slots=True)
class Unusable:
    """The request holds nothing that can be used."""

    problem: str


def read_request(
    content_type: str, headers: Mapping[str, str], body: bytes
) -> Inbound | Challenge | Unusable:
    """Return what the request holds. Never raises. ``headers`` is looked up case-insensitively."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return Unusable("The body is not UTF-8.")
    if content_type == FORM:
        return _read_form(text, headers)
    if content_type == "application/json":
        return _read_json(text, headers)
    return Unusable(f"The content type is neither application/json nor {FORM}.")


def is_certificate_check(content_type: str, body: bytes) -> bool:
    """Tell whether Slack only looks at the TLS certificate (``ssl_check=1``): nothing to accept."""
    return content_type == FORM and b"ssl_check=1" in body.split(b"&")


def _read_json(text: str, headers: Mapping[str, str]) -> Inbound | Challenge | Unusable:
    document = _object(text)
    if document is None:
        return Unusable("The body is not a JSON object.")
    if document.get("type") == "url_verification":
        challenge = document.get("challenge")
        return Challenge(challenge) if isinstance(challenge, str) else Unusable("There is no challenge.")
    return _inbound(PayloadKind.EVENTS_API, document, headers)


def _read_form(text: str, headers: Mapping[str, str]) -> Inbound | Unusable:
    try:
        fields = dict(parse_qsl(text, keep_blank_values=True, max_num_fields=_MAX_FIELDS))
    except ValueError:
        return Unusable(f"The form has more than {_MAX_FIELDS} fields.")
    if "payload" in fields:
        document = _object(fields["payload"])
        if document is None:
            return Unusable("The form's field payload is not a JSON object.")
        return _inbound(PayloadKind.INTERACTIVE, document, headers)
    if fields.get("command"):
        return _inbound(PayloadKind.SLASH_COMMANDS, dict(fields), headers)
    return Unusable("The form has neither the field payload nor the field command.")


def _inbound(kind: PayloadKind, payload: dict[str, Json], headers: Mapping[str, str]) -> Inbound:
    number = headers.get("X-Slack-Retry-Num", "")
    attempt = int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 0
    return Inbound(kind, payload, attempt, headers.get("X-Slack-Retry-Reason", ""))


def _object(text: str) -> dict[str, Json] | None:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None
