"""Walks through blocks that are in order: their blocks within blocks, and the elements that people use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Json = Any
Block = Mapping[str, Json]

_HOLDERS: Mapping[str, str] = {"container": "child_blocks", "carousel": "elements"}
_ELEMENT_LISTS: Mapping[str, str] = {"actions": "elements", "context_actions": "elements", "card": "actions"}
_ELEMENTS: Mapping[str, str] = {"section": "accessory", "input": "element", "auth_provider": "accessory"}
_UNUSED = frozenset({"image", "url"})


def every_block(blocks: Sequence[Block], pointer: str = "") -> Iterator[tuple[Block, str]]:
    """Yield every block with its pointer, those within containers, carousels and layouts too.

    What only old clients show in a block's place (``fallback``) is left out.
    """
    for index, block in enumerate(blocks):
        yield from _with_held(block, f"{pointer}/{index}")


def _with_held(block: Block, here: str) -> Iterator[tuple[Block, str]]:
    yield block, here
    if held := _HOLDERS.get(block["type"]):
        yield from every_block(block[held], f"{here}/{held}")
    elif block["type"] == "layout":
        for row, line in enumerate(block["rows"]):
            for index, item in enumerate(line["items"]):
                yield from _with_held(item["block"], f"{here}/rows/{row}/items/{index}/block")


def elements_of(block: Block, pointer: str = "") -> Iterator[tuple[Block, str]]:
    """Yield the interactive elements of a block with their pointers."""
    kind = block["type"]
    if name := _ELEMENTS.get(kind):
        if name in block and block[name]["type"] not in _UNUSED:
            yield block[name], f"{pointer}/{name}"
    elif name := _ELEMENT_LISTS.get(kind):
        for index, element in enumerate(block.get(name, ())):
            yield element, f"{pointer}/{name}/{index}"
    elif kind == "data_table":
        for row, cells in enumerate(block["rows"]):
            for column, cell in enumerate(cells):
                if cell["type"] == "action_cell":
                    yield cell["element"], f"{pointer}/rows/{row}/{column}/element"


def interactives(blocks: Sequence[Block]) -> Iterator[tuple[Block, Block]]:
    """Yield each interactive element together with its block, in order."""
    for block, _ in every_block(blocks):
        for element, _ in elements_of(block):
            yield block, element
