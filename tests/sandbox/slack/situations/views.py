from __future__ import annotations

from typing import Any

from tests.sandbox.slack.situations.declared import Situations, Stage

situations = Situations()

PLAIN = {"type": "plain_text", "text": "Deploy"}
SECTION = {"type": "section", "text": {"type": "plain_text", "text": "hello"}}
MODAL = {"type": "modal", "title": PLAIN, "blocks": [SECTION]}
HOME = {"type": "home", "blocks": [SECTION]}
LARGE = {"type": "section", "text": {"type": "plain_text", "text": "x" * 2_990}}


def _ada(stage: Stage) -> str:
    return stage.slack.workspace.user("ada").id


def _trigger(stage: Stage, view_id: str = "") -> str:
    return stage.slack.interactions.triggers.issue(_ada(stage), view_id=view_id)


async def _open(stage: Stage, **more: Any) -> dict[str, Any]:
    answer = await stage.call("views.open", trigger_id=_trigger(stage), view={**MODAL, **more})
    assert answer["ok"], answer
    return answer["view"]


@situations("views.open", "duplicate_external_id")
async def _opening_with_the_id_of_another_persons_view(stage: Stage) -> dict[str, Any]:
    await _open(stage, external_id="deploy-1")
    view = {**MODAL, "external_id": "deploy-1"}
    trigger = stage.slack.interactions.triggers.issue(stage.slack.workspace.user("bob").id)
    return await stage.call("views.open", trigger_id=trigger, view=view)


@situations("views.open", "exchanged_trigger_id")
async def _opening_twice_with_a_trigger(stage: Stage) -> dict[str, Any]:
    trigger = _trigger(stage)
    await stage.call("views.open", trigger_id=trigger, view=MODAL)
    return await stage.call("views.open", trigger_id=trigger, view=MODAL)


@situations("views.open", "expired_trigger_id")
async def _opening_with_an_old_trigger(stage: Stage) -> dict[str, Any]:
    trigger = _trigger(stage)
    stage.slack.clock.advance(3.1)
    return await stage.call("views.open", trigger_id=trigger, view=MODAL)


@situations("views.open", "invalid_trigger_id")
async def _opening_with_an_invented_trigger(stage: Stage) -> dict[str, Any]:
    return await stage.call("views.open", trigger_id="now", view=MODAL)


@situations("views.open", "view_too_large")
async def _opening_a_large_view(stage: Stage) -> dict[str, Any]:
    return await stage.call("views.open", trigger_id=_trigger(stage), view={**MODAL, "blocks": [LARGE] * 90})


@situations("views.push", "duplicate_external_id")
async def _pushing_with_the_id_below(stage: Stage) -> dict[str, Any]:
    root = await _open(stage, external_id="deploy-1")
    view = {**MODAL, "external_id": "deploy-1"}
    return await stage.call("views.push", trigger_id=_trigger(stage, root["id"]), view=view)


@situations("views.push", "exchanged_trigger_id")
async def _pushing_twice_with_a_trigger(stage: Stage) -> dict[str, Any]:
    trigger = _trigger(stage, (await _open(stage))["id"])
    await stage.call("views.push", trigger_id=trigger, view=MODAL)
    return await stage.call("views.push", trigger_id=trigger, view=MODAL)


@situations("views.push", "expired_trigger_id")
async def _pushing_with_an_old_trigger(stage: Stage) -> dict[str, Any]:
    trigger = _trigger(stage, (await _open(stage))["id"])
    stage.slack.clock.advance(3.1)
    return await stage.call("views.push", trigger_id=trigger, view=MODAL)


@situations("views.push", "invalid_trigger_id")
async def _pushing_with_an_invented_trigger(stage: Stage) -> dict[str, Any]:
    return await stage.call("views.push", trigger_id="1.2.nothex", view=MODAL)


@situations("views.push", "not_found")
async def _pushing_where_no_modal_is_open(stage: Stage) -> dict[str, Any]:
    return await stage.call("views.push", trigger_id=_trigger(stage), view=MODAL)


@situations("views.push", "push_limit_reached")
async def _pushing_a_fourth_view(stage: Stage) -> dict[str, Any]:
    root = (await _open(stage))["id"]
    for _ in range(2):
        assert (await stage.call("views.push", trigger_id=_trigger(stage, root), view=MODAL))["ok"]
    return await stage.call("views.push", trigger_id=_trigger(stage, root), view=MODAL)


@situations("views.push", "view_too_large")
async def _pushing_a_large_view(stage: Stage) -> dict[str, Any]:
    trigger = _trigger(stage, (await _open(stage))["id"])
    return await stage.call("views.push", trigger_id=trigger, view={**MODAL, "blocks": [LARGE] * 90})


@situations("views.update", "duplicate_external_id")
async def _updating_with_the_id_of_a_pushed_view(stage: Stage) -> dict[str, Any]:
    root = await _open(stage)
    pushed = {**MODAL, "external_id": "deploy-2"}
    await stage.call("views.push", trigger_id=_trigger(stage, root["id"]), view=pushed)
    return await stage.call("views.update", view_id=root["id"], view=pushed)


@situations("views.update", "hash_conflict")
async def _updating_a_version_that_is_gone(stage: Stage) -> dict[str, Any]:
    root = await _open(stage)
    await stage.call("views.update", view_id=root["id"], view=MODAL)
    return await stage.call("views.update", view_id=root["id"], view=MODAL, hash=root["hash"])


@situations("views.update", "not_found")
async def _updating_a_view_that_is_not_there(stage: Stage) -> dict[str, Any]:
    return await stage.call("views.update", external_id="nothing", view=MODAL)


@situations("views.update", "view_too_large")
async def _updating_to_a_large_view(stage: Stage) -> dict[str, Any]:
    root = await _open(stage)
    return await stage.call("views.update", view_id=root["id"], view={**MODAL, "blocks": [LARGE] * 90})


@situations("views.publish", "duplicate_external_id")
async def _publishing_with_the_id_of_a_modal(stage: Stage) -> dict[str, Any]:
    await _open(stage, external_id="deploy-1")
    home = {**HOME, "external_id": "deploy-1"}
    return await stage.call("views.publish", user_id=_ada(stage), view=home)


@situations("views.publish", "hash_conflict")
async def _publishing_over_a_version_that_is_gone(stage: Stage) -> dict[str, Any]:
    first = await stage.call("views.publish", user_id=_ada(stage), view=HOME)
    await stage.call("views.publish", user_id=_ada(stage), view=HOME)
    return await stage.call("views.publish", user_id=_ada(stage), view=HOME, hash=first["view"]["hash"])


@situations("views.publish", "not_enabled")
async def _publishing_without_a_home_tab(stage: Stage) -> dict[str, Any]:
    stage.slack.interactions.views.home_enabled = False
    return await stage.call("views.publish", user_id=_ada(stage), view=HOME)


@situations("views.publish", "view_too_large")
async def _publishing_a_large_view(stage: Stage) -> dict[str, Any]:
    return await stage.call("views.publish", user_id=_ada(stage), view={**HOME, "blocks": [LARGE] * 90})
