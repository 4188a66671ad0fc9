"""Whether a request comes from Slack: its signature, and its age.

Source: https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime

from pydantic import SecretStr

TIMESTAMP_HEADER = "X-Slack-Request-Timestamp"
SIGNATURE_HEADER = "X-Slack-Signature"
REPLAY_WINDOW_SECONDS = 300
_TIMESTAMP_DIGITS = 12


def sign(secret: SecretStr, timestamp: str, body: bytes) -> str:
    """Return the signature of a request: ``v0=`` and the hex HMAC-SHA256 of ``v0:{timestamp}:{body}``."""
    signed = b"v0:%s:%s" % (timestamp.encode(errors="replace"), body)
    return "v0=" + hmac.new(secret.get_secret_value().encode(), signed, hashlib.sha256).hexdigest()


def doubt(secret: SecretStr, headers: Mapping[str, str], body: bytes, now: datetime) -> str:
    """Return why the request cannot be taken for Slack's, for the reader; empty when it is Slack's.

    Never raises, whatever the headers and the body hold. ``headers`` is looked up case-insensitively.
    """
    timestamp = headers.get(TIMESTAMP_HEADER, "")
    signature = headers.get(SIGNATURE_HEADER, "")
    if not timestamp or not signature:
        return f"The request is not signed: it needs the headers {TIMESTAMP_HEADER} and {SIGNATURE_HEADER}."
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= _TIMESTAMP_DIGITS):
        return f"{TIMESTAMP_HEADER} is not a number of seconds."
    if abs(now.timestamp() - int(timestamp)) > REPLAY_WINDOW_SECONDS:
        return (
            f"{TIMESTAMP_HEADER} is more than {REPLAY_WINDOW_SECONDS // 60} minutes away from this "
            "machine's time: the request is a replay, or this machine's clock is wrong."
        )
    expected = sign(secret, timestamp, body)
    if not hmac.compare_digest(expected.encode(), signature.encode(errors="replace")):
        return (
            "The signature does not match: the signing secret is another app's or an old one "
            "(FLYTE_SLACK_SIGNING_SECRET), or the request was changed on its way."
        )
    return ""
