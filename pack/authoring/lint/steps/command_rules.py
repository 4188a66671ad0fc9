"""Rules about packs, commands and events that nobody declares."""

from __future__ import annotations

from collections.abc import Iterator

from pack.authoring.lint.declared.declarations import Declarations, near, near_pack
from pack.authoring.lint.findings import Finding, Rule, Severity
from pack.authoring.lint.names import listed
from pack.authoring.lint.subject import Subject
from pack.flows.document import Path
from pack.flows.model import FATAL_EVENT, Step

UNKNOWN_PACK = Rule("unknown-pack", Severity.WARNING, "A step names a pack that nobody declares.")
UNDECLARED_PACK = Rule(
    "undeclared-pack", Severity.NOTE, "A step names a pack of which no file says what it offers."
)
UNKNOWN_COMMAND = Rule(
    "unknown-command", Severity.ERROR, "A step gives a command that its pack does not have."
)
UNREGISTERED_COMMAND = Rule(
    "unregistered-command",
    Severity.WARNING,
    "The pack that is in use is another version, and lacks the command.",
)
UNKNOWN_EVENT = Rule(
    "unknown-event", Severity.ERROR, "A step waits for an event that its pack does not have."
)

RULES: tuple[Rule, ...] = (
    UNKNOWN_PACK,
    UNDECLARED_PACK,
    UNKNOWN_COMMAND,
    UNREGISTERED_COMMAND,
    UNKNOWN_EVENT,
)


def check(subject: Subject, declarations: Declarations) -> Iterator[Finding]:
    """Find packs, commands and events that are not declared."""
    judged: set[str] = set()
    for index, step in enumerate(subject.flow.steps):
        for part, name in (("event", step.event.pack_name), ("command", step.command.pack_name)):
            if name not in judged and name not in declarations.packs:
                judged.add(name)
                yield from _pack(subject, declarations, name, ("steps", index, part, "packName"))
        yield from _event(subject, declarations, step, index)
        yield from _command(subject, declarations, step, index)


def _pack(subject: Subject, declarations: Declarations, name: str, path: Path) -> Iterator[Finding]:
    known = sorted(declarations.packs)
    guess = near_pack(name, known)
    if guess:
        what = "names are case-sensitive" if guess.lower() == name.lower() else f"{guess} is declared"
        yield subject.finding(
            UNKNOWN_PACK, f"nobody declares a pack {name!r}; {what}", f"did you mean {guess!r}?", path
        )
    elif declarations.engine:
        yield subject.finding(
            UNKNOWN_PACK,
            f"no pack {name!r} is registered at {declarations.engine}, so nothing comes from it",
            f"start that pack, or use one of {listed(known)}",
            path,
        )
    elif declarations.sources:
        yield subject.finding(
            UNDECLARED_PACK,
            f"what the pack {name!r} offers is not known, so its commands and events are not checked",
            "add --pack FILE with its declaration, or --engine URL",
            path,
        )


def _event(subject: Subject, declarations: Declarations, step: Step, index: int) -> Iterator[Finding]:
    event = step.event
    pack = declarations.packs.get(event.pack_name)
    if pack is None or event.name == FATAL_EVENT or pack.event(event.name) or not pack.tells_events:
        return
    names = [name for name in pack.event_names() if name != FATAL_EVENT]
    guess = near(event.name, [*names, FATAL_EVENT])
    others = [
        other.name for other in declarations.packs.values() if other is not pack and other.event(event.name)
    ]
    if guess:
        advice = f"did you mean {guess!r}?"
    elif event.name in pack.commands:
        results = [result.name for result in pack.commands[event.name].results or ()]
        advice = f"{event.name} is a command; it ends in {listed(results)}"
    elif others:
        advice = f"{listed(others)} has such an event"
    else:
        advice = f"its events are {listed(names, 'and')}"
    yield subject.finding(
        UNKNOWN_EVENT,
        f"the pack {pack.name} has no event {event.name!r} (according to {pack.source}): the step never runs",
        advice,
        ("steps", index, "event", "name"),
    )


def _command(subject: Subject, declarations: Declarations, step: Step, index: int) -> Iterator[Finding]:
    command = step.command
    pack = declarations.packs.get(command.pack_name)
    if pack is None:
        return
    path = ("steps", index, "command", "name")
    if command.name in pack.commands:
        source = declarations.lacking.get((pack.name, command.name))
        if source is not None:
            others = [name for name in pack.commands if (pack.name, name) not in declarations.lacking]
            yield subject.finding(
                UNREGISTERED_COMMAND,
                f"the pack {pack.name} of {source} has no command {command.name}: it is another version than "
                "the one that this flow is written for, and the command ends in FATAL there",
                f"replace the pack there, or use a command that it has: {listed(sorted(others))}",
                path,
            )
        return
    guess = near(command.name, pack.commands)
    others = [other.name for other in declarations.packs.values() if command.name in other.commands]
    if guess:
        advice = f"did you mean {guess!r}?"
    elif others:
        advice = f"{listed(others)} has such a command"
    elif pack.commands:
        advice = f"its commands are {listed(sorted(pack.commands), 'and')}"
    else:
        advice = "this pack takes no commands: name another"
    yield subject.finding(
        UNKNOWN_COMMAND,
        f"the pack {pack.name} has no command {command.name!r} (according to {pack.source}): "
        "it would end in FATAL, or wait for ever",
        advice,
        path,
    )
