"""The conversation in the terminal: what happens is shown, what is typed is done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from rich.text import Text

from pack.errors import PackError
from pack.sandbox import engine_narration, typed
from pack.sandbox.assembly import Sandbox
from pack.sandbox.mrkdwn import printable
from pack.sandbox.narration import Narrator, happening, place_of
from pack.sandbox.refusals import explain
from pack.sandbox.slack import Refusal, SimulatedSlack
from pack.sandbox.slack.interaction.finding import Wanted
from pack.sandbox.slack.world.objects import Channel
from pack.sandbox.slack.world.speech import find, speak
from pack.sandbox.terminal import Terminal

Json = Any

USER = "ada"
"""Who the person at the terminal is."""


class Chat:
    """One person at the terminal of a running sandbox."""

    def __init__(self, sandbox: Sandbox, terminal: Terminal) -> None:
        self._sandbox = sandbox
        self._terminal = terminal
        self._latest: tuple[str, str] | None = None
        self._doing: set[asyncio.Task[None]] = set()

    def shows(self) -> list[Callable[[], Coroutine[Any, Any, None]]]:
        """Return what has to run for everything that happens to be shown."""
        return [
            *([self._show_slack] if self._sandbox.slack else []),
            *([self._show_engine] if self._sandbox.engine else []),
        ]

    async def _show_slack(self) -> None:
        assert self._sandbox.slack is not None
        slack = self._sandbox.slack
        narrator = Narrator(slack.workspace)
        subscription = slack.feed.subscribe()
        try:
            async for line in subscription:
                self._remember(line)
                if (told := narrator.tell(line)) is not None:
                    self._terminal.print(told)
                if (unheard := narrator.unheard(line)) is not None:
                    self._terminal.print(unheard)
        finally:
            slack.feed.unsubscribe(subscription)

    async def _show_engine(self) -> None:
        assert self._sandbox.engine is not None
        engine = self._sandbox.engine
        subscription = engine.subscribe()
        try:
            async for record in subscription:
                if (told := engine_narration.tell(record)) is not None:
                    self._terminal.print(told)
        finally:
            engine.unsubscribe(subscription)

    def obey(self, line: str) -> None:
        """Do what was typed; what cannot be done is explained in the terminal."""
        try:
            wanted = typed.read(line)
        except typed.NotUnderstood as error:
            self._refuse(str(error))
            return
        try:
            if isinstance(wanted, typed.Say):
                self._say(wanted)
            elif isinstance(wanted, typed.Command):
                self._begin(self._run_command(self._slack(), wanted), wanted.channel)
            elif isinstance(wanted, typed.Press):
                self._begin(self._press(self._slack(), wanted))
            elif isinstance(wanted, typed.React):
                self._react(wanted)
            else:
                self._post(wanted)
        except Refusal as refusal:
            channel = wanted.channel if isinstance(wanted, typed.Say) else ""
            self._refuse(explain(refusal.code, channel=channel, user=USER))
        except typed.NotUnderstood as error:
            self._refuse(str(error))

    def _slack(self) -> SimulatedSlack:
        if self._sandbox.slack is None:
            raise typed.NotUnderstood("there is no Slack in this sandbox; only !Event can be typed")
        return self._sandbox.slack

    def _say(self, wanted: typed.Say) -> None:
        message = speak(self._slack().workspace, wanted.channel, wanted.text, user=USER)
        self._latest = (message.channel, message.ts)

    async def _run_command(self, slack: SimulatedSlack, wanted: typed.Command) -> None:
        """Type a slash command; what the app answers, or that it does not, is in the feed."""
        user = slack.workspace.user(USER)
        channel = find(slack.workspace, wanted.channel, user)
        self._tell(channel, f"{wanted.name} {wanted.text}".rstrip())
        await slack.interactions.commands.run(user, channel, wanted.name, wanted.text)

    async def _press(self, slack: SimulatedSlack, wanted: typed.Press) -> None:
        """Click a button; what comes of it is in the feed."""
        user = slack.workspace.user(USER)
        spot = slack.interactions.finding.find(user, Wanted(wanted.button))
        self._tell(spot.channel, f"clicked [{wanted.button}]")
        await slack.interactions.actions.act(user, spot)

    def _tell(self, channel: Channel | None, what: str) -> None:
        """Show what the person at the terminal did where no message tells of it."""
        where = place_of(channel.kind.value, channel.name) if channel else ""
        self._terminal.print(happening((where, "channel"), (USER, "person"), Text(printable(what), "hint")))

    def _react(self, wanted: typed.React) -> None:
        if self._sandbox.slack is None or self._latest is None:
            raise typed.NotUnderstood("there is no message yet to react to")
        channel, ts = self._latest
        self._sandbox.slack.workspace.react(channel, ts, wanted.name, user=USER)

    def _post(self, wanted: typed.Post) -> None:
        pack = self._sandbox.other_events.get(wanted.event)
        if pack is None:
            known = ", ".join(sorted(self._sandbox.other_events)) or "none"
            raise typed.NotUnderstood(
                f"no flow waits for an event {wanted.event} of another pack; they wait for: {known}"
            )
        assert self._sandbox.calls is not None
        self._begin(self._sandbox.calls.post_event(pack, wanted.event, wanted.payload))

    def _begin(self, doing: Coroutine[Any, Any, None], channel: str = "") -> None:
        """Do something that takes a while; what cannot be done is explained."""
        task = asyncio.create_task(self._explained(doing, channel))
        self._doing.add(task)
        task.add_done_callback(self._doing.discard)

    async def _explained(self, doing: Coroutine[Any, Any, None], channel: str) -> None:
        try:
            await doing
        except Refusal as refusal:
            self._refuse(explain(refusal.code, channel=channel, user=USER))
        except PackError as error:
            self._refuse(str(error))

    def _remember(self, line: Mapping[str, Json]) -> None:
        if line["kind"] == "message" and line.get("subtype") not in ("channel_join", "channel_leave"):
            self._latest = (line["channel"], line["ts"])

    def _refuse(self, reason: str) -> None:
        self._terminal.print(Text(reason, "failed"))
