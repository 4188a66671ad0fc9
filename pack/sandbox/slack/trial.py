"""A simulated Slack within a test: started, driven and stopped by it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from pack.sandbox.slack.client.sandbox import SlackSandbox
from pack.sandbox.slack.server import SimulatedSlack


class Trial(SlackSandbox):
    """The client of a simulated Slack that runs in this process; ``slack`` is that Slack itself."""

    def __init__(self, slack: SimulatedSlack) -> None:
        super().__init__(slack.url)
        self.slack = slack

    @property
    def bot_token(self) -> str:
        """The bot's token (``xoxb-…``)."""
        return self.slack.bot_token

    @property
    def app_token(self) -> str:
        """The app-level token, for Socket Mode (``xapp-…``)."""
        return self.slack.app_token

    @property
    def signing_secret(self) -> str:
        """What signs the requests to the app's request URLs."""
        return self.slack.signing_secret


@asynccontextmanager
async def simulated_slack(
    *,
    limits: bool = False,
    speed: float = 1.0,
    scopes: Iterable[str] | None = None,
    host: str = "127.0.0.1",
    port: int = 0,
) -> AsyncIterator[Trial]:
    """Run a simulated Slack in this process; the block gets a client that knows its tokens too.

    ``limits``: whether Slack's rate limits hold. ``speed``: a factor on all that takes time there.
    ``scopes``: the bot token's; None: all but ``chat:write.public``. ``port`` 0: any free one.
    """
    slack = SimulatedSlack(host=host, port=port, limits=limits, speed=speed, scopes=scopes)
    async with slack, Trial(slack) as trial:
        yield trial
