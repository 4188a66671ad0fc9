"""What Slack's error codes mean for the person who reads them, and what to do.

The codes are those of https://docs.slack.dev/reference/methods; a test holds that every code which a method
called by this pack can answer is explained here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_REINSTALL = "reinstall the app to the workspace and give the pack the new token"
_INVITE = "invite the bot there (/invite @bot)"
_SHORTEN = "shorten the message or send it in parts"
_LATER = "it is a fault on Slack's side; try again later (https://slack-status.com)"
_BUG = "this is a mistake of the pack; please report it"
_ADMIN = "ask a workspace administrator"

_BOT_PLACE = "copy FLYTE_SLACK_TOKEN again from the app's page “OAuth & Permissions”, or " + _REINSTALL
_APP_PLACE = (
    "copy FLYTE_SLACK_APP_TOKEN again from the app's page “Basic Information”, “App-Level Tokens”; it needs "
    "the scope connections:write"
)

EXPLANATIONS: Mapping[str, str] = {
    # tokens and scopes
    "not_authed": "no token was sent; set FLYTE_SLACK_TOKEN",
    "invalid_auth": "the token is not valid",
    "account_inactive": "the token belongs to a removed bot or workspace; " + _REINSTALL,
    "token_revoked": "the token was revoked or the app removed; " + _REINSTALL,
    "token_expired": "the token has expired; give the pack a fresh one (token rotation has to be off)",
    "not_allowed_token_type": "this kind of token cannot call it; a bot token (xoxb-) belongs in "
    "FLYTE_SLACK_TOKEN, an app token (xapp-) in FLYTE_SLACK_APP_TOKEN",
    "missing_scope": "the app lacks a scope; add it on the page “OAuth & Permissions” and reinstall the app",
    "no_permission": "the app may not do that here; make the bot a member of the channel, or " + _ADMIN,
    "access_denied": "the app may not reach that; " + _ADMIN,
    "accesslimited": "the workspace allows this only from certain networks; " + _ADMIN,
    "app_access_restricted": "the app is restricted in this workspace; " + _ADMIN,
    "is_bot": "a bot may not do that",
    "org_login_required": "the workspace is being moved to an organization; wait until that is done",
    "team_added_to_org": "the workspace is being moved to an organization; wait until that is done",
    "two_factor_setup_required": "the account needs two-factor authentication; " + _ADMIN,
    "ekm_access_denied": "administrators have suspended posting; " + _ADMIN,
    "enterprise_is_restricted": "this cannot be called from an organization; install the app to a workspace",
    "forbidden_team": "the app may not be used in this workspace; install it there",
    "insecure_request": "the request was not made by HTTPS; check FLYTE_SLACK_API_URL",
    # channels
    "channel_not_found": "no such channel, or a private one that the bot is not in; check the ID, or "
    + _INVITE,
    "not_in_channel": "the bot is not in that channel; " + _INVITE + " or send JoinChannel first",
    "is_archived": "the channel is archived; unarchive it or use another one",
    "channel_is_limited_access": "the channel is limited to certain people; " + _ADMIN,
    "too_many_members": "the channel is full",
    "method_not_supported_for_channel_type": "Slack does not allow that for this kind of channel; a private "
    "channel cannot be joined: " + _INVITE,
    "cant_leave_general": "nobody can leave the workspace's general channel",
    "last_member": "the bot is the last member; somebody else has to join before it can leave",
    "user_is_restricted": "guests may not do that",
    "restricted_action": "a workspace setting forbids posting there; " + _ADMIN,
    "restricted_action_read_only_channel": "the channel is read-only; " + _ADMIN,
    "restricted_action_thread_only_channel": "the channel takes answers in threads only; give a thread",
    "restricted_action_non_threadable_channel": "the channel takes no threads; leave the thread out",
    "restricted_action_thread_locked": "the thread is locked",
    "messages_tab_disabled": "the app's messages tab is off; switch it on at “App Home”",
    "team_not_found": "the workspace was not found; check the token's workspace",
    # messages
    "no_text": "the message is empty; give text, blocks or attachments",
    "msg_too_long": "the text is too long; " + _SHORTEN,
    "msg_blocks_too_long": "the blocks are too long; " + _SHORTEN,
    "too_many_attachments": "more than 100 attachments; send fewer",
    "too_many_contact_cards": "too many contact cards; send fewer",
    "attachment_payload_limit_exceeded": "the attachments are too large; " + _SHORTEN,
    "invalid_blocks": "Slack does not accept the blocks; check them in the Block Kit Builder",
    "invalid_blocks_format": "the blocks are not a list of blocks; check them in the Block Kit Builder",
    "invalid_attachments": "Slack does not accept the attachments; check their fields",
    "markdown_text_conflict": "markdown_text cannot go together with text or blocks; give one of them",
    "invalid_metadata_format": "metadata has to be an object with event_type and event_payload",
    "invalid_metadata_schema": "metadata has to be an object with event_type and event_payload",
    "metadata_too_large": "the metadata is too large; make it smaller",
    "metadata_must_be_sent_from_app": "metadata can only be sent with an app's token",
    "as_user_not_supported": "as_user does not exist for today's apps; " + _BUG,
    "send_on_behalf_not_allowed": "the app may not post for somebody else",
    "cannot_reply_to_message": "that message takes no answers; leave the thread out",
    "invalid_thread_ts": "the thread's timestamp is not that of a message; take it from the event as it is",
    "thread_not_found": "no thread begins with that message; check the thread's timestamp",
    "missing_file_data": "a file in the message has no data; check the blocks",
    "duplicate_channel_not_found": "the channel of an earlier copy was not found; send it again",
    "duplicate_message_not_found": "an earlier copy of the message was not found; send it again",
    "draft_already_deleted": "the draft is gone; leave the draft's timestamp out",
    "draft_already_sent": "the draft was sent already; leave the draft's timestamp out",
    "draft_has_conflict": "the draft was changed meanwhile; leave the draft's timestamp out",
    "draft_not_found": "the draft was not found; leave the draft's timestamp out",
    "slack_connect_canvas_sharing_blocked": "canvases may not be shared with that other workspace",
    "slack_connect_file_link_sharing_blocked": "links to files may not be shared with that other workspace",
    "slack_connect_lists_sharing_blocked": "lists may not be shared with that other workspace",
    # users
    "user_not_found": "no such user; check the ID",
    "user_disabled": "the user was deactivated; write to somebody else",
    "invalid_user_combination": "those users cannot be in one conversation; check the IDs",
    "not_enough_users": "no user was named; " + _BUG,
    "users_list_not_supplied": "no user was named; " + _BUG,
    "user_not_visible": "the app may not see that user; " + _ADMIN,
    "too_many_users": "too many users were asked for; " + _BUG,
    # arguments
    "invalid_arguments": "Slack does not accept the arguments; see the details",
    "missing_argument": "an argument is missing; " + _BUG,
    "missing_args": "an argument is missing; " + _BUG,
    "invalid_cursor": "the page marker was not accepted; " + _BUG,
    "invalid_limit": "the page size was not accepted; " + _BUG,
    "invalid_ts_oldest": "the beginning of the time was not accepted; " + _BUG,
    "invalid_ts_latest": "the end of the time was not accepted; " + _BUG,
    "invalid_metadata_filter_keys": "the filter of metadata was not accepted; " + _BUG,
    "list_record_comment_fetch_failed": "the comments of a list cannot be read; try again later",
    "invalid_types": "the kinds of channels were not accepted; " + _BUG,
    "invalid_arg_name": "an argument's name was not accepted; " + _BUG,
    "invalid_array_arg": "an argument may not be a list; " + _BUG,
    "invalid_charset": "the request's character set was not accepted; " + _BUG,
    "invalid_form_data": "the request's form data was not accepted; " + _BUG,
    "invalid_post_type": "the request's content type was not accepted; " + _BUG,
    "missing_post_type": "the request had no content type; " + _BUG,
    "invalid_json": "the request's JSON was not accepted; " + _BUG,
    "unknown_method": "this Slack does not know the method; check FLYTE_SLACK_API_URL",
    "deprecated_endpoint": "Slack has retired this method; update the pack",
    "method_deprecated": "Slack has retired this method; update the pack",
    # load and faults
    "ratelimited": "too many requests; the pack waits as long as Slack asks",
    "rate_limited": "too many requests; the pack waits as long as Slack asks",
    "message_limit_exceeded": "too many messages in this workspace at the moment; send fewer",
    "service_unavailable": _LATER,
    "internal_error": _LATER,
    "fatal_error": _LATER,
    "request_timeout": "the request arrived incomplete; try again later",
}

_TARGETS = ("channel", "user", "users", "name")


def explain(code: str, method: str, arguments: Mapping[str, Any], answer: Mapping[str, Any]) -> str:
    """Say in one sentence what failed, on what, why, and what to do.

    ``answer`` is Slack's whole answer: a missing scope and pointers into bad blocks are quoted from it.
    """
    target = next((f" on {arguments[key]}" for key in _TARGETS if isinstance(arguments.get(key), str)), "")
    meaning = EXPLANATIONS.get(code, f"see https://docs.slack.dev/reference/methods/{method}#errors")
    if code == "invalid_auth":
        meaning += f"; {_APP_PLACE if method == 'apps.connections.open' else _BOT_PLACE}"
    return f"Slack refused {method}{target}: {code}{_quoted(answer)}: {meaning}"


def _quoted(answer: Mapping[str, Any]) -> str:
    parts = []
    if needed := answer.get("needed"):
        parts.append(f"needed {needed}, granted {answer.get('provided') or 'nothing'}")
    metadata = answer.get("response_metadata")
    messages = metadata.get("messages") if isinstance(metadata, dict) else None
    if isinstance(messages, list):
        parts.extend(str(message).removeprefix("[ERROR] ") for message in messages[:5])
    return f" ({'; '.join(parts)})" if parts else ""


def details(answer: Mapping[str, Any]) -> dict[str, object]:
    """Return what a refusal carries beside its code that a flow or a person may want to read."""
    found: dict[str, object] = {key: answer[key] for key in ("needed", "provided") if key in answer}
    metadata = answer.get("response_metadata")
    if isinstance(metadata, dict) and metadata.get("messages"):
        found["messages"] = metadata["messages"]
    return found
