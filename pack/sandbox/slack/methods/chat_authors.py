"""Who posts where: the destination of a call, and what its messages say of their author."""

from __future__ import annotations

import re

from pack.sandbox.slack.calls.api import Api, Arguments, Json
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.conversation import SERVICE_SUBTYPES
from pack.sandbox.slack.world.directory import SLACKBOT
from pack.sandbox.slack.world.grants import TokenKind
from pack.sandbox.slack.world.objects import Channel, Kind
from pack.sandbox.slack.world.reactions import LOCKED
from pack.sandbox.slack.world.timeline import Message

READ_ONLY = "restricted_action_read_only_channel"
"""The code for a post into a channel in which only admins may post."""

_TS = re.compile(r"\d{1,12}\.\d{1,6}\Z")
_WITHOUT_REPLIES = SERVICE_SUBTYPES | {"group_join", "group_leave", "group_archive", "group_unarchive"}


def find_destination(
    api: Api, reference: str, *, anywhere: bool = True, restricted: str = READ_ONLY
) -> Channel:
    """Find where to post: an ID, a name (of what the caller can see), or a user's ID for a direct message.

    ``anywhere``: whether ``chat:write.public`` opens public channels that the bot is not in. ``restricted``:
    the code for a channel in which only admins may post.

    Raises:
        Refusal: ``channel_not_found``, ``not_in_channel``, ``is_archived``, or the code ``restricted``.
    """
    user = api.workspace.users.get(reference)
    if user is not None:
        if is_bot(api) and (user.is_bot or user.id == SLACKBOT):
            raise Refusal("channel_not_found")
        if user.deleted:
            raise Refusal("channel_not_found")
        return api.workspace.add_im(user, api.user_id)
    try:
        channel = api.visible(api.workspace.channel(reference).id)
    except Refusal as refusal:
        raise Refusal("channel_not_found") from refusal
    if channel.is_archived:
        raise Refusal("is_archived")
    public = anywhere and may_post_anywhere(api) and channel.kind is Kind.PUBLIC
    if not api.is_member(channel) and not public:
        raise Refusal("not_in_channel")
    if not api.workspace.may_post(api.user_id, channel):
        raise Refusal(restricted)
    return channel


def may_post_anywhere(api: Api) -> bool:
    """Say whether the token may post into public channels that its bot is not in."""
    return is_bot(api) and "chat:write.public" in api.scopes


def is_bot(api: Api) -> bool:
    """Say whether the app acts as itself, not for a person."""
    return api.grant.kind is not TokenKind.USER


def read_thread(channel: Channel, arguments: Arguments, *, to_all: bool = True) -> str | None:
    """Return the argument ``thread_ts`` when the message that it names can have replies.

    A ``thread_ts`` of no message is returned too: the message will stand outside any thread. ``to_all``:
    whether the reply will be there for everybody, as a locked thread allows none.

    Raises:
        Refusal: ``invalid_thread_ts``, ``cannot_reply_to_message``, ``restricted_action_thread_locked``.
    """
    thread_ts = arguments.get("thread_ts") or None
    if thread_ts is None:
        return None
    if not _TS.match(thread_ts):
        raise Refusal("invalid_thread_ts")
    root = channel.timeline.get(thread_ts)
    if root is not None and root.subtype in _WITHOUT_REPLIES:
        raise Refusal("cannot_reply_to_message")
    if to_all and root is not None and root.fields.get(LOCKED):
        raise Refusal("restricted_action_thread_locked")
    return str(thread_ts)


def author_fields(api: Api) -> dict[str, Json]:
    """Return what the app's messages say of their sender, also those that it posts for a person."""
    return {
        "bot_id": api.app.bot_id,
        "app_id": api.app.app_id,
        "team": api.app.team_id,
        "bot_profile": api.app.bot_profile(),
    }


def custom_author(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Return the fields of a name or icon of one's own; without its scope, and for people, there are none."""
    if "chat:write.customize" not in api.scopes or not is_bot(api):
        return {}
    custom: dict[str, Json] = {}
    if arguments.get("username"):
        custom["username"] = arguments["username"]
    if arguments.get("icon_emoji"):
        custom["icons"] = {"emoji": arguments["icon_emoji"]}
    elif arguments.get("icon_url"):
        custom["icons"] = {"image_48": arguments["icon_url"]}
    if custom:
        custom.setdefault("username", api.app.name)
    return custom


def is_own(api: Api, message: Message) -> bool:
    """Say whether the caller wrote the message: the bot under any name, or the person whose token it is."""
    if is_bot(api):
        return message.user in (None, api.user_id) and message.fields.get("bot_id") == api.app.bot_id
    return message.user == api.user_id
