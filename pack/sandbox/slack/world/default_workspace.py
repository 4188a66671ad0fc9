"""The workspace that is there when nobody made another."""

from __future__ import annotations

from pack.sandbox.slack.world.workspace import Workspace


def populate(workspace: Workspace) -> None:
    """Add three people, three public channels and a private one; the app's bot is in none; nobody is told."""
    with workspace.unheard():
        workspace.add_user(
            "ada", real_name="Ada Lindqvist", email="ada@example.com", title="Release engineer"
        )
        workspace.add_user("bob", real_name="Bob Okafor", email="bob@example.com", title="Developer")
        workspace.add_user("carol", real_name="Carol Mendes", email="carol@example.com", title="Operations")
        workspace.add_channel("general", purpose="Where everybody is")
        workspace.add_channel("random", purpose="Anything else")
        workspace.add_channel("deployments", topic="What is going live")
        workspace.add_channel("incidents", private=True, members=["ada", "carol"])
        workspace.leave_untouched()
