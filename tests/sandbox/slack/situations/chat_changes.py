"""What goes wrong when messages are changed, deleted and unfurled."""

from __future__ import annotations

from typing import Any

from pack.sandbox.slack.world.grants import TokenKind
from tests.sandbox.slack.situations.declared import Situations, Stage

situations = Situations()


async def _mine(stage: Stage, **arguments: Any) -> dict[str, str]:
    answer = await stage.call.ok("chat.postMessage", channel=stage.general, text="first", **arguments)
    return {"channel": answer["channel"], "ts": answer["ts"]}


def person(stage: Stage, name: str = "ada", *scopes: str) -> str:
    """Return the token of a person."""
    user = stage.slack.workspace.user(name).id
    return stage.slack.world.grants.issue(TokenKind.USER, user, {"chat:write", *scopes}).token


def _hers(stage: Stage, text: str = "hers") -> dict[str, str]:
    message = stage.slack.workspace.say(stage.general, text, user="ada")
    return {"channel": message.channel, "ts": message.ts}


@situations("chat.update", "cant_update_message")
async def _changing_what_somebody_else_wrote(stage: Stage) -> dict[str, Any]:
    return await stage.call("chat.update", **_hers(stage), text="mine now")


@situations("chat.update", "message_not_found")
async def _changing_nothing(stage: Stage) -> dict[str, Any]:
    return await stage.call("chat.update", channel=stage.general, ts="1.2", text="x")


@situations("chat.update", "channel_not_found")
async def _changing_where_the_bot_is_not(stage: Stage) -> dict[str, Any]:
    channel = stage.slack.workspace.channel("incidents").id
    return await stage.call("chat.update", channel=channel, ts="1.2", text="x")


@situations("chat.update", "is_inactive")
async def _changing_in_an_archived_channel(stage: Stage) -> dict[str, Any]:
    mine = await _mine(stage)
    stage.slack.workspace.archive(mine["channel"])
    return await stage.call("chat.update", **mine, text="x")


@situations("chat.update", "no_text")
async def _changing_to_nothing(stage: Stage) -> dict[str, Any]:
    return await stage.call("chat.update", **await _mine(stage))


@situations("chat.update", "cant_broadcast_message")
async def _broadcasting_what_is_no_reply(stage: Stage) -> dict[str, Any]:
    return await stage.call("chat.update", **await _mine(stage), reply_broadcast=True)


@situations("chat.update", "no_dual_broadcast_content_update")
async def _broadcasting_and_changing_at_once(stage: Stage) -> dict[str, Any]:
    mine = await _mine(stage, thread_ts=_hers(stage)["ts"])
    return await stage.call("chat.update", **mine, text="x", reply_broadcast=True)


@situations("chat.update", "block_mismatch")
async def _taking_a_persons_rich_text_away(stage: Stage) -> dict[str, Any]:
    hers = _hers(stage)
    block = {"type": "section", "text": {"type": "mrkdwn", "text": "x"}}
    return await stage.call("chat.update", token=person(stage), **hers, text="x", blocks=[block])


@situations("chat.update", "streaming_state_conflict")
async def _changing_what_is_still_written(stage: Stage) -> dict[str, Any]:
    channel = stage.slack.workspace.add_im("ada").id
    stream = await stage.call.ok("chat.startStream", channel=channel, markdown_text="so far")
    return await stage.call("chat.update", channel=channel, ts=stream["ts"], text="x")


@situations("chat.update", "file_not_found")
async def _sharing_no_file(stage: Stage) -> dict[str, Any]:
    return await stage.call("chat.update", **await _mine(stage), file_ids=["F00000000"])


@situations("chat.update", "file_deleted")
async def _sharing_a_deleted_file(stage: Stage) -> dict[str, Any]:
    files, ada = stage.slack.world.files, stage.slack.workspace.user("ada").id
    file = files.put(ada, "notes.txt", b"notes", host="localhost")
    files.delete(file)
    return await stage.call("chat.update", **await _mine(stage), file_ids=[file.id])


@situations("chat.delete", "cant_delete_message")
async def _deleting_what_somebody_else_wrote(stage: Stage) -> dict[str, Any]:
    return await stage.call("chat.delete", **_hers(stage))


@situations("chat.delete", "message_not_found")
async def _deleting_nothing(stage: Stage) -> dict[str, Any]:
    return await stage.call("chat.delete", channel=stage.general, ts="1.2")


@situations("chat.delete", "channel_not_found")
async def _deleting_where_the_bot_is_not(stage: Stage) -> dict[str, Any]:
    return await stage.call("chat.delete", channel=stage.slack.workspace.channel("incidents").id, ts="1.2")


URL = "https://docs.example.com/1"


def _unfurl(code: str, /, *, registered: bool = True, **arguments: Any) -> None:
    """Declare what is answered to previews of a message with a link; a name given as None is left out."""

    @situations("chat.unfurl", code)
    async def _refused(stage: Stage) -> dict[str, Any]:
        if registered:
            stage.slack.world.notices.unfurl_domains.add("example.com")
        given = {
            **_hers(stage, f"see <{URL}> and <https://elsewhere.org/2>"),
            "unfurls": {URL: {"text": "x"}},
        }
        given |= arguments
        return await stage.call(
            "chat.unfurl", **{name: value for name, value in given.items() if value is not None}
        )


_unfurl("missing_channel", channel=None)
_unfurl("missing_ts", ts=None)
_unfurl("missing_unfurls", unfurls=None)
_unfurl("missing_source", unfurl_id="C1.2.3")
_unfurl("missing_unfurl_id", source="composer")
_unfurl("invalid_source", unfurl_id="C1.2.3", source="hearsay")
_unfurl("invalid_unfurl_id", unfurl_id="C1.2.3", source="composer")
_unfurl("invalid_unfurls_format", unfurls="{")
_unfurl("cannot_find_channel", channel="C00000000")
_unfurl("cannot_find_message", ts="1.2")
_unfurl("cannot_find_service", registered=False)
_unfurl("cannot_parse_attachment", unfurls={URL: "x"})
_unfurl("cannot_unfurl_message", unfurls={"https://docs.example.com/2": {"text": "x"}})
_unfurl("cannot_unfurl_url", unfurls={"https://elsewhere.org/2": {"text": "x"}})


@situations("chat.unfurl", "cannot_auth_user")
async def _asking_a_bot_to_sign_in(stage: Stage) -> dict[str, Any]:
    stage.slack.world.notices.unfurl_domains.add("example.com")
    message = stage.slack.workspace.say(stage.general, f"see <{URL}>", subtype="bot_message", bot_id="B1")
    place = {"channel": message.channel, "ts": message.ts}
    return await stage.call("chat.unfurl", **place, user_auth_required=True)
