"""The shapes of rich text: sections, lists, quotes, preformatted text and what stands in them.

Fields: docs.slack.dev/reference/block-kit/blocks/rich-text-block.
"""

from __future__ import annotations

from pack.sandbox.slack.kit.composition import TYPE
from pack.sandbox.slack.kit.shapes import Anything, Choice, Flag, Kinds, Many, Number, Pattern, Record, Words

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
_STYLED = {"style": _STYLE}

_TEXT = Record({"type": TYPE, "text": Words(least=1)}, _STYLED)
_LINK = Record({"type": TYPE, "url": Words(least=1)}, {"text": Words(), "unsafe": Flag(), **_STYLED})

INLINE = Kinds(
    {
        "text": _TEXT,
        "link": _LINK,
        "broadcast": Record({"type": TYPE, "range": Choice(("here", "channel", "everyone"))}, _STYLED),
        "channel": Record({"type": TYPE, "channel_id": Words(least=1)}, _STYLED),
        "user": Record({"type": TYPE, "user_id": Words(least=1)}, _STYLED),
        "usergroup": Record({"type": TYPE, "usergroup_id": Words(least=1)}, _STYLED),
        "team": Record({"type": TYPE, "team_id": Words(least=1)}, _STYLED),
        "color": Record({"type": TYPE, "value": Pattern("^#?[0-9a-fA-F]{6}$")}, _STYLED),
        "date": Record(
            {"type": TYPE, "timestamp": Number(), "format": Words(least=1)},
            {"url": Words(), "fallback": Words(), **_STYLED},
        ),
        "emoji": Record(
            {"type": TYPE, "name": Words(least=1)},
            {
                "unicode": Words(),
                "skin_tone": Number(1, 6),
                "url": Words(),
                "display_name": Words(),
                "display_team_id": Words(),
                "display_url": Words(),
                **_STYLED,
            },
        ),
        "message_mention": Record({"type": TYPE}, {"message_id": Anything(), **_STYLED}),
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
