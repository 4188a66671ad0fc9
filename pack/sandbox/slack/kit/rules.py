"""Rules that hold between the blocks of a document: ids that are unique, and what there may be once.

Slack looks at them when every block by itself is in order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pack.sandbox.slack.kit.catalogue import MOST_MARKDOWN
from pack.sandbox.slack.kit.shapes import Fault, Json
from pack.sandbox.slack.kit.walking import elements_of, every_block
from pack.sandbox.slack.refusal import Refusal

_TABLES = frozenset({"table", "data_table"})
_MOST_CHARTS = 2


def repeated_ids(blocks: Sequence[Mapping[str, Json]], pointer: str) -> Iterator[Fault]:
    """Yield the ids that are there twice: ``block_id`` in the document, ``action_id`` within a block.

    An empty ``block_id`` is an id too (slack-go/slack#823). The rows of a data table may have the same button
    (slack-go v0.35.0, its test of round trips). The wording of action ids is from real answers
    of chat.postMessage; that of block ids is formed after it.
    """
    block_ids: set[str] = set()
    for block, here in every_block(blocks, pointer):
        if "block_id" in block:
            yield from _repeated("block_id", block, here, block_ids)
        if block["type"] == "data_table":
            continue
        action_ids: set[str] = set()
        for element, place in elements_of(block, here):
            if "action_id" in element:
                yield from _repeated("action_id", element, place, action_ids)


def _repeated(name: str, holder: Mapping[str, Json], pointer: str, seen: set[str]) -> Iterator[Fault]:
    if holder[name] in seen:
        yield Fault(f'`{name}` "{holder[name]}" already exists', f"{pointer}/{name}")
    seen.add(holder[name])


def unknown_initial_options(blocks: Sequence[Mapping[str, Json]], pointer: str) -> Iterator[Fault]:
    """Yield initial options that are none of the element's options."""
    for block, here in every_block(blocks, pointer):
        for element, place in elements_of(block, here):
            options = options_of(element)
            if options is None:
                continue
            values = {option["value"] for option in options}
            if "initial_option" in element and element["initial_option"]["value"] not in values:
                yield Fault("must be one of the `options`", f"{place}/initial_option")
            for index, option in enumerate(element.get("initial_options", ())):
                if option["value"] not in values:
                    yield Fault("must be one of the `options`", f"{place}/initial_options/{index}")


def options_of(element: Mapping[str, Json]) -> list[Mapping[str, Json]] | None:
    """Return the options that an element offers, None when they come from elsewhere."""
    if "options" in element:
        return list(element["options"])
    if "option_groups" in element:
        return [option for group in element["option_groups"] for option in group["options"]]
    return None


def check_message(blocks: Sequence[Mapping[str, Json]]) -> None:
    """Check what a message may have once, or only so much of.

    Raises:
        Refusal: ``invalid_attachments`` for a second table, which is Slack's own odd code for it (the
            message ``only_one_table_allowed`` is in its docs for the table block); ``msg_blocks_too_long``
            for more markdown than allowed; ``invalid_blocks`` for a third chart.
    """
    kinds = [block["type"] for block, _ in every_block(blocks)]
    if sum(kind in _TABLES for kind in kinds) > 1:
        reason = "only_one_table_allowed"
        raise Refusal("invalid_attachments", messages=[f"[ERROR] {reason}"], errors=[reason])
    if sum(len(block["text"]) for block in blocks if block["type"] == "markdown") > MOST_MARKDOWN:
        raise Refusal("msg_blocks_too_long")
    if kinds.count("data_visualization") > _MOST_CHARTS:
        reason = str(Fault(f"no more than {_MOST_CHARTS} data_visualization blocks allowed", "/blocks"))
        raise Refusal("invalid_blocks", messages=[f"[ERROR] {reason}"], errors=[reason])
