"""The Web API adapter on a simulated Slack."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pydantic import SecretStr

from pack.sandbox.slack import SimulatedSlack
from pack.slack.web import SlackWeb, open_session


@asynccontextmanager
async def open_web(
    slack: SimulatedSlack, *, token: str | None = None, timeout_seconds: float = 5
) -> AsyncIterator[SlackWeb]:
    async with open_session(timeout_seconds) as session:
        yield SlackWeb(token=SecretStr(token or slack.bot_token), api_url=slack.api_url, session=session)
