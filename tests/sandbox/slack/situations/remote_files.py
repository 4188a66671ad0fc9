from __future__ import annotations

from typing import Any

from tests.sandbox.slack.situations.declared import Situations, Stage

situations = Situations()

PAPER = {"external_id": "paper-1", "external_url": "https://example.com/paper", "title": "A paper"}


async def _add(stage: Stage, **changed: str) -> dict[str, Any]:
    return await stage.call("files.remote.add", **{**PAPER, **changed})


@situations("files.remote.add", "bad_title")
async def _a_long_title(stage: Stage) -> dict[str, Any]:
    return await _add(stage, title="x" * 256)


@situations("files.remote.add", "invalid_external_id")
async def _a_long_id(stage: Stage) -> dict[str, Any]:
    return await _add(stage, external_id="x" * 256)


@situations("files.remote.list", "invalid_cursor")
async def _a_cursor_of_nothing(stage: Stage) -> dict[str, Any]:
    return await stage.call("files.remote.list", cursor="nothing")


def _cause_naming(method: str) -> None:
    needed = {"channels": "C0123"} if method == "files.remote.share" else {}

    @situations(method, "file_not_found")
    async def _not_there(stage: Stage) -> dict[str, Any]:
        return await stage.call(method, external_id="paper-2", **needed)

    if method == "files.remote.update":
        return

    @situations(method, "invalid_args")
    async def _not_named(stage: Stage) -> dict[str, Any]:
        return await stage.call(method, **needed)

    if method == "files.remote.share":
        return

    @situations(method, "too_many_ids")
    async def _named_twice(stage: Stage) -> dict[str, Any]:
        added = await _add(stage)
        return await stage.call(method, external_id="paper-1", file=added["file"]["id"])


for _method in ("info", "remove", "share", "update"):
    _cause_naming(f"files.remote.{_method}")


@situations("files.remote.share", "channel_not_found")
async def _sharing_nowhere(stage: Stage) -> dict[str, Any]:
    await _add(stage)
    return await stage.call("files.remote.share", external_id="paper-1", channels=f"{stage.general},C0123")


@situations("files.remote.share", "not_in_channel")
async def _sharing_outside(stage: Stage) -> dict[str, Any]:
    await _add(stage)
    channel = stage.slack.workspace.channel("random").id
    return await stage.call("files.remote.share", external_id="paper-1", channels=channel)


async def _update(stage: Stage, **changed: str) -> dict[str, Any]:
    await _add(stage)
    return await stage.call("files.remote.update", external_id="paper-1", **changed)


@situations("files.remote.update", "invalid_title")
async def _updating_to_a_long_title(stage: Stage) -> dict[str, Any]:
    return await _update(stage, title="x" * 256)


@situations("files.remote.update", "invalid_type")
async def _updating_to_a_type_that_is_none(stage: Stage) -> dict[str, Any]:
    return await _update(stage, filetype="poem")


@situations("files.remote.update", "invalid_url")
async def _updating_to_no_address(stage: Stage) -> dict[str, Any]:
    return await _update(stage, external_url="example")
