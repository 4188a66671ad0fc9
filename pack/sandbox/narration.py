"""What happens in the sandbox, as a few readable lines each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rich.color import ColorParseError
from rich.padding import Padding
from rich.style import Style
from rich.table import Table
from rich.text import Text
from rich.theme import Theme

from pack.sandbox.mrkdwn import printable, render
from pack.sandbox.painted_blocks import objects, paint_block
from pack.sandbox.slack import Refusal, Workspace

Json = Any

THEME = Theme(
    {
        "time": "dim",
        "channel": "cyan",
        "person": "bold green",
        "bot": "bold magenta",
        "engine": "dim",
        "flow": "blue",
        "done": "green",
        "failed": "bold red",
        "mark": "dim",
        "code": "yellow",
        "hint": "dim",
        "key": "bold",
    }
)
"""The styles by which the lines are painted."""

_WHERE_WIDTH = 15
_WHO_WIDTH = 8
_NARROW = 60
_MOST_LINES = 20
_JOINS = {"channel_join", "channel_leave"}
_HEARD = {"message", "reaction_added", "reaction_removed"}


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened: who did it and where (of fixed width), and what, in one line or several."""

    head: Text
    what: Text

    def as_text(self) -> Text:
        """Return it with the further lines indented, and none wrapped."""
        return Text.assemble(self.head, Text("\n" + " " * len(self.head)).join(self.lines()))

    def as_grid(self, width: int) -> Table:
        """Return it for a terminal: long lines are wrapped beside the head, or below when it is narrow."""
        grid = Table.grid()
        what = Text("\n").join(self.lines())
        if width < _NARROW:
            grid.add_column(overflow="fold")
            grid.add_row(Text(" ").join(part for part in self.head.split(" ") if part.plain))
            grid.add_row(Padding(what, (0, 0, 0, 2)))
            return grid
        grid.add_column(no_wrap=True)
        grid.add_column(overflow="fold")
        grid.add_row(self.head, what)
        return grid

    def lines(self) -> list[Text]:
        """Return what happened line by line, cut when there are too many."""
        lines = list(self.what.split("\n", allow_blank=True))
        if len(lines) <= _MOST_LINES:
            return lines
        return [*lines[:_MOST_LINES], Text(f"… {len(lines) - _MOST_LINES} more lines", "hint")]


def happening(where: tuple[str, str], who: tuple[str, str], what: Text) -> Happening:
    """Return a happening; ``where`` and ``who`` are a text and its style."""
    head = Text.assemble(
        (f"{_short(where[0], _WHERE_WIDTH):{_WHERE_WIDTH}} ", where[1]),
        (f"{_short(who[0], _WHO_WIDTH):{_WHO_WIDTH}} ", who[1]),
    )
    return Happening(head, what)


def place_of(kind: str, name: str) -> str:
    """Return what a conversation of this kind (``im``, ``channel``…) and name is called in the terminal."""
    if kind == "im":
        return "direct message"
    return f"#{name}" if name else ""


_HEX_COLOR = re.compile(r"[0-9a-fA-F]{6}\Z")
"""Slack gives the colours of attachments back without the ``#``."""


class Narrator:
    """Tells what happens in the workspace, from the lines of its feed."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def tell(self, line: Mapping[str, Json]) -> Happening | None:
        """Return a line of the feed for people; None: it is nothing to show."""
        what = self._what(line)
        if what is None:
            return None
        user = self._workspace.users.get(line.get("user") or "")
        bot = bool(line.get("bot"))
        who = str(line.get("userName") or (user.name if user else "") or "")
        return happening((self._where(line), "channel"), (who, "bot" if bot else "person"), what)

    def unheard(self, line: Mapping[str, Json]) -> Text | None:
        """Return a remark on what a person said or did where the bot is not; None: the bot is there."""
        channel = self._workspace.channels.get(line["channel"])
        said = line["kind"] in _HEARD and line.get("subtype") not in _JOINS and not line.get("bot")
        if not said or channel is None or self._workspace.app.bot_user_id in channel.members:
            return None
        return Text(f"the bot is not in {self._where(line)} and does not hear this", "hint")

    def _what(self, line: Mapping[str, Json]) -> Text | None:
        kind = line["kind"]
        if kind == "message":
            return self._message(line)
        if kind == "ephemeral":
            only = (f"only {printable(line['seenByName'])} sees: ", "hint")
            return Text.assemble(only, self._body(line))
        if kind == "message_changed":
            return Text.assemble(("edited: ", "hint"), self._body(line))
        if kind == "message_deleted":
            return Text("deleted a message", "hint")
        if kind in ("reaction_added", "reaction_removed"):
            verb = "reacted with" if kind == "reaction_added" else "took back"
            return Text.assemble((f"{verb} ", "hint"), f":{line['reaction']}:", self._to(line))
        if kind.startswith("member_") or kind.endswith("_left"):
            verb = "joined" if kind == "member_joined_channel" else "is out"
            return Text(f"{verb} {self._where(line)}", "hint")
        if kind.endswith(("_archive", "_unarchive")):
            return Text(f"the channel was {kind.partition('_')[2]}d", "hint")
        if kind.endswith(("_created", "_rename")):
            verb = "created" if kind.endswith("_created") else "renamed"
            return Text(f"the channel was {verb}", "hint")
        return self._seen(line)

    def _seen(self, line: Mapping[str, Json]) -> Text | None:
        """Return what came before one person alone."""
        kind = line["kind"]
        if kind == "view":
            return Text.assemble(("the modal ", "hint"), _title(line), (f" was {line['change']}", "hint"))
        if kind == "home":
            return Text(f"the home tab was {line['change']}", "hint")
        if kind == "errors":
            faults = (f"{name}: {text}" for name, text in line["errors"].items())
            return Text(printable(f"the form was not taken: {'; '.join(faults)}"), "failed")
        return Text(printable(line["text"]), "failed") if kind == "error" else None

    def _message(self, line: Mapping[str, Json]) -> Text | None:
        subtype = line.get("subtype")
        if subtype in _JOINS:
            return None
        text = self._body(line)
        if line.get("threadTs"):
            return Text.assemble(("↳ in thread ", "hint"), self._quote(line["threadTs"], line), "\n", text)
        return text

    def _body(self, line: Mapping[str, Json]) -> Text:
        """Return what a message says: its blocks, if it has others than those of its text, and what else."""
        blocks = objects(line.get("blocks"))
        if all(block.get("type") == "rich_text" for block in blocks) and line["text"]:
            parts = [render(line["text"], self.name_of)]
        else:
            parts = [paint_block(block, self.name_of) for block in blocks]
            parts = parts or [render(line["text"], self.name_of)]
        parts += [self._attachment(one) for one in objects(line.get("attachments"))]
        names = [printable(str(file.get("name"))) for file in objects(line.get("files"))]
        parts += [Text(f"[file {name}]", "hint") for name in names]
        return Text("\n").join(part for part in parts if part.plain)

    def _find(self, line: Mapping[str, Json]) -> Mapping[str, Json]:
        try:
            return self._workspace.message(line["channel"], line["ts"]).as_json()
        except Refusal:
            return {}

    def _to(self, line: Mapping[str, Json]) -> Text:
        quoted = self._quote(line["ts"], line)
        return Text.assemble((" to ", "hint"), quoted) if quoted.plain else Text()

    def _quote(self, ts: str, line: Mapping[str, Json]) -> Text:
        message = self._find({"channel": line["channel"], "ts": ts})
        first = render(str(message.get("text") or ""), self.name_of).plain.partition("\n")[0]
        return Text(f"“{_short(first, 40)}”" if first else "", "hint")

    def _attachment(self, attachment: Mapping[str, Json]) -> Text:
        color = str(attachment.get("color") or "")
        bar = bar_of(color)
        title = Text(printable(str(attachment.get("title") or "")), "bold")
        body = render(str(attachment.get("text") or ""), self.name_of)
        pairs = Text("   ").join(
            Text.assemble((f"{field.get('title', '')} ", "hint"), printable(str(field.get("value", ""))))
            for field in objects(attachment.get("fields"))
        )
        buttons = Text(" ").join(
            Text(f"[{action.get('text', '')}]", "key") for action in objects(attachment.get("actions"))
        )
        blocks = [paint_block(block, self.name_of) for block in objects(attachment.get("blocks"))]
        rows = [title, body, *blocks, pairs, buttons]
        lines = [line for row in rows if row.plain for line in row.split("\n")]
        return Text("\n").join(Text.assemble(bar, line) for line in lines)

    def _where(self, line: Mapping[str, Json]) -> str:
        return place_of(str(line.get("channelType") or ""), str(line.get("channelName") or ""))

    def name_of(self, identifier: str) -> str:
        """Return the name of a user or channel, or the ID when there is none."""
        user = self._workspace.users.get(identifier)
        channel = self._workspace.channels.get(identifier)
        return user.name if user else channel.name if channel else identifier


def bar_of(color: str) -> Text:
    """Return the coloured bar at the left of an attachment."""
    known = {"good": "green", "warning": "yellow", "danger": "red"}
    written = f"#{color}" if _HEX_COLOR.match(color) else known.get(color, color)
    try:
        return Text("▌ ", Style(color=written) if color else "mark")
    except ColorParseError:
        return Text("▌ ", "mark")


def _title(line: Mapping[str, Json]) -> Text:
    return Text(f"“{printable(line['title'])}”", "key")


def _short(text: str, width: int) -> str:
    text = printable(text).replace("\n", " ")
    return text if len(text) <= width else text[: width - 1] + "…"
