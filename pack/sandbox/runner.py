"""``flyte-slack sandbox``: shows the conversation, obeys what is typed, says how it ended."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import stat
import sys
from collections.abc import Callable, Coroutine
from typing import Any, TextIO

from rich.console import Console
from rich.text import Text

from pack.errors import PackError, SettingsError
from pack.sandbox import whereabouts
from pack.sandbox.assembly import NotReady, Sandbox, unless_stopped
from pack.sandbox.chat import USER, Chat
from pack.sandbox.child import PackProcess
from pack.sandbox.flow_files import doubts
from pack.sandbox.hints import introduce, program
from pack.sandbox.mrkdwn import printable
from pack.sandbox.narration import THEME
from pack.sandbox.plan import Look, Plan
from pack.sandbox.terminal import Terminal, silence

logger = logging.getLogger(__name__)

_WHAT_NEXT = (
    "The sandbox goes on without the pack, so the bot does not answer. When the log has said what is wrong, "
    "press Ctrl-C and start the sandbox again."
)

STOPPED = 0
FAILED = 1
CONFIGURATION = 2


def run(plan: Plan, look: Look) -> int:
    """Run the sandbox until SIGINT, SIGTERM or SIGHUP; return the exit code.

    0: told to stop. 1: the pack ended, or did not begin to work (headless; with somebody at the terminal the
    sandbox goes on then). 2: an option cannot be used.
    """
    with asyncio.Runner() as runner:
        return runner.run(Session(plan, look).run())


class Session:
    """One run of the sandbox, from start to exit code."""

    def __init__(self, plan: Plan, look: Look) -> None:
        self._plan = plan
        self._look = look
        self._stop = asyncio.Event()
        self._exit_code = STOPPED
        self._terminal = Terminal(_console(sys.stdout, plain=not look.live))
        self._errors = Terminal(_console(sys.stderr, plain=not sys.stderr.isatty()))
        self._typing = look.live and plan.slack and _has_keyboard()
        on_log = self._show_log if look.pack_log else None
        self._sandbox = Sandbox(plan, on_log=on_log)

    async def run(self) -> int:
        """Start everything, show it until it is told to stop, and end everything."""
        _obey_signals(self._stop, self._sandbox)
        self._catch_log()
        try:
            return await self._run()
        except SettingsError as error:
            self._complain(f"flyte-slack sandbox cannot start: {error}")
            return CONFIGURATION
        except PackError as error:
            self._complain(f"flyte-slack sandbox ends: {error}")
            return FAILED
        finally:
            whereabouts.withdraw(whereabouts.path())
            await self._sandbox.stop()

    async def _run(self) -> int:
        if self._look.live:
            self._terminal.print(Text("starting…", "hint"))
        if not await unless_stopped(asyncio.create_task(self._sandbox.start()), self._stop):
            return STOPPED
        ready = True
        try:
            if not await unless_stopped(asyncio.create_task(self._sandbox.until_ready()), self._stop):
                return STOPPED
        except NotReady as error:
            if not self._look.live:
                raise
            self._complain(f"{error}\n{_WHAT_NEXT}")
            ready = False
        for doubt in doubts(self._sandbox.flows):
            self._warn(doubt)
        alone = not whereabouts.is_another_running(whereabouts.path())
        self._announce()
        self._introduce(ready=ready, alone=alone)
        return await self._serve()

    def _announce(self) -> None:
        """Leave word of where the sandbox is, for ``flyte-slack say``; not before the bot can hear it."""
        slack, engine = self._sandbox.slack, self._sandbox.engine
        found_at = whereabouts.Whereabouts(
            pid=os.getpid(), slack_url=slack.url if slack else "", engine_url=engine.url if engine else ""
        )
        if slack is None:
            return
        try:
            whereabouts.announce(found_at, whereabouts.path())
        except OSError as error:
            self._complain(
                f"{whereabouts.path()} cannot be written ({error.strerror or error}), so flyte-slack say "
                f"needs --slack-url {slack.url}"
            )

    def _introduce(self, *, ready: bool, alone: bool) -> None:
        """Print the first line as promised, then what to try."""
        addresses = self._sandbox.addresses()
        if self._look.as_json:
            self._terminal.print(Text(json.dumps(addresses)), as_it_is=True)
            if self._sandbox.pack:
                self._errors.print(Text(f"the pack's log is {self._sandbox.pack.log}"))
            return
        out = self._terminal
        if not (self._sandbox.engine and self._sandbox.slack):
            self._terminal.print(Text(addresses.get("engineUrl") or addresses["slackApiUrl"]))
            out = self._errors
        introduction = introduce(
            self._sandbox,
            user=USER,
            typing=self._typing,
            program=program(),
            width=out.width,
            alone=alone,
        )
        out.print(introduction, as_it_is=True)
        if not self._look.headless and self._plan.slack and _is_piped():
            self._warn(f"what is piped in is not read: only a terminal can be typed in. Use {program()} say")
        if ready:
            out.print(Text("ready", "done"))

    async def _serve(self) -> int:
        """Show and obey until told to stop, or until the pack has ended with nobody there to see it."""
        chat = Chat(self._sandbox, self._terminal)
        pack = self._sandbox.pack
        tasks = [self._task(self._watch_pack(pack))] if pack and pack.exit_code is None else []
        if self._shows_conversation:
            tasks += [self._task(work()) for work in chat.shows()]
        if self._typing:
            tasks.append(self._task(self._read(chat)))
        await self._stop.wait()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return self._exit_code

    @property
    def _shows_conversation(self) -> bool:
        """Whether standard output is free for it: it is not when only a first line was promised."""
        if self._look.as_json:
            return False
        return self._look.live or (self._plan.engine and self._plan.slack)

    def _task(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run something beside; when it fails, so does the sandbox."""
        task = asyncio.create_task(work)
        task.add_done_callback(self._look_at)
        return task

    def _look_at(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()):
            logger.error("a part of the sandbox failed, so it ends", exc_info=error)
            self._exit_code = FAILED
            self._stop.set()

    async def _watch_pack(self, pack: PackProcess) -> None:
        """Report the end of the pack; with nobody at a terminal the sandbox ends too."""
        await pack.wait()
        if self._stop.is_set():
            return
        self._complain(self._sandbox.explain_end() + (f"\n{_WHAT_NEXT}" if self._look.live else ""))
        if not self._look.live:
            self._exit_code = FAILED
            self._stop.set()

    async def _read(self, chat: Chat) -> None:
        """Obey what is typed; the end of the input (Ctrl-D) ends the sandbox."""
        await self._terminal.read(sys.stdin.fileno(), chat.obey)
        self._stop.set()

    def _complain(self, reason: str) -> None:
        """Tell of something bad, where it is seen."""
        self._beside().print(Text(printable(reason), "failed"))

    def _warn(self, doubt: str) -> None:
        self._beside().print(Text(f"warning: {printable(doubt)}", "code"))

    def _show_log(self, line: str) -> None:
        self._beside().print(Text(printable(line), "hint"))

    def _beside(self) -> Terminal:
        """Return where standard error is shown without disturbing the line that is being typed."""
        return self._terminal if self._look.live and sys.stderr.isatty() else self._errors

    def _catch_log(self) -> None:
        """Show warnings of the servers without disturbing the line that is being typed."""
        root = logging.getLogger()
        root.handlers[:] = [_Shown(self._complain)]
        root.setLevel(logging.WARNING)


class _Shown(logging.Handler):
    """Shows records by a function."""

    def __init__(self, show: Callable[[str], None]) -> None:
        super().__init__()
        self._show = show

    def emit(self, record: logging.LogRecord) -> None:
        self._show(self.format(record))


class _Screen(Console):
    """A console that goes on in silence when its reader went away."""

    def on_broken_pipe(self) -> None:
        self.quiet = True
        silence(self.file)


def _console(file: TextIO, *, plain: bool) -> Console:
    if plain:
        return _Screen(file=file, theme=THEME, force_terminal=False, no_color=True, highlight=False)
    return _Screen(file=file, theme=THEME, highlight=False)


def _has_keyboard() -> bool:
    """Tell whether somebody can type: a terminal, and not one that this process runs in the background of."""
    if sys.stdin is None or not sys.stdin.isatty():
        return False
    return sys.platform == "win32" or os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()


def _is_piped() -> bool:
    """Tell whether somebody sends something to standard input that is no terminal."""
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (AttributeError, OSError, ValueError):
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode)


def _obey_signals(stop: asyncio.Event, sandbox: Sandbox) -> None:
    """Stop at the first signal; at a second one the pack gets no more time."""

    def obey() -> None:
        if stop.is_set() and sandbox.pack:
            sandbox.pack.kill()
        stop.set()

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, obey)
    loop.add_signal_handler(signal.SIGTERM, obey)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # it is under nohup
        loop.add_signal_handler(signal.SIGHUP, obey)
