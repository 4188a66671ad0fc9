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


def explain_wrong_kind(name: str, token: SecretStr | None, wanted: TokenKind) -> str | None:
    """Say what a token is instead of what a variable wants, and where to get that; None when it may be it."""
    if token is None:
        return None
    kind = token_kind(token.get_secret_value())
    if kind in (wanted, TokenKind.UNKNOWN):
        return None
    hints = {
        TokenKind.BOT: "that is a bot token: it belongs in FLYTE_SLACK_TOKEN",
        TokenKind.APP: "that is an app-level token: it belongs in FLYTE_SLACK_APP_TOKEN",
        TokenKind.USER: "that is a user token: the pack works as a bot",
    }
    where = {
        TokenKind.BOT: "the app's page “OAuth & Permissions”, “Bot User OAuth Token”",
        TokenKind.APP: "the app's page “Basic Information”, “App-Level Tokens”",
    }
    hint = hints.get(kind, "that is another kind of token")
    fix = f"Take the one that begins with {wanted.value} from {where[wanted]}"
    return f"{name} begins with {kind.value}; {hint}. {fix}"


def mask(secret: SecretStr | str) -> str:
    """Return what may be shown of a secret: its known prefix and how long it is, never more."""
    text = secret.get_secret_value() if isinstance(secret, SecretStr) else secret
    return f"{token_kind(text).value}*** ({len(text)} characters)"


_TOKEN = re.compile(r"\b(xox[a-z]-|xoxe\.xox[a-z]-|xapp-)[A-Za-z0-9-]{6,}")
_BEARER = re.compile(r"(?i)\b(bearer\s+)[^\s\"',]+")
_USERINFO = re.compile(r"""//[^\s/?#"'<>]*@""")
"""User and password inside an address. The last @ counts: a password may hold one that was not escaped."""
_UP_TO_THE_LAST_AT = re.compile(r"(?s)^(\w+://)?.*@")


def redact(text: str) -> str:
    """Return the text with tokens, bearer credentials, and users and passwords in addresses blanked out."""
    return _USERINFO.sub("//***@", _BEARER.sub(r"\1***", _TOKEN.sub(r"\1***", text)))


def mask_address(address: str) -> str:
    """Return an address that somebody set, without user and password, even when it is none that can be read.

    Where it cannot be told where a password ends, more is blanked out rather than less.
    """
    return _UP_TO_THE_LAST_AT.sub(r"\1***@", address)
