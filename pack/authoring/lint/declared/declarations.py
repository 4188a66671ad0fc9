"""What packs declare: their commands, the events that these end in, and the events that they tell of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from pack.commands.catalogue import COMMANDS
from pack.commands.declaration import Command, echo
from pack.contracts.commands import CommandInput
from pack.contracts.events import OBSERVED_EVENTS
from pack.flows.model import FATAL_EVENT
from pack.flows.model import Command as StepCommand

Json = Any
Schema = Mapping[str, Json]

OWN_PACK = "Slack"
"""The name under which this pack registers when no other is set."""

_CLOSENESS = 0.75
_SHORTEST_PART = 4
"""How many characters of a name make it likely that the name is meant."""


@dataclass(frozen=True, slots=True)
class EventDeclaration:
    """An event of a pack. ``payload`` is its JSON Schema, None: unknown."""

    name: str
    payload: Schema | None = None
    echoes_input: bool = False
    """Whether the payload carries the command's input as well; what the schema names wins over it."""
    is_failure: bool = False
    """Whether it is known to say that the command was not carried out."""


@dataclass(frozen=True, slots=True)
class CommandDeclaration:
    """A command of a pack. ``results`` are the events that it ends in, FATAL aside; None: unknown.

    ``input`` is the JSON Schema of its input, None: unknown. ``model`` reads the input as this pack does.
    """

    name: str
    results: tuple[EventDeclaration, ...] | None
    input: Schema | None = None
    model: type[CommandInput] | None = None

    def result(self, name: str) -> EventDeclaration | None:
        """Return the event of this name that the command ends in."""
        return next((event for event in self.results or () if event.name == name), None)


@dataclass(frozen=True, slots=True)
class PackDeclaration:
    """What a pack offers. ``source`` says where that is known from, as a reader would name it."""

    name: str
    commands: Mapping[str, CommandDeclaration]
    events: Mapping[str, EventDeclaration]
    """Those that it tells of by itself; a registration may name results among them."""
    source: str

    def event(self, name: str) -> EventDeclaration | None:
        """Return an event that it tells of, or that one of its commands ends in."""
        return self.events.get(name) or next(
            (found for command in self.commands.values() if (found := command.result(name))), None
        )

    def is_observed(self, name: str) -> bool:
        """Say whether an event of this name may come without a command."""
        return name in self.events

    def event_names(self) -> list[str]:
        """Return the names of all its events, FATAL among them."""
        results = [event.name for command in self.commands.values() for event in command.results or ()]
        return sorted({*self.events, *results, FATAL_EVENT})

    @property
    def tells_results(self) -> bool:
        """Whether the results of every command are known."""
        return all(command.results is not None for command in self.commands.values())

    @property
    def tells_events(self) -> bool:
        """Whether an event that is not declared is a mistake: a pack that names none keeps them to itself."""
        return self.tells_results and self.event_names() != [FATAL_EVENT]


@dataclass(frozen=True, slots=True)
class Declarations:
    """All packs that are known, by name.

    ``sources`` are the files and engines that were asked beside this program; ``engine`` is the engine that
    was asked: a pack that it does not know is not registered there.
    """

    packs: Mapping[str, PackDeclaration]
    sources: tuple[str, ...] = ()
    engine: str = ""
    lacking: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """Commands, by pack and name, that are declared first and that a later source does not have: which."""

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a reader should know of the sources: which of them has another version of a pack."""
        packs: dict[tuple[str, str], list[str]] = {}
        for (pack, command), source in sorted(self.lacking.items()):
            packs.setdefault((pack, source), []).append(command)
        return tuple(
            f"{source}: its pack {pack} is another version, without {', '.join(commands)}"
            for (pack, source), commands in packs.items()
        )

    def command(self, command: StepCommand) -> CommandDeclaration | None:
        """Return what is known of a step's command."""
        pack = self.packs.get(command.pack_name)
        return None if pack is None else pack.commands.get(command.name)

    def may_end_in(self, command: StepCommand, pack_name: str, event: str) -> bool:
        """Say whether a step's command may end in this event; what is not known may."""
        if command.pack_name != pack_name:
            return False
        declared = self.command(command)
        if event == FATAL_EVENT or declared is None or declared.results is None:
            return True
        return declared.result(event) is not None

    def is_known_to_end_in(self, command: StepCommand, pack_name: str, event: str) -> bool:
        """Say whether a step's command is declared to end in this event; FATAL always is."""
        if command.pack_name != pack_name:
            return False
        declared = self.command(command)
        return event == FATAL_EVENT or (declared is not None and declared.result(event) is not None)


def own_pack(name: str = OWN_PACK) -> PackDeclaration:
    """Return what this version of the pack declares; ``name``: under which it registers."""
    return PackDeclaration(
        name=name,
        commands={command.name: _own_command(command) for command in COMMANDS},
        events={
            event.name: EventDeclaration(event.name, event.payload.model_json_schema(mode="serialization"))
            for event in OBSERVED_EVENTS
        },
        source="this version of flyte-slack",
    )


def _own_command(command: Command[Any]) -> CommandDeclaration:
    success, failure = command.success, command.failure
    return CommandDeclaration(
        name=command.name,
        results=(
            EventDeclaration(success.name, success.model.model_json_schema(), echoes_input=True),
            EventDeclaration(
                failure.name,
                failure.model.model_json_schema(),
                echoes_input=command.echo is echo,
                is_failure=True,
            ),
        ),
        input=command.input.model_json_schema(),
        model=command.input,
    )


def own_declarations(name: str = OWN_PACK) -> Declarations:
    """Return what is known without asking anybody."""
    return Declarations({name: own_pack(name)})


def together(first: PackDeclaration, second: PackDeclaration) -> PackDeclaration:
    """Return one pack of two of the same name; what the first declares wins.

    An engine keeps a pack for each set of labels, and a flow may reach any of them.
    """
    return PackDeclaration(
        name=first.name,
        commands={**second.commands, **first.commands},
        events={**second.events, **first.events},
        source=first.source if first.source == second.source else f"{first.source} and {second.source}",
    )


def with_packs(
    declarations: Declarations, packs: Iterable[PackDeclaration], *, source: str, engine: str = ""
) -> Declarations:
    """Return declarations with further packs; what was declared before wins.

    ``engine``: its address when the packs are all those that are registered there.
    """
    merged = dict(declarations.packs)
    lacking = dict(declarations.lacking)
    for name, pack in _by_name(packs).items():
        known = merged.get(name)
        if known is not None:
            lacking.update(
                {(name, command): source for command in known.commands.keys() - pack.commands.keys()}
            )
        merged[name] = pack if known is None else together(known, pack)
    sources = (*declarations.sources, source)
    return Declarations(merged, sources, engine or declarations.engine, lacking)


def _by_name(packs: Iterable[PackDeclaration]) -> dict[str, PackDeclaration]:
    found: dict[str, PackDeclaration] = {}
    for pack in packs:
        found[pack.name] = together(found[pack.name], pack) if pack.name in found else pack
    return found


def near(name: str, known: Iterable[str]) -> str:
    """Return the name that may be meant, empty when none is near; capitals alone are always near."""
    names = list(known)
    folded = {other.lower(): other for other in names}
    if (found := folded.get(name.strip().lower())) and found != name:
        return found
    others = [other for other in folded if folded[other] != name]
    close = get_close_matches(name.lower(), others, 1, _CLOSENESS) or [
        other for other in others if len(name) >= _SHORTEST_PART and name.lower() in other
    ]
    return folded[close[0]] if close else ""


def near_pack(name: str, known: Iterable[str]) -> str:
    """Return the pack that may be meant, empty when none is: MySlack and Slack2 are packs beside Slack."""
    guess, plain = near(name, known), name.lower().strip()
    return "" if guess.lower() in plain and guess.lower() != plain else guess
