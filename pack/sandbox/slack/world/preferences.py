"""What the workspace's admins and its plan allow."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Preferences:
    """The settings of the workspace that methods depend on; all is allowed at first."""

    paid: bool = True
    """Whether the workspace has a paid plan: user groups and Slack Connect need one."""
    create_public_channels: bool = True
    """Whether others than admins may make public channels; likewise the following."""
    create_private_channels: bool = True
    archive_channels: bool = True
    remove_members: bool = True
    manage_user_groups: bool = True
    manage_connections: bool = True
    canvases: bool = True
    """Whether there are canvases."""
    largest_channel: int = 100_000
    """How many members a channel may have."""
