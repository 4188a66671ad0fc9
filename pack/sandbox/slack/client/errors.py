"""How the sandbox says no, and that nobody said anything."""

from __future__ import annotations

from pack.errors import PackError


class SandboxRefused(PackError):
    """The sandbox does not do what it was asked to.

    ``code``: why, as Slack names it (``channel_not_found``, ``not_in_channel``…) or the control API
    (``invalid_arguments``). ``message``: the same for people. ``status``: HTTP's.
    """

    def __init__(self, code: str, message: str, *, status: int = 400) -> None:
        super().__init__(f"{message} ({code})" if code and code not in message else message)
        self.code = code
        self.message = message
        self.status = status


class SandboxUnreachable(PackError):
    """No sandbox answers there; the message says at which address, and how to start one."""
