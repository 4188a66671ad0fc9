"""Control actions by which people use the app: commands, buttons, menus, modals, shortcuts."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from pack.sandbox.slack.control.actions import Body, ControlAction, ControlView, Json, Simulation
from pack.sandbox.slack.interaction.choosing import CannotChoose
from pack.sandbox.slack.interaction.finding import Spot, Wanted
from pack.sandbox.slack.interaction.outcomes import Outcome
from pack.sandbox.slack.interaction.views import View
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.objects import Channel, User
from pack.sandbox.slack.world.speech import find

_LONGEST_WAIT = 60.0


class _Doing(Body):
    """Something that a person does (``user``: name or ID; None: the first person).

    ``wait``: for how many of Slack's seconds to wait at most, once the app has taken it, until the person
    sees something of it, and nothing more for 0.3 of them. That a modal closes ends no wait.
    """

    actors = ("user",)
    user: str | None = None
    wait: float = Field(default=0.0, ge=0, le=_LONGEST_WAIT)


class Slash(_Doing):
    """Type a slash command; ``text`` is what follows it. In a thread (``thread_ts``) Slack refuses it."""

    channel: str
    command: str
    text: str = ""
    thread_ts: str | None = None


class _Element(_Doing):
    """An element by its action_id, or by what is read on it: button's text, input's label, placeholder.

    Where: ``channel`` and ``ts``; ``channel``: its latest message with such an element; ``view_id``;
    ``home``: the home tab; none of them: the topmost modal, then the latest message that the person sees.
    """

    element: str
    block_id: str | None = None
    channel: str | None = None
    ts: str | None = None
    view_id: str | None = None
    home: bool = False


class Click(_Element):
    """Use an element; ``value``: the option's value or text, the date, the text… (a list for several).

    An empty text empties it. Buttons have no value.
    """

    value: Any = None


class Options(_Element):
    """Type into a menu whose options the app gives."""

    typed: str = ""


class Submit(_Doing):
    """Fill in the topmost modal and send it; ``values``: by block_id, action_id or label."""

    values: dict[str, Any] = Field(default_factory=dict)
    view_id: str | None = None


class Close(_Doing):
    """Close the topmost modal; ``everything``: by its cross, which closes those below too."""

    view_id: str | None = None
    everything: bool = False


class Shortcut(_Doing):
    """Start a global shortcut."""

    callback_id: str = Field(min_length=1)


class MessageShortcut(Shortcut):
    """Start a shortcut on a message."""

    channel: str
    ts: str


class HomeTab(Body):
    """Whether the app has a home tab."""

    enabled: bool


async def slash(simulation: Simulation, body: Slash) -> dict[str, Json]:
    """Type a slash command; any command goes to the app."""
    user = _person(simulation, body.user)
    channel = find(simulation.world.workspace, body.channel, user)
    name = body.command.removeprefix("/")
    command = f"/{name}"
    if not name or "/" in name or any(letter.isspace() for letter in name):
        raise ValueError(f"a command is one word after a slash, not {body.command!r}")
    mark = simulation.interactions.screens.mark()
    if body.thread_ts is not None:
        message = f"{command} is not supported in threads. Sorry!"
        outcome = Outcome(False, "not_supported_in_threads", message, sent=False)
    else:
        outcome = await simulation.interactions.commands.run(user, channel, command, body.text)
    return await _tell(simulation, body, user, channel, mark, outcome)


async def click(simulation: Simulation, body: Click) -> dict[str, Json]:
    """Use an element of a message, a modal or a home tab."""
    user, spot = _spot(simulation, body)
    mark = simulation.interactions.screens.mark()
    try:
        outcome = await simulation.interactions.actions.act(user, spot, body.value)
    except CannotChoose as error:
        raise ValueError(str(error)) from error
    return await _tell(simulation, body, user, spot.channel, mark, outcome)


async def options(simulation: Simulation, body: Options) -> dict[str, Json]:
    """Type into a menu; ``options`` of the answer are those that the app gives."""
    user, spot = _spot(simulation, body)
    try:
        outcome = await simulation.interactions.suggestions.ask(user, spot, body.typed)
    except CannotChoose as error:
        raise ValueError(str(error)) from error
    return {**outcome.as_json(), "options": outcome.options}


async def submit(simulation: Simulation, body: Submit) -> dict[str, Json]:
    """Fill in a modal and send it; ``errors`` of the answer are what it was refused for, by block_id."""
    user = _person(simulation, body.user)
    view = _view(simulation, user, body.view_id)
    mark = simulation.interactions.screens.mark()
    try:
        outcome = await simulation.interactions.forms.submit(user, view, body.values)
    except CannotChoose as error:
        raise ValueError(str(error)) from error
    return await _tell(simulation, body, user, None, mark, outcome)


async def close(simulation: Simulation, body: Close) -> dict[str, Json]:
    """Close a modal; the app is told when the view has ``notify_on_close``."""
    user = _person(simulation, body.user)
    view = _view(simulation, user, body.view_id)
    mark = simulation.interactions.screens.mark()
    outcome = await simulation.interactions.forms.close(user, view, everything=body.everything)
    return await _tell(simulation, body, user, None, mark, outcome)


async def shortcut(simulation: Simulation, body: Shortcut) -> dict[str, Json]:
    """Start a global shortcut by its callback_id."""
    user = _person(simulation, body.user)
    mark = simulation.interactions.screens.mark()
    outcome = await simulation.interactions.shortcuts.start(user, body.callback_id)
    return await _tell(simulation, body, user, None, mark, outcome)


async def message_shortcut(simulation: Simulation, body: MessageShortcut) -> dict[str, Json]:
    """Start a message's shortcut by its callback_id."""
    user = _person(simulation, body.user)
    workspace = simulation.world.workspace
    channel = find(workspace, body.channel, user)
    message = workspace.message(channel, body.ts)
    mark = simulation.interactions.screens.mark()
    outcome = await simulation.interactions.shortcuts.start_on(user, channel, message, body.callback_id)
    return await _tell(simulation, body, user, channel, mark, outcome)


def set_home_tab(simulation: Simulation, body: HomeTab) -> dict[str, Json]:
    """Give the app a home tab, or take it away: then ``views.publish`` answers ``not_enabled``."""
    simulation.interactions.views.home_enabled = body.enabled
    return {}


def show_screens(simulation: Simulation) -> dict[str, Json]:
    """Return what each person has before them.

    ``people``: ``user``, ``name``, ``views`` (the open modals, topmost last, each with ``errors`` and
    ``notice`` of the last attempt), ``home`` (the home tab's view or None), ``ephemerals``.
    """
    return {"people": [_screen(simulation, user) for user in simulation.world.workspace.people()]}


def _screen(simulation: Simulation, user: User) -> dict[str, Json]:
    interactions = simulation.interactions
    return {
        "user": user.id,
        "name": user.name,
        "views": [_describe(simulation, view) for view in interactions.views.stack(user.id)],
        "home": interactions.home_view(user.id),
        "ephemerals": [
            {**message.as_json(), "channel": message.channel}
            for message in simulation.world.ephemerals.seen_by(user.id)
        ],
    }


def _describe(simulation: Simulation, view: View) -> dict[str, Json]:
    return {**simulation.interactions.views.as_json(view), "errors": view.errors, "notice": view.notice}


async def _tell(
    simulation: Simulation, body: _Doing, user: User, channel: Channel | None, mark: int, outcome: Outcome
) -> dict[str, Json]:
    """Return what came of it, and what the person sees now.

    ``accepted``, ``reason``, ``message``, ``errors``, ``sent``, ``answer`` as in :class:`Outcome`;
    ``shown``: what came before the person since, oldest first; ``view``: the topmost modal or None.
    """
    interactions = simulation.interactions
    where = channel.id if channel else ""
    if outcome.accepted and outcome.sent and body.wait:
        await interactions.screens.wait(mark, user.id, where, body.wait)
    top = interactions.views.top(user.id)
    return {
        **outcome.as_json(),
        "shown": interactions.screens.since(mark, user.id, where),
        "view": _describe(simulation, top) if top else None,
    }


def _person(simulation: Simulation, user: str | None) -> User:
    workspace = simulation.world.workspace
    return workspace.people()[0] if user is None else workspace.user(user)


def _view(simulation: Simulation, user: User, view_id: str | None) -> View:
    views = simulation.interactions.views
    view = views.top(user.id) if view_id is None else views.find(view_id)
    if view is None or view.user_id != user.id or view.kind != "modal":
        raise Refusal("view_not_found")
    return view


def _spot(simulation: Simulation, body: _Element) -> tuple[User, Spot]:
    user = _person(simulation, body.user)
    if body.ts is not None and body.channel is None:
        raise ValueError("ts needs the channel of that message")
    channel = None if body.channel is None else find(simulation.world.workspace, body.channel, user)
    wanted = Wanted(
        body.element,
        block_id=body.block_id,
        channel=channel,
        ts=body.ts,
        view_id=body.view_id,
        home=body.home,
    )
    try:
        return user, simulation.interactions.finding.find(user, wanted)
    except CannotChoose as error:
        raise ValueError(str(error)) from error


ACTIONS = (
    ControlAction("slash", Slash, slash, "Type a slash command."),
    ControlAction("click", Click, click, "Use a button, menu, date picker… of a message, modal or home tab."),
    ControlAction("options", Options, options, "Type into a menu whose options the app gives."),
    ControlAction("submit", Submit, submit, "Fill in the topmost modal and send it."),
    ControlAction("close", Close, close, "Close the topmost modal."),
    ControlAction("shortcut", Shortcut, shortcut, "Start a global shortcut."),
    ControlAction("message-shortcut", MessageShortcut, message_shortcut, "Start a shortcut on a message."),
    ControlAction("home-tab", HomeTab, set_home_tab, "Give the app a home tab, or take it away."),
)
VIEWS = (
    ControlView("screens", show_screens, "What each person has before them: modals, home tab, ephemerals."),
)
