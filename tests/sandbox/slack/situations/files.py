from __future__ import annotations

from typing import Any

from pack.sandbox.slack.world.file_objects import File
from pack.sandbox.slack.world.uploads import FileRules
from tests.sandbox.slack.situations.declared import Situations, Stage
from tests.sandbox.slack.uploading import send, token_of

situations = Situations()


def _file(stage: Stage, user: str | None = None, name: str = "notes.txt") -> File:
    """Return a file of a person's, which is shared in #general, or of the bot's, which is not."""
    files, workspace = stage.slack.world.files, stage.slack.workspace
    owner = workspace.user(user).id if user else stage.slack.bot_user_id
    file = files.put(owner, name, b"some notes", host="localhost")
    if user:
        files.share([file], workspace.channel(stage.general), owner)
    return file


def _rules(stage: Stage, **rules: Any) -> None:
    stage.slack.world.files.uploads.rules = FileRules(**rules)


async def _announce(stage: Stage, **changed: Any) -> dict[str, Any]:
    return await stage.call("files.getUploadURLExternal", **{"filename": "a.txt", "length": 10, **changed})


async def _complete(stage: Stage, file_id: str | None = None, **arguments: Any) -> dict[str, Any]:
    sent = file_id or await send(stage.call, b"some notes")
    return await stage.call("files.completeUploadExternal", files=[{"id": sent}], **arguments)


# --- announcing --------------------------------------------------------------------------------------


@situations("files.getUploadURLExternal", "missing_argument")
async def _an_empty_file(stage: Stage) -> dict[str, Any]:
    return await _announce(stage, length=0)


@situations("files.getUploadURLExternal", "alt_txt_too_large")
async def _a_long_description(stage: Stage) -> dict[str, Any]:
    return await _announce(stage, alt_txt="x" * 1_001)


@situations("files.getUploadURLExternal", "unknown_snippet_type")
async def _a_language_that_is_none(stage: Stage) -> dict[str, Any]:
    return await _announce(stage, snippet_type="klingon")


@situations("files.getUploadURLExternal", "snippet_too_large")
async def _a_snippet_over_a_megabyte(stage: Stage) -> dict[str, Any]:
    return await _announce(stage, snippet_type="python", length=1_000_001)


@situations("files.getUploadURLExternal", "file_upload_size_restricted")
async def _a_file_over_a_gibibyte(stage: Stage) -> dict[str, Any]:
    return await _announce(stage, length=1024**3 + 1)


@situations("files.getUploadURLExternal", "storage_limit_reached")
async def _a_full_workspace(stage: Stage) -> dict[str, Any]:
    _file(stage)
    _rules(stage, storage_bytes=15)
    return await _announce(stage)


@situations("files.getUploadURLExternal", "file_uploads_disabled")
async def _a_workspace_without_uploads(stage: Stage) -> dict[str, Any]:
    _rules(stage, uploads="none")
    return await _announce(stage)


@situations("files.getUploadURLExternal", "file_uploads_except_images_disabled")
async def _a_workspace_for_images(stage: Stage) -> dict[str, Any]:
    _rules(stage, uploads="images")
    return await _announce(stage)


@situations("files.getUploadURLExternal", "file_type_not_allowed")
async def _a_forbidden_type(stage: Stage) -> dict[str, Any]:
    _rules(stage, refused_types=frozenset({"zip"}))
    return await _announce(stage, filename="a.zip")


# --- completing --------------------------------------------------------------------------------------


@situations("files.completeUploadExternal", "file_not_found")
async def _completing_before_uploading(stage: Stage) -> dict[str, Any]:
    return await _complete(stage, (await _announce(stage))["file_id"])


@situations("files.completeUploadExternal", "file_not_found")
async def _completing_twice(stage: Stage) -> dict[str, Any]:
    file_id = await send(stage.call, b"some notes")
    assert (await _complete(stage, file_id))["ok"]
    return await _complete(stage, file_id)


@situations("files.completeUploadExternal", "access_denied")
async def _completing_somebody_elses(stage: Stage) -> dict[str, Any]:
    file_id = await send(stage.call, b"some notes")
    return await _complete(stage, file_id, token=token_of(stage.slack, "ada"))


@situations("files.completeUploadExternal", "channel_not_found")
async def _sharing_in_a_private_channel(stage: Stage) -> dict[str, Any]:
    return await _complete(stage, channel_id=stage.slack.workspace.channel("incidents").id)


@situations("files.completeUploadExternal", "invalid_channel")
async def _sharing_in_one_channel_too_many(stage: Stage) -> dict[str, Any]:
    return await _complete(stage, channels=f"{stage.general}, C0NOWHERE")


@situations("files.completeUploadExternal", "not_in_channel")
async def _sharing_outside(stage: Stage) -> dict[str, Any]:
    return await _complete(stage, channel_id=stage.slack.workspace.channel("random").id)


@situations("files.completeUploadExternal", "posting_to_channel_denied")
async def _sharing_in_an_archived_channel(stage: Stage) -> dict[str, Any]:
    stage.slack.workspace.join("random", stage.slack.bot_user_id)
    stage.slack.workspace.archive("random")
    return await _complete(stage, channel_id=stage.slack.workspace.channel("random").id)


@situations("files.completeUploadExternal", "posting_to_channel_denied")
async def _sharing_where_only_admins_post(stage: Stage) -> dict[str, Any]:
    channel = stage.general
    stage.slack.workspace.restrict_posting(channel)
    return await _complete(stage, channel_id=channel)


@situations("files.completeUploadExternal", "channels_limit_exceeded")
async def _sharing_in_a_hundred_and_one_channels(stage: Stage) -> dict[str, Any]:
    return await _complete(stage, channels=",".join(f"C{number}" for number in range(101)))


@situations("files.completeUploadExternal", "invalid_blocks")
async def _blocks_that_are_none(stage: Stage) -> dict[str, Any]:
    return await _complete(stage, channel_id=stage.general, blocks=[{"type": "nothing"}])


@situations("files.completeUploadExternal", "invalid_blocks")
async def _blocks_that_are_no_json(stage: Stage) -> dict[str, Any]:
    return await _complete(stage, channel_id=stage.general, blocks="[")


@situations("files.completeUploadExternal", "file_type_not_allowed")
async def _a_type_forbidden_meanwhile(stage: Stage) -> dict[str, Any]:
    file_id = await send(stage.call, b"some notes")
    _rules(stage, refused_types=frozenset({"text"}))
    return await _complete(stage, file_id)


@situations("files.completeUploadExternal", "file_uploads_except_images_disabled")
async def _images_only_meanwhile(stage: Stage) -> dict[str, Any]:
    file_id = await send(stage.call, b"some notes")
    _rules(stage, uploads="images")
    return await _complete(stage, file_id)


# --- what is there ------------------------------------------------------------------------------------


def _cause_missing(method: str, *, by_person: bool = False, **needed: str) -> None:
    @situations(method, "file_not_found")
    async def _no_such_file(stage: Stage) -> dict[str, Any]:
        token = token_of(stage.slack, "ada") if by_person else "bot"
        return await stage.call(method, token=token, file="F0123", **needed)

    @situations(method, "file_not_found")
    async def _not_for_the_caller(stage: Stage) -> dict[str, Any]:
        token = token_of(stage.slack, "ada") if by_person else "bot"
        private = stage.slack.world.files.put(
            stage.slack.workspace.user("bob").id, "diary.txt", b"dear diary", host="localhost"
        )
        return await stage.call(method, token=token, file=private.id, **needed)


for _method in ("files.info", "files.delete", "files.revokePublicURL"):
    _cause_missing(_method)
_cause_missing("files.sharedPublicURL", by_person=True)
_cause_missing("files.comments.delete", id="Fc0123")


def _cause_deleted(method: str, **needed: str) -> None:
    @situations(method, "file_deleted")
    async def _deleted(stage: Stage) -> dict[str, Any]:
        file = _file(stage)
        await stage.call.ok("files.delete", file=file.id)
        return await stage.call(method, file=file.id, **needed)


_cause_deleted("files.info")
_cause_deleted("files.delete")
_cause_deleted("files.comments.delete", id="Fc0123")


@situations("files.delete", "cant_delete_file")
async def _deleting_somebody_elses(stage: Stage) -> dict[str, Any]:
    return await stage.call("files.delete", file=_file(stage, "ada").id)


@situations("files.comments.delete", "cant_delete")
async def _deleting_a_comment(stage: Stage) -> dict[str, Any]:
    return await stage.call("files.comments.delete", file=_file(stage).id, id="Fc0123")


@situations("files.list", "unknown_type")
async def _listing_a_type_that_is_none(stage: Stage) -> dict[str, Any]:
    return await stage.call("files.list", types="images,poems")


@situations("files.list", "user_not_found")
async def _listing_for_nobody(stage: Stage) -> dict[str, Any]:
    return await stage.call("files.list", user="U0NOBODY")


@situations("files.upload", "method_deprecated")
async def _uploading_as_before(stage: Stage) -> dict[str, Any]:
    return await stage.call("files.upload", channels=stage.general, content="some notes")


async def _publish(stage: Stage, name: str = "notes.txt") -> dict[str, Any]:
    file = _file(stage, "ada", name)
    return await stage.call("files.sharedPublicURL", token=token_of(stage.slack, "ada"), file=file.id)


@situations("files.sharedPublicURL", "not_allowed")
async def _public_links_switched_off(stage: Stage) -> dict[str, Any]:
    _rules(stage, public_links=False)
    return await _publish(stage)


@situations("files.sharedPublicURL", "public_file_type_not_allowed")
async def _a_type_that_stays_private(stage: Stage) -> dict[str, Any]:
    _rules(stage, refused_public_types=frozenset({"text"}))
    return await _publish(stage)


@situations("files.sharedPublicURL", "public_video_not_allowed")
async def _a_video_that_stays_private(stage: Stage) -> dict[str, Any]:
    _rules(stage, refused_public_types=frozenset({"mp4"}))
    return await _publish(stage, "demo.mp4")
