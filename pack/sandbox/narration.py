"""What happens in the sandbox, as a few readable lines each."""

from __future__ import annotations

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
        if kind == "message_changed":
            return Text.assemble(("edited: ", "hint"), render(line["text"], self.name_of))
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
        return None

    def _message(self, line: Mapping[str, Json]) -> Text | None:
        subtype = line.get("subtype")
        if subtype in _JOINS:
            return None
        parts = [render(line["text"], self.name_of)] if line["text"] else []
        message = self._find(line)
        parts += [self._block(block) for block in line.get("blocks") or () if not line["text"]]
        parts += [self._attachment(one) for one in _objects(message.get("attachments"))]
        parts += [Text(f"[file {file.get('name', '')}]", "hint") for file in _objects(message.get("files"))]
        text = Text("\n").join(part for part in parts if part.plain)
        if line.get("threadTs"):
            return Text.assemble(("↳ in thread ", "hint"), self._quote(line["threadTs"], line), "\n", text)
        return text

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
        bar = _bar(color)
        title = Text(printable(str(attachment.get("title") or "")), "bold")
        body = render(str(attachment.get("text") or ""), self.name_of)
        pairs = Text("   ").join(
            Text.assemble((f"{field.get('title', '')} ", "hint"), printable(str(field.get("value", ""))))
            for field in _objects(attachment.get("fields"))
        )
        buttons = Text(" ").join(
            Text(f"[{action.get('text', '')}]", "key") for action in _objects(attachment.get("actions"))
        )
        rows = [title, body, pairs, buttons]
        lines = [line for row in rows if row.plain for line in row.split("\n")]
        return Text("\n").join(Text.assemble(bar, line) for line in lines)

    def _block(self, block: Mapping[str, Json]) -> Text:
        parts = (
            _objects([block.get("text")]) + _objects(block.get("fields")) + _objects(block.get("elements"))
        )
        found = [part.get("text") for part in parts]
        texts = [one.get("text") if isinstance(one, dict) else one for one in found]
        written = [render(text, self.name_of) for text in texts if isinstance(text, str)]
        return Text("\n").join(written) if written else Text(f"[{block.get('type')}]", "hint")

    def _where(self, line: Mapping[str, Json]) -> str:
        if line.get("channelType") == "im":
            return "direct message"
        return f"#{line['channelName']}" if line.get("channelName") else ""

    def name_of(self, identifier: str) -> str:
        """Return the name of a user or channel, or the ID when there is none."""
        user = self._workspace.users.get(identifier)
        channel = self._workspace.channels.get(identifier)
        return user.name if user else channel.name if channel else identifier


def _bar(color: str) -> Text:
    """Return the coloured bar at the left of an attachment."""
    known = {"good": "green", "warning": "yellow", "danger": "red"}
    try:
        return Text("▌ ", Style(color=known.get(color, color)) if color else "mark")
    except ColorParseError:
        return Text("▌ ", "mark")


def _objects(given: Json) -> list[dict[str, Json]]:
    return [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []


def _short(text: str, width: int) -> str:
    text = printable(text).replace("\n", " ")
    return text if len(text) <= width else text[: width - 1] + "…"
