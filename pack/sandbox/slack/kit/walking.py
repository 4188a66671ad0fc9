"""Walks through blocks that are in order: their blocks within blocks, and the elements that people use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Json = Any
Block = Mapping[str, Json]

_HOLDERS: Mapping[str, str] = {"container": "child_blocks", "carousel": "elements"}
_ELEMENT_LISTS: Mapping[str, str] = {"actions": "elements", "context_actions": "elements", "card": "actions"}
_ELEMENTS: Mapping[str, str] = {"section": "accessory", "input": "element"}
_UNUSED = frozenset({"image", "url"})


def every_block(blocks: Sequence[Block], pointer: str = "") -> Iterator[tuple[Block, str]]:
    """Yield every block with its pointer, those within containers and carousels too."""
    for index, block in enumerate(blocks):
        here = f"{pointer}/{index}"
        yield block, here
        if held := _HOLDERS.get(block["type"]):
            yield from every_block(block[held], f"{here}/{held}")


def elements_of(block: Block, pointer: str = "") -> Iterator[tuple[Block, str]]:
    """Yield the interactive elements of a block with their pointers."""
    kind = block["type"]
    if name := _ELEMENTS.get(kind):
        if name in block and block[name]["type"] not in _UNUSED:
            yield block[name], f"{pointer}/{name}"
    elif name := _ELEMENT_LISTS.get(kind):
        for index, element in enumerate(block.get(name, ())):
            yield element, f"{pointer}/{name}/{index}"


def interactives(blocks: Sequence[Block]) -> Iterator[tuple[Block, Block]]:
    """Yield each interactive element together with its block, in order."""
    for block, _ in every_block(blocks):
        for element, _ in elements_of(block):
            yield block, element
