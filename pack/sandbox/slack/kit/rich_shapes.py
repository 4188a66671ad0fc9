"""The shapes of rich text: sections, lists, quotes, preformatted text and what stands in them.

Fields: docs.slack.dev/reference/block-kit/blocks/rich-text-block, and the pages of its elements.
"""

from __future__ import annotations

from collections.abc import Mapping

from pack.sandbox.slack.kit.composition import TYPE
from pack.sandbox.slack.kit.shapes import (
    Choice,
    Flag,
    Kinds,
    Many,
    Number,
    Pattern,
    Record,
    Shape,
    Words,
)

_STYLE = Record(
    optional={
        name: Flag()
        for name in (
            "bold",
            "italic",
            "strike",
            "code",
            "underline",
            "highlight",
            "client_highlight",
            "unlink",
        )
    }
)
_SOME = Words(least=1)
_TAG_COLOR = Choice(("gray", "brown", "purple", "indigo", "blue", "green", "yellow", "orange", "red"))


def _inline(required: Mapping[str, Shape], optional: Mapping[str, Shape] | None = None) -> Record:
    return Record({"type": TYPE, **required}, {"style": _STYLE, **(optional or {})})


def _cited(required: Mapping[str, Shape], optional: Mapping[str, Shape] | None = None) -> Record:
    return Record({"citation_type": TYPE, **required}, optional or {})


_LABELLED: Mapping[str, Shape] = {"text": Words(), "url": Words()}
_PLACED: Mapping[str, Shape] = {"channel_id": Words(), "ts": Words()}
_PRODUCT: Mapping[str, Shape] = {
    "icon_url": Words(),
    "full_size_preview_enabled": Flag(),
    "product_name": Words(),
}

_TEXT = _inline({"text": _SOME})
_LINK = _inline(
    {"url": _SOME},
    {"text": Words(), "unsafe": Flag(), "from_llm": Flag(), "is_slack_url": Flag(), "truncated": Flag()},
)
_SOURCES = Kinds(
    {
        "file": _cited({"file_id": _SOME}, {"descriptor": Words()}),
        "external": _cited({"app_name": Words(), "app_icon_url": Words()}),
        "web": _cited({"display_name": Words()}, {"title": Words(), "snippet": Words()}),
        "message": _cited({"channel": _SOME, "message_ts": _SOME}),
        "memory": _cited({"memory_id": _SOME}),
    },
    key="citation_type",
)
"""What a citation cites."""

_REFERENCES: Mapping[str, Record] = {
    "attachment_mention": _inline(
        {"url": _SOME},
        {
            "text": Words(),
            "app_id": Words(),
            "entity_id": Words(),
            "icon_name": Words(),
            "reference_object_type": Words(),
            **_PRODUCT,
            **_PLACED,
        },
    ),
    "canvas": _inline(
        {"file_id": _SOME},
        {
            "label": Words(),
            "hide_title": Flag(),
            "section_id": Words(),
            "is_skill_invocation": Flag(),
            **_LABELLED,
        },
    ),
    "canvas_message_unfurl": _inline({"root_message_ts": _SOME, "root_message_channel": _SOME}),
    "canvas_user_mention": _inline({"user_id": _SOME}, {"thread_id": Words()}),
    "citation": _inline(
        {"url": _SOME, "text": Words(), "index": Number(whole=False), "details": _SOURCES},
        {"from_llm": Flag(), "is_slack_url": Flag()},
    ),
    "file": _inline({"file_id": _SOME}, {"is_skill_invocation": Flag(), **_LABELLED}),
    "list_record": _inline({"file_id": _SOME}, {"record_id": Words(), "view_id": Words(), **_LABELLED}),
    "message_mention": _inline(
        {"channel_id": _SOME, "message_ts": _SOME},
        {"author_id": Words(), "thread_ts": Words(), **_LABELLED},
    ),
    "salesforce_data_field": _inline(
        {"salesforce_record_id": _SOME},
        {
            "salesforce_field_label": Words(),
            "salesforce_field_api_name": Words(),
            "salesforce_include_field_label": Flag(),
            "has_withheld_salesforce_field_names": Flag(),
        },
    ),
    "tag": _inline({"text": _SOME}, {"color": _TAG_COLOR}),
    "work_object_mention": _inline(
        {"entity_id": _SOME, "app_id": _SOME, "text": Words(), "url": _SOME}, _PRODUCT
    ),
    "workflow_mention": _inline(
        {"workflow_id": _SOME, "function_trigger_id": _SOME, "text": Words()}, {"url": Words(), **_PLACED}
    ),
}
"""What refers to something in Slack or in an app; all of 2026."""

INLINE = Kinds(
    {
        **_REFERENCES,
        "text": _TEXT,
        "link": _LINK,
        "broadcast": _inline({"range": Choice(("here", "channel", "everyone"))}),
        "channel": _inline({"channel_id": _SOME}, {"tab_id": Words(), "from_llm": Flag()}),
        "user": _inline({"user_id": _SOME}, {"from_llm": Flag()}),
        "usergroup": _inline({"usergroup_id": _SOME}),
        "team": _inline({"team_id": _SOME}),
        "color": _inline({"value": Pattern("^#?[0-9a-fA-F]{6}$")}),
        "date": _inline(
            {"timestamp": Number(), "format": _SOME},
            {"url": Words(), "fallback": Words(), "timezone": Words()},
        ),
        "emoji": _inline(
            {"name": _SOME},
            {
                "unicode": Words(),
                "skin_tone": Number(1, 6),
                "url": Words(),
                "display_name": Words(),
                "display_team_id": Words(),
                "display_url": Words(),
            },
        ),
    }
)

_BORDER = {"border": Number(0, 1)}
"""What is more is refused (slackapi/deno-slack-sdk#488)."""

SECTION = Record({"type": Choice(("rich_text_section",)), "elements": Many(INLINE)})

RICH_TEXT_ELEMENT = Kinds(
    {
        "rich_text_section": SECTION,
        "rich_text_list": Record(
            {"type": TYPE, "elements": Many(SECTION), "style": Choice(("bullet", "ordered"))},
            {"indent": Number(0, 8), "offset": Number(0), **_BORDER},
        ),
        "rich_text_quote": Record({"type": TYPE, "elements": Many(INLINE)}, _BORDER),
        "rich_text_preformatted": Record(
            {"type": TYPE, "elements": Many(Kinds({"text": _TEXT, "link": _LINK}))},
            {"language": Words(), **_BORDER},
        ),
    }
)

RICH_TEXT = Record({"type": TYPE, "elements": Many(RICH_TEXT_ELEMENT)}, {"block_id": Words(255)})
"""A ``rich_text`` block, also within tables, task cards and rich text inputs."""
