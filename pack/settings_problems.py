"""What is said of a setting that is missing or wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_MISSING = {
    "FLYTE_API": "set it to the address of the flow engine, for instance http://flyte:8080",
    "FLYTE_SLACK_TOKEN": "set it to the bot token of your Slack app (xoxb-…), "
    "or FLYTE_SLACK_TOKEN_FILE to a file with it",
}

_PORT = "a TCP port, a whole number from 0 to 65535"
_EXPECTED = {
    "FLYTE_API_TIMEOUT": "a whole number of seconds, 0 or more",
    "LOGLEVEL": "debug, info, warning, error, critical or disabled, or zerolog's trace, warn, fatal, panic",
    "RENEW_CONVERSATION_LIST": "a number of hours above 0, a year's at the most",
    "FLYTE_SLACK_EVENTS_PORT": _PORT,
    "FLYTE_SLACK_HEALTH_PORT": _PORT,
    "FLYTE_SLACK_LOG_FORMAT": "auto, console or json",
    "FLYTE_SLACK_GRACE_SECONDS": "a number of seconds, 0 or more",
}
"""What a variable takes, where pydantic's own words would not say it well."""


def explain(problem: Mapping[str, Any]) -> str:
    """Say what is wrong with a variable and what is expected; one of pydantic's errors, in our words."""
    name = str(problem["loc"][0]) if problem["loc"] else ""
    if problem["type"] == "missing":
        return f"{name} is not set: {_MISSING[name]}"
    message = str(problem["msg"]).removeprefix("Value error, ")
    if name in _EXPECTED:
        return f"{name}={problem['input']}: expected {_EXPECTED[name]}"
    return f"{name}: {message}" if name else message.replace("; FLYTE_", "\nFLYTE_")
