"""Secrets: what a token looks like, where it may come from, and what of it may be shown."""

from __future__ import annotations

import re
from enum import Enum

from pydantic import SecretStr


class TokenKind(Enum):
    """Slack's kinds of token, told by their prefix (https://docs.slack.dev/authentication/tokens)."""

    BOT = "xoxb-"
    USER = "xoxp-"
    APP = "xapp-"
    CONFIGURATION = "xoxe-"
    CONFIGURATION_ACCESS = "xoxe."
    LEGACY = "xoxa-"
    SESSION = "xoxc-"
    COOKIE = "xoxd-"
    WORKFLOW = "xwfp-"
    UNKNOWN = ""


def token_kind(token: str) -> TokenKind:
    """Tell the kind of a Slack token by its prefix; UNKNOWN for any other text."""
    return next(
        (kind for kind in TokenKind if kind.value and token.startswith(kind.value)), TokenKind.UNKNOWN
    )


def mask(secret: SecretStr | str) -> str:
    """Return what may be shown of a secret: its known prefix and how long it is, never more."""
    text = secret.get_secret_value() if isinstance(secret, SecretStr) else secret
    return f"{token_kind(text).value}*** ({len(text)} characters)"


_TOKEN = re.compile(r"\b(xox[a-z]-|xoxe\.xox[a-z]-|xapp-)[A-Za-z0-9-]{6,}")
_BEARER = re.compile(r"(?i)\b(bearer\s+)[^\s\"',]+")


def redact(text: str) -> str:
    """Return the text with everything in it that looks like a token or a bearer credential blanked out."""
    return _BEARER.sub(r"\1***", _TOKEN.sub(r"\1***", text))
