"""The client as a whole."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from pack.sandbox.slack.client.app import AppSide
from pack.sandbox.slack.client.channels import Channels
from pack.sandbox.slack.client.files import Files
from pack.sandbox.slack.client.interactions import Interactions
from pack.sandbox.slack.client.operation import Operation
from pack.sandbox.slack.client.people import People
from pack.sandbox.slack.client.users import Users


class SlackSandbox(People, Interactions, Channels, Users, Files, AppSide, Operation):
    """A client of a running simulated Slack's control API: one method for each of its addresses.

    ``async with SlackSandbox("http://127.0.0.1:8081") as sandbox:``. Every method raises
    :class:`SandboxRefused` (it does not do that; ``code`` says why) or :class:`SandboxUnreachable`.
    """

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()
