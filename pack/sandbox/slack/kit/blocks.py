"""Checks of Block Kit documents: the faults that Slack answers with ``invalid_blocks``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pack.sandbox.slack.refusal import Refusal

Json = Any

MOST_BLOCKS = 50
_BLOCK_ID = 255
_SECTION_TEXT = 3_000
_FIELD_TEXT = 2_000
_MOST_FIELDS = 10
_HEADER_TEXT = 150
_MOST_ACTIONS = 25
_MOST_CONTEXT = 10
_MARKDOWN_TEXT = 12_000
_IMAGE_URL = 3_000

# What a block of each type cannot be without; types that are not here do not exist in messages.
_NEEDED: Mapping[str, tuple[str, ...]] = {
    "actions": ("elements",),
    "call": ("call_id",),
    "card": (),
    "carousel": ("elements",),
    "context": ("elements",),
    "context_actions": ("elements",),
    "divider": (),
    "file": ("external_id", "source"),
    "header": ("text",),
    "image": ("alt_text",),
    "input": ("label", "element"),
    "markdown": ("text",),
    "plan": ("title",),
    "rich_text": ("elements",),
    "section": (),
    "table": ("rows",),
    "task_card": ("task_id", "title"),
    "video": ("alt_text", "title", "thumbnail_url", "video_url"),
}
_MOST_ELEMENTS = {"actions": _MOST_ACTIONS, "context": _MOST_CONTEXT, "context_actions": 5}


def read_blocks(value: Json) -> list[dict[str, Json]] | None:
    """Return the blocks of a message, None when there are none.

    Raises:
        Refusal: ``invalid_blocks_format`` for text that is no JSON, ``invalid_blocks`` with JSON pointers.
    """
    if isinstance(value, str):
        if not value.strip():
            return None
        try:
            value = json.loads(value)
        except (ValueError, RecursionError) as error:
            raise Refusal("invalid_blocks_format") from error
    if value is None or value == []:
        return None
    faults = [f"[ERROR] {fault} [json-pointer:{pointer}]" for fault, pointer in _faults(value)]
    if faults:
        raise Refusal("invalid_blocks", messages=faults)
    return [dict(block) for block in value]


def _faults(blocks: Json) -> Iterator[tuple[str, str]]:
    if not isinstance(blocks, list):
        yield "must provide an array", "/blocks"
        return
    if len(blocks) > MOST_BLOCKS:
        yield f"no more than {MOST_BLOCKS} items allowed", "/blocks"
        return
    for index, block in enumerate(blocks):
        yield from _block_faults(block, f"/blocks/{index}")


def _block_faults(block: Json, pointer: str) -> Iterator[tuple[str, str]]:
    if not isinstance(block, dict):
        yield "must provide an object", pointer
        return
    kind = block.get("type")
    if kind is None:
        yield "missing required field: type", pointer
        return
    if not isinstance(kind, str) or kind not in _NEEDED:
        yield f"unsupported type: {kind}", f"{pointer}/type"
        return
    for name in _NEEDED[kind]:
        if block.get(name) is None:
            yield f"missing required field: {name}", pointer
    yield from _length_faults(block.get("block_id", ""), _BLOCK_ID, f"{pointer}/block_id")
    yield from _content_faults(kind, block, pointer)


def _content_faults(kind: str, block: Mapping[str, Json], pointer: str) -> Iterator[tuple[str, str]]:
    if kind == "section":
        yield from _section_faults(block, pointer)
    elif kind == "header" and "text" in block:
        yield from _text_faults(block["text"], _HEADER_TEXT, f"{pointer}/text", ("plain_text",))
    elif kind == "markdown" and "text" in block:
        yield from _length_faults(block["text"], _MARKDOWN_TEXT, f"{pointer}/text")
    elif kind == "image":
        if block.get("image_url") is None and block.get("slack_file") is None:
            yield "missing required field: image_url", pointer
        yield from _length_faults(block.get("image_url", ""), _IMAGE_URL, f"{pointer}/image_url")
    elif "elements" in block:
        yield from _element_faults(block["elements"], _MOST_ELEMENTS.get(kind), f"{pointer}/elements")


def _section_faults(block: Mapping[str, Json], pointer: str) -> Iterator[tuple[str, str]]:
    text, fields = block.get("text"), block.get("fields")
    if text is None and fields is None:
        yield "missing required field: text", pointer
    if text is not None:
        yield from _text_faults(text, _SECTION_TEXT, f"{pointer}/text")
    if fields is None:
        return
    if not isinstance(fields, list):
        yield "must provide an array", f"{pointer}/fields"
        return
    if len(fields) > _MOST_FIELDS:
        yield f"no more than {_MOST_FIELDS} items allowed", f"{pointer}/fields"
    for index, item in enumerate(fields):
        yield from _text_faults(item, _FIELD_TEXT, f"{pointer}/fields/{index}")


def _text_faults(
    text: Json, longest: int, pointer: str, kinds: tuple[str, ...] = ("plain_text", "mrkdwn")
) -> Iterator[tuple[str, str]]:
    if not isinstance(text, dict):
        yield "must provide an object", pointer
        return
    if text.get("type") not in kinds:
        yield f"unsupported type: {text.get('type')}", f"{pointer}/type"
    if text.get("text") is None:
        yield "missing required field: text", pointer
        return
    if text["text"] == "":
        yield "must be more than 0 characters", f"{pointer}/text"
    yield from _length_faults(text["text"], longest, f"{pointer}/text")


def _length_faults(text: Json, longest: int, pointer: str) -> Iterator[tuple[str, str]]:
    if not isinstance(text, str):
        yield "must provide a string", pointer
    elif len(text) > longest:
        yield f"must be less than {longest + 1} characters", pointer


def _element_faults(elements: Json, most: int | None, pointer: str) -> Iterator[tuple[str, str]]:
    if not isinstance(elements, list):
        yield "must provide an array", pointer
        return
    if not elements:
        yield "no fewer than 1 items allowed", pointer
    if most is not None and len(elements) > most:
        yield f"no more than {most} items allowed", pointer
    for index, element in enumerate(elements):
        if not isinstance(element, dict):
            yield "must provide an object", f"{pointer}/{index}"
        elif element.get("type") is None:
            yield "missing required field: type", f"{pointer}/{index}"
