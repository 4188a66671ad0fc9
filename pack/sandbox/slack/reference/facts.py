"""What Slack's reference says of each Web API method: arguments, scopes, errors (``facts.json``)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a method."""

    name: str
    types: frozenset[str]
    """JSON types by name (``string``, ``boolean``, ``number``…); ``any`` when the reference does not say."""
    required: bool
    choices: tuple[str, ...]
    """The only values allowed; empty: any."""
    maximum: int | None
    """Longest text (characters) or largest number; None: no bound is known."""


@dataclass(frozen=True, slots=True)
class MethodFacts:
    """One Web API method as the reference describes it."""

    name: str
    tier: str | None
    """Rate limit tier, ``t1`` … ``t4``; ``t5``: special."""
    json: bool
    """Whether arguments may come as a JSON body."""
    scopes: Mapping[str, tuple[str, ...]]
    """By kind of token (``bot``, ``user``…), the scopes of which any one opens the method; empty: none."""
    arguments: Mapping[str, Argument]
    errors: frozenset[str]


@dataclass(frozen=True, slots=True)
class Facts:
    """The whole reference."""

    methods: Mapping[str, MethodFacts]
    common_errors: frozenset[str]
    supplement: Mapping[str, frozenset[str]]
    """Codes that Slack gives although the reference lacks them, each with its methods; ``*``: any method."""

    def bot_scopes(self) -> frozenset[str]:
        """Return every scope that opens some method to a bot token."""
        return frozenset(scope for method in self.methods.values() for scope in method.scopes.get("bot", ()))

    def known_codes(self, method: str) -> frozenset[str]:
        """Return the error codes that a method may give: its own, the common ones, and the supplement's."""
        further = {code for code, methods in self.supplement.items() if methods & {method, "*"}}
        return self.common_errors | self.methods[method].errors | further


def load_facts() -> Facts:
    """Read the reference that is shipped with this package."""
    data, further = _read("facts.json"), _read("supplement.json")
    methods = {name: _method(name, raw) for name, raw in data["methods"].items()}
    supplement = {code: _names(entry["methods"]) for code, entry in further["codes"].items()}
    return Facts(methods, frozenset(data["common_errors"]), supplement)


def _read(name: str) -> Any:
    return json.loads(resources.files(__package__).joinpath(name).read_text(encoding="utf-8"))


def _names(methods: str | list[str]) -> frozenset[str]:
    return frozenset([methods] if isinstance(methods, str) else methods)


def _method(name: str, raw: Mapping[str, Any]) -> MethodFacts:
    return MethodFacts(
        name=name,
        tier=raw["tier"],
        json=raw["json"],
        scopes={kind: tuple(scopes) for kind, scopes in raw["scopes"].items()},
        arguments={argument.name: argument for argument in _arguments(raw["args"])},
        errors=frozenset(raw["errors"]),
    )


def _arguments(raw: Mapping[str, Mapping[str, Any]]) -> Iterable[Argument]:
    for name, fact in raw.items():
        yield Argument(
            name=name,
            types=frozenset(fact["type"]),
            required=bool(fact.get("required")),
            choices=tuple(fact.get("enum", ())),
            maximum=fact.get("max"),
        )
