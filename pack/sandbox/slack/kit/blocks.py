"""Blocks of messages: read, checked by Slack's rules, and given the ids that they lack."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from pack.sandbox.slack.kit.catalogue import MESSAGE_BLOCKS
from pack.sandbox.slack.kit.finishing import finish
from pack.sandbox.slack.kit.pictures import ShowsFile, unknown_files
from pack.sandbox.slack.kit.rules import check_message, repeated_ids, unknown_initial_options
from pack.sandbox.slack.kit.shapes import Fault
from pack.sandbox.slack.refusal import Refusal

Json = Any


def read_blocks(value: Json, shows: ShowsFile) -> list[dict[str, Json]] | None:
    """Return the blocks of a message as Slack gives them back, None when there are none.

    ``shows``: which uploaded files their author can show.

    Raises:
        Refusal: ``invalid_blocks_format`` for text that is no JSON; ``invalid_blocks`` with what is wrong in
            ``errors`` and in ``response_metadata.messages`` (with ``[ERROR]`` before each), as Slack answers
            (slackapi/bolt-python#1016); what :func:`check_message` raises.
    """
    blocks = parse(value, "invalid_blocks_format")
    if blocks is None or blocks == []:
        return None
    faults = message_faults(blocks, "/blocks", shows)
    if faults:
        raise refusal("invalid_blocks", faults)
    check_message(blocks)
    return finish(blocks, seed=json.dumps(blocks), escaped=True)


def message_faults(blocks: Json, pointer: str, shows: ShowsFile) -> list[Fault]:
    """Return what is wrong with a message's blocks: each by itself first, then between them, then files."""
    faults = list(MESSAGE_BLOCKS.faults(blocks, pointer))
    if not faults:
        faults = [*repeated_ids(blocks, pointer), *unknown_initial_options(blocks, pointer)]
    return faults or list(unknown_files(blocks, pointer, shows))


def parse(value: Json, code: str) -> Json:
    """Return what a text says in JSON, and what is no text as it is; None for an empty text.

    Raises:
        Refusal: a code, for text that is no JSON.
    """
    if not isinstance(value, str):
        return value
    if not value.strip():
        return None
    try:
        return json.loads(value)
    except (ValueError, RecursionError) as error:
        raise Refusal(code) from error


def refusal(code: str, faults: Iterable[Fault]) -> Refusal:
    """Return Slack's refusal of blocks: each fault as it is, and once more among the messages."""
    errors = [str(fault) for fault in faults]
    return Refusal(code, messages=[f"[ERROR] {error}" for error in errors], errors=errors)
