"""Slack Connect: members ask that somebody of another workspace be invited."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pack.sandbox.slack.calls.api import Api, Arguments, Json
from pack.sandbox.slack.calls.declared import Simulated
from pack.sandbox.slack.calls.paging import take_page
from pack.sandbox.slack.methods.channels import caller
from pack.sandbox.slack.methods.connect import link_of
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.invites import Invite, Status

_USUAL_REQUESTS = 200
_LONGEST_MESSAGE = 560
_DIFFERS = "Requests are made by a control action; what is said with the answer reaches nobody."


def approve_request(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``conversations.requestSharedInvite.approve``: the invite is sent."""
    message = arguments.get("message")
    request = _open_request(api, arguments, message.get("text") if isinstance(message, dict) else None)
    channel = api.workspace.channels.get(arguments.get("channel_id") or request.channel)
    if channel is None:
        raise Refusal("channel_not_found")
    limited = arguments.get("is_external_limited")
    invite = api.world.connections.grant(
        request, channel, limited=request.external_limited if limited is None else bool(limited)
    )
    link = link_of(api, invite)
    return {"invite_id": invite.id, "confirmation_code": link["conf_code"], "url": link["url"]}


def deny_request(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``conversations.requestSharedInvite.deny``."""
    api.world.connections.deny(_open_request(api, arguments, arguments.get("message")))
    return {}


def list_requests(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``conversations.requestSharedInvite.list``: the open ones, and the others when asked for."""
    _refuse_unless_allowed(api)
    wanted = arguments.get("invite_ids")
    found = [
        request
        for request in api.world.connections.invites(asked=True)
        if _shown(api, request, arguments) and (not wanted or request.id in wanted)
    ]
    limit = arguments.get("limit")
    page, following = take_page(
        found,
        "request",
        lambda one: one.id,
        cursor=arguments.get("cursor", ""),
        limit=_USUAL_REQUESTS if limit is None else max(1, limit),
    )
    answer: dict[str, Json] = {"invite_requests": [_described(request) for request in page]}
    return {**answer, "response_metadata": {"next_cursor": following}} if following else answer


def _shown(api: Api, request: Invite, arguments: Arguments) -> bool:
    user = arguments.get("user_id")
    if user and request.user["id"] != user:
        return False
    if request.status is Status.APPROVED:
        return bool(arguments.get("include_approved"))
    if request.status is Status.DECLINED:
        return bool(arguments.get("include_denied"))
    return not api.world.connections.expired(request) or bool(arguments.get("include_expired"))


def _described(request: Invite) -> dict[str, Json]:
    described = {
        "id": request.id,
        "date_created": request.created,
        "date_last_updated": request.updated,
        "expires_at": request.expires,
        "inviting_team": request.team.as_json(),
        "inviting_user": request.user,
        "is_external_limited": request.external_limited,
        "is_sponsored": True,
        "recipient_email": request.recipient,
        "target_user": {"recipient_email": request.recipient},
        "channel": {"id": request.channel, "name": request.channel_name},
    }
    if request.status is Status.APPROVED:
        described["date_approved"] = request.updated
    if request.status is Status.DECLINED:
        described["date_denied"] = request.updated
    return described


def _open_request(api: Api, arguments: Arguments, message: Json) -> Invite:
    _refuse_unless_allowed(api)
    request = api.world.connections.find(arguments["invite_id"], asked=True)
    if request.status is Status.APPROVED:
        raise Refusal("invite_already_approved")
    if request.status is Status.DECLINED:
        raise Refusal("invite_already_denied")
    if api.world.connections.expired(request):
        raise Refusal("invite_expired")
    if isinstance(message, str) and len(message) > _LONGEST_MESSAGE:
        raise Refusal("message_too_long")
    return request


def _refuse_unless_allowed(api: Api) -> None:
    preferences = api.workspace.preferences
    if not (preferences.manage_connections or caller(api).may_administer):
        raise Refusal("restricted_action")


_ANSWERING = (
    "invite_already_approved",
    "invite_already_denied",
    "invite_expired",
    "invite_not_found",
    "message_too_long",
    "restricted_action",
)

METHODS: Mapping[str, Simulated] = MappingProxyType(
    {
        "conversations.requestSharedInvite.approve": Simulated(
            approve_request, errors=("channel_not_found", *_ANSWERING), differs=_DIFFERS
        ),
        "conversations.requestSharedInvite.deny": Simulated(
            deny_request, errors=_ANSWERING, differs=_DIFFERS
        ),
        "conversations.requestSharedInvite.list": Simulated(
            list_requests, errors=("invalid_cursor", "restricted_action"), differs=_DIFFERS
        ),
    }
)
