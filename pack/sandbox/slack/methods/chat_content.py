"""What a call says: text, blocks, attachments and metadata, read and checked as Slack does."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from pack.sandbox.slack.calls.api import Api, Arguments, Json
from pack.sandbox.slack.kit.attachments import read_attachments
from pack.sandbox.slack.kit.block_text import to_text
from pack.sandbox.slack.kit.blocks import read_blocks
from pack.sandbox.slack.kit.naming import block_id
from pack.sandbox.slack.kit.rich_text import from_text
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.names import find_names
from pack.sandbox.slack.world.wording import Wording, rewrite
from pack.sandbox.slack.world.world import World

TEXT_KEPT = 40_000
MARKDOWN_TEXT = 12_000
_METADATA_BYTES = 16_384
# What was measured of the limit over all blocks of a message: github.com/slackapi/bolt-js issues 2509, 2867.
_BLOCKS_WEIGHT = 13_420
_BLOCK_WEIGHT = 60
_EVENT_TYPE = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")
_ENTITY = frozenset({"entity_type", "entity_payload", "external_ref", "url"})
_TRUNCATED = f"[WARN] The text was cut off after {TEXT_KEPT:,} characters, and the message posted."


@dataclass(frozen=True, slots=True)
class Content:
    """What a message is to say, checked; ``fields`` holds its blocks and attachments."""

    text: str
    fields: dict[str, Json]
    metadata: dict[str, Json] | None
    truncated: bool = False

    def warn(self, answer: dict[str, Json]) -> dict[str, Json]:
        """Return the answer, with Slack's warning when the text was cut off."""
        if self.truncated:
            answer["warning"] = "message_truncated"
            answer["response_metadata"] = {"messages": [_TRUNCATED]}
        return answer


def read_content(api: Api, arguments: Arguments, *, people: bool = False) -> Content:
    """Return what the arguments of a posting method say.

    ``people``: whether ``link_names`` finds users too, as the older methods' does.

    Raises:
        Refusal: ``no_text``, ``markdown_text_conflict``, ``msg_too_long``, ``invalid_blocks``,
            ``invalid_blocks_format``, ``msg_blocks_too_long``, ``too_many_attachments``,
            ``invalid_attachments``, ``invalid_metadata_format``, ``invalid_metadata_schema``,
            ``metadata_too_large``.
    """
    text, markdown = read_text(arguments), read_markdown(arguments)
    fields: dict[str, Json] = {}
    blocks = read_blocks(arguments.get("blocks"), api.shows_file) or []
    attachments = read_attachments(arguments.get("attachments"), api.shows_file)
    if not (text or markdown).strip() and not blocks and not attachments:
        raise Refusal("no_text")
    written = markdown or rewrite(text[:TEXT_KEPT], wording(api.world, arguments, people=people))
    if blocks and not written.strip():
        written = to_text(blocks)[:TEXT_KEPT]
    blocks = blocks or default_blocks(written, markdown=bool(markdown), plain=is_plain(arguments))
    if blocks:
        fields["blocks"] = blocks
    if attachments:
        fields["attachments"] = attachments
    metadata = read_metadata(arguments.get("metadata"))
    return Content(written, fields, metadata or None, len(text) > TEXT_KEPT)


def read_text(arguments: Arguments) -> str:
    """Return the argument ``text``."""
    return str(arguments.get("text") or "")


def read_markdown(arguments: Arguments) -> str:
    """Return the argument ``markdown_text``, which excludes text and blocks.

    Raises:
        Refusal: ``markdown_text_conflict``, ``msg_too_long``.
    """
    markdown = str(arguments.get("markdown_text") or "")
    if markdown and (arguments.get("text") or arguments.get("blocks") not in (None, "", "[]", [])):
        raise Refusal("markdown_text_conflict")
    if len(markdown) > MARKDOWN_TEXT:
        raise Refusal("msg_too_long")
    return markdown


def default_blocks(text: str, *, markdown: bool = False, plain: bool = False) -> list[dict[str, Json]]:
    """Return the blocks of a message that has none: made of its text, ``plain`` without reading markup."""
    if not text.strip():
        return []
    if markdown:
        return [{"type": "markdown", "block_id": block_id(text), "text": text}]
    if plain:
        section = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
        return [{"type": "rich_text", "block_id": block_id(text), "elements": [section]}]
    return from_text(text, lists=False)


def is_plain(arguments: Arguments) -> bool:
    """Say whether the text is to be shown as it is: ``mrkdwn`` false, or ``parse`` full."""
    return arguments.get("mrkdwn") is False or arguments.get("parse") == "full"


def refuse_long_blocks(blocks: list[dict[str, Json]]) -> None:
    """Refuse blocks whose texts are too long together.

    Raises:
        Refusal: ``msg_blocks_too_long``.
    """
    if sum(map(len, _texts(blocks))) + _BLOCK_WEIGHT * len(blocks) > _BLOCKS_WEIGHT:
        raise Refusal("msg_blocks_too_long")


def read_metadata(value: Json) -> dict[str, Json] | None:
    """Return a message's metadata, ``{}`` for an empty object, None when there is none.

    Raises:
        Refusal: ``invalid_metadata_format``, ``invalid_metadata_schema``, ``metadata_too_large``.
    """
    if value is None or value == "":
        return None
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError) as error:
            raise Refusal("invalid_metadata_format") from error
    if not isinstance(value, dict):
        raise Refusal("invalid_metadata_format")
    if not value:
        return {}
    if "entities" in value and "event_type" not in value:
        return _read_entities(value)
    kind, payload = value.get("event_type"), value.get("event_payload")
    if not isinstance(kind, str) or not isinstance(payload, dict):
        raise Refusal("invalid_metadata_format")
    if not _EVENT_TYPE.match(kind):
        raise Refusal("invalid_metadata_schema")
    _refuse_large_metadata(payload)
    return {"event_type": kind, "event_payload": payload}


def _read_entities(metadata: dict[str, Json]) -> dict[str, Json]:
    """Return the metadata of work objects."""
    entities = metadata["entities"]
    if not isinstance(entities, list):
        raise Refusal("invalid_metadata_format")
    if not all(isinstance(entity, dict) and entity.keys() >= _ENTITY for entity in entities):
        raise Refusal("invalid_metadata_schema")
    _refuse_large_metadata(entities)
    return {"entities": entities}


def _refuse_large_metadata(content: Json) -> None:
    if len(json.dumps(content)) > _METADATA_BYTES:
        raise Refusal("metadata_too_large")


def wording(world: World, arguments: Arguments, *, people: bool = False) -> Wording:
    """Return how ``parse`` and ``link_names`` say that the text is to be read."""
    parse = str(arguments.get("parse") or "").lower()
    full = parse == "full"
    linking = full or arguments.get("link_names") in (True, "true", "1", 1)
    groups = world.usergroups.all() if linking else ()
    lookup = find_names(world.workspace, groups, people=people or full) if linking else None
    return Wording(markup=not full, urls=parse != "none", mention=lookup)


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            if name == "text" and isinstance(item, str):
                yield item
            else:
                yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
