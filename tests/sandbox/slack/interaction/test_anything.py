"""Whatever an app answers, and whatever it posts: nothing breaks."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pack.sandbox.slack import SimulatedSlack
from pack.sandbox.slack.delivery.outlet import AppAnswer, Outlet
from pack.sandbox.slack.interaction.choosing import CannotChoose
from pack.sandbox.slack.interaction.finding import Wanted
from pack.sandbox.slack.interaction.interactions import Interactions
from pack.sandbox.slack.refusal import Refusal
from tests.sandbox.slack.interaction.conftest import option, plain
from tests.sandbox.slack.kit.fuzzing import JSON, fuzz, near

ENTRY = {"type": "plain_text_input", "action_id": "name"}
MENU = {"type": "external_select", "action_id": "menu", "min_query_length": 0}
MODAL: dict[str, Any] = {
    "type": "modal",
    "title": plain("T"),
    "submit": plain("Go"),
    "blocks": [
        {"type": "input", "block_id": "a", "label": plain("A"), "element": ENTRY},
        {"type": "input", "block_id": "m", "label": plain("M"), "element": MENU, "optional": True},
    ],
}
ANSWERS = st.one_of(
    JSON,
    near({"response_action": "errors", "errors": {"a": "no"}}),
    near({"response_action": "update", "view": MODAL}),
    near({"response_action": "push", "view": MODAL}),
    near({"options": [option("x"), option("y")]}),
    near({"option_groups": [{"label": plain("L"), "options": [option("x")]}]}),
    near({"text": "hi", "response_type": "in_channel", "thread_ts": "1.1", "attachments": [{"text": "x"}]}),
)


class Anything(Outlet):
    """An app that answers what it is told to answer."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    async def ask(self, kind: Any, payload: dict[str, Any], *, url_kind: Any) -> AppAnswer:
        json.dumps(payload)
        return AppAnswer(True, self._answer)


@fuzz(150)
@given(ANSWERS)
def test_whatever_the_app_acknowledges_is_taken_or_refused(answer: Any) -> None:
    asyncio.run(_use_everything(answer))


async def _use_everything(answer: Any) -> None:
    slack = SimulatedSlack()
    interactions = Interactions(slack.world, Anything(answer))
    ada, general = slack.workspace.user("ada"), slack.workspace.channel("general")
    await interactions.commands.run(ada, general, "/x")
    interactions.opener.open(interactions.triggers.issue(ada.id), MODAL)
    view = interactions.views.top(ada.id)
    assert view is not None
    spot = interactions.finding.find(ada, Wanted("menu"))
    outcome = await interactions.suggestions.ask(ada, spot, "x")
    json.dumps(outcome.as_json())
    try:
        await interactions.actions.act(ada, spot, "x")
    except CannotChoose:
        assert "x" not in [one["value"] for one in outcome.options]
    json.dumps((await interactions.forms.submit(ada, view, {"a": "x"})).as_json())


@fuzz(200)
@given(
    near(
        {
            "text": "hi",
            "blocks": [{"type": "section", "text": plain("x")}],
            "attachments": [{"text": "x", "callback_id": "c", "actions": [{"name": "n", "type": "button"}]}],
            "replace_original": True,
            "response_type": "in_channel",
        }
    )
)
def test_whatever_is_posted_to_a_response_url_is_taken_or_refused(body: Any) -> None:
    slack = SimulatedSlack()
    general, ada = slack.workspace.channel("general"), slack.workspace.user("ada")
    url = slack.interactions.response_urls.issue("actions", general.id, ada.id)
    opening = slack.interactions.response_urls.find(url)
    try:
        slack.interactions.responding.carry_out(opening, body if isinstance(body, dict) else {})
    except Refusal as refusal:
        assert refusal.code
    json.dumps([message.as_json() for message in slack.world.ephemerals.seen_by(ada.id)])
    try:
        interactions = slack.interactions
        interactions.finding.find(ada, Wanted("n"))
    except CannotChoose as error:
        assert "ada sees no n there" in str(error)
