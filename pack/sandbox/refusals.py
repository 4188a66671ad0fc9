"""What the simulated workspace refuses, in sentences for who wanted to say something."""

from __future__ import annotations


def explain(code: str, *, channel: str, user: str, thread: str | None = None) -> str:
    """Return why it was refused and what to do, with Slack's code; of an unknown code only the code."""
    known = {
        "no_text": "say what to post: the text is empty",
        "channel_not_found": (
            f"there is no channel {channel}; try #general, #random, #deployments, #incidents or @flyte"
        ),
        "user_not_found": f"there is no user {user}; try ada, bob or carol",
        "user_is_deactivated": f"{user}'s account is deactivated; who has none does nothing",
        "thread_not_found": f"{channel} has no message with the timestamp {thread}",
        "is_archived": f"{channel} is archived",
        "restricted_action_read_only_channel": f"only admins may post in {channel}",
        "not_in_channel": f"{user} is not in {channel}; only who is in there can write there",
        "already_reacted": f"{user} has reacted with that already",
        "message_not_found": "there is no such message",
        "invalid_name": "a reaction's name has small letters, digits, _, + and - only, like +:eyes:",
        "too_many_emoji": "this message has as many reactions as Slack takes",
    }
    return f"{known[code]} ({code})" if code in known else f"the workspace refuses this: {code}"
