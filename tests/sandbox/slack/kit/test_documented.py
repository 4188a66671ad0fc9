"""All that Slack's Block Kit reference has is taken, with every optional field."""

from __future__ import annotations

from typing import Any

import pytest

from pack.sandbox.slack.kit.catalogue import HOME_BLOCK, MESSAGE_BLOCK, MODAL_BLOCK
from pack.sandbox.slack.kit.elements import ACCESSORY, ACTION, INPUT
from pack.sandbox.slack.kit.rich_shapes import INLINE
from pack.sandbox.slack.refusal import Refusal
from tests.sandbox.slack.kit import documented
from tests.sandbox.slack.kit.documented import (
    ACCESSORIES,
    CITED,
    CONTAINERS,
    EVERYWHERE,
    IN_ACTIONS,
    IN_INPUTS,
    IN_MESSAGES,
    IN_MODALS,
    INLINES,
    OUTSIDE_MODALS,
    input_block,
    layout,
)
from tests.sandbox.slack.kit.reading import read_blocks, read_view
from tests.sandbox.slack.kit.specimens import plain

Json = Any
ON_MESSAGES = [*EVERYWHERE, *OUTSIDE_MODALS, *CONTAINERS, *IN_MESSAGES]
ON_MODALS = [*EVERYWHERE, *IN_MODALS]
ON_HOME_TABS = [*EVERYWHERE, *OUTSIDE_MODALS]


def name_of(block: Json) -> str:
    inner = block.get("element") or block.get("accessory") or (block.get("elements") or [{}])[0]
    return f"{block['type']}-{inner.get('type', '')}"


@pytest.mark.parametrize("block", ON_MESSAGES, ids=name_of)
def test_every_documented_block_is_taken_in_messages(block: Json) -> None:
    [taken] = read_blocks([{**block, "block_id": "mine"}]) or []
    assert (taken["type"], taken["block_id"]) == (block["type"], "mine")
    assert read_blocks([taken]) == [taken]


@pytest.mark.parametrize("block", ON_MODALS, ids=name_of)
def test_every_documented_block_is_taken_in_modals(block: Json) -> None:
    view = {"type": "modal", "title": plain("T"), "submit": plain("S"), "blocks": [block]}
    [taken] = read_view(view, ("modal",))["blocks"]
    assert taken["type"] == block["type"]


@pytest.mark.parametrize("block", ON_HOME_TABS, ids=name_of)
def test_every_documented_block_is_taken_on_home_tabs(block: Json) -> None:
    [taken] = read_view({"type": "home", "blocks": [block]}, ("home",))["blocks"]
    assert taken["type"] == block["type"]


@pytest.mark.parametrize("kind", CITED)
def test_every_documented_source_can_be_cited(kind: str) -> None:
    details = {"citation_type": kind, **CITED[kind]}
    citation = {"type": "citation", **documented.INLINE["citation"], "details": details}
    rich = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [citation]}]}
    [taken] = read_blocks([rich]) or []
    assert taken["elements"] == rich["elements"]


def test_the_documents_have_all_that_is_known() -> None:
    assert {block["type"] for block in ON_MESSAGES} == MESSAGE_BLOCK.kinds.keys()
    assert {block["type"] for block in ON_MODALS} == MODAL_BLOCK.kinds.keys()
    assert {block["type"] for block in ON_HOME_TABS} == HOME_BLOCK.kinds.keys()
    assert {element["type"] for element in [*ACCESSORIES, documented.IMAGE]} == ACCESSORY.kinds.keys()
    assert {element["type"] for element in IN_ACTIONS} == ACTION.kinds.keys()
    assert {element["type"] for element in IN_INPUTS} == INPUT.kinds.keys()
    assert {element["type"] for element in INLINES} == INLINE.kinds.keys()


def refused(blocks: Json) -> list[str]:
    with pytest.raises(Refusal) as caught:
        read_blocks(blocks)
    errors: list[str] = caught.value.details["errors"]
    return errors


def test_files_are_put_into_modals_alone() -> None:
    block = input_block({"type": "file_input"})
    assert refused([block]) == ["unsupported type: file_input [json-pointer:/blocks/0/element/type]"]
    with pytest.raises(Refusal, match="invalid_arguments"):
        read_view({"type": "home", "blocks": [block]}, ("home",))


def test_a_layout_holds_no_markdown_and_no_third_level() -> None:
    place = "/blocks/0/rows/0/items/0/block"
    markdown = layout({"type": "markdown", "text": "x"})
    assert refused([markdown]) == [f"unsupported type: markdown [json-pointer:{place}/type]"]
    deep = layout(layout(layout({"type": "divider"})))
    assert refused([deep]) == [
        f"unsupported type: layout [json-pointer:{place}/rows/0/items/0/block/type]",
    ]


def test_a_message_is_refused_for_a_source_of_no_kind() -> None:
    citation = {"type": "citation", **documented.INLINE["citation"], "details": {"citation_type": "rumour"}}
    rich = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [citation]}]}
    place = "/blocks/0/elements/0/elements/0/details/citation_type"
    assert refused([rich]) == [f"unsupported type: rumour [json-pointer:{place}]"]


def test_what_a_layout_holds_gets_ids_and_an_empty_fallback() -> None:
    block: Json = {
        "type": "layout",
        "label": "L",
        "rows": [{"items": [{"block": {"type": "actions", "elements": [documented.BUTTON]}}]}],
    }
    [taken] = read_blocks([block]) or []
    assert taken["fallback"] == []
    assert taken["rows"][0]["items"][0]["block"]["block_id"]
    held = {"type": "divider", "block_id": "twice"}
    twice = layout(held, held)
    assert refused([twice]) == [
        '`block_id` "twice" already exists [json-pointer:/blocks/0/rows/1/items/0/block/block_id]'
    ]


def test_a_button_in_a_data_table_gets_an_id() -> None:
    cell = {"type": "action_cell", "element": {"type": "button", "text": plain("Go")}}
    head = {"type": "raw_text", "text": "h"}
    [taken] = read_blocks([{"type": "data_table", "caption": "c", "rows": [[head], [cell]]}]) or []
    assert taken["rows"][1][0]["element"]["action_id"]


def test_the_tasks_of_a_plan_need_not_say_that_they_are_task_cards() -> None:
    tasks = [{"task_id": "call_1", "title": "Fetching", "status": "in_progress"}]
    blocks = read_blocks([{"type": "plan", "title": "Thinking", "tasks": tasks}])
    assert blocks is not None
    assert blocks[0]["tasks"][0]["title"] == "Fetching"
