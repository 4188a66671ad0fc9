"""What Slack's reference says how often each method may be called.

https://docs.slack.dev/apis/web-api/rate-limits names the tiers, and each method's page its tier. The figures
are "and more"; how many may come at once is not said.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

POSTING = frozenset({"chat.postMessage", "chat.meMessage"})
"""What posts into a channel: limited for each channel and, all of it together, for the workspace."""

CHANNEL_SECONDS = 1.0
"""Between two messages of one channel."""

WORKSPACE_A_MINUTE = 300
"""Messages of a workspace: "several hundred a minute"."""

TIERS: Mapping[str, int] = MappingProxyType({"t1": 1, "t2": 20, "t3": 50, "t4": 100, "special": 300})
"""Calls of one method in a minute."""

USUAL_TIER = "t3"
"""Of most methods, and of those that are not listed."""

_LISTED = {
    "t1": "conversations.listConnectInvites",
    "t2": """
        assistant.search.info auth.teams.list bookmarks.add bookmarks.edit bookmarks.remove canvases.create
        chat.startStream chat.stopStream conversations.acceptSharedInvite conversations.archive
        conversations.canvases.create conversations.close conversations.create conversations.inviteShared
        conversations.list conversations.rename conversations.setPurpose conversations.setTopic
        conversations.unarchive dnd.teamInfo emoji.list files.remote.add files.remote.info files.remote.list
        files.remote.remove files.remote.share files.remote.update files.upload pins.add pins.list pins.remove
        reactions.list reactions.remove reminders.add reminders.complete reminders.delete reminders.info
        reminders.list search.all search.files search.messages slackLists.create slackLists.download.start
        slackLists.items.delete slackLists.items.deleteMultiple slackLists.items.info slackLists.items.list
        slackLists.update team.accessLogs team.billableInfo team.integrationLogs usergroups.create
        usergroups.disable usergroups.enable usergroups.list usergroups.update usergroups.users.list
        usergroups.users.update users.list
    """,
    "t4": """
        api.test assistant.threads.setSuggestedPrompts assistant.threads.setTitle chat.appendStream
        chat.postEphemeral conversations.members dialog.open files.completeUploadExternal
        files.getUploadURLExternal files.info slackLists.download.get users.info users.profile.get views.open
        views.publish views.push views.update
    """,
    "special": "assistant.search.context assistant.threads.setStatus auth.test chat.getPermalink",
}

METHODS: Mapping[str, str] = MappingProxyType(
    {method: tier for tier, methods in _LISTED.items() for method in methods.split()}
)
"""The tier of each method that has another one than :data:`USUAL_TIER`."""


def calls_a_minute(method: str) -> int:
    """Return how many calls of a method Slack promises to answer within a minute."""
    return TIERS[METHODS.get(method, USUAL_TIER)]
