"""What Slack's reference says of each Web API method: arguments, scopes, errors (``facts.json``)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

_NUMBERS = frozenset({"integer", "number"})
_GRANTED_AS = MappingProxyType({"identity:read": "identity.basic"})
"""Scopes by the name that the reference has for them, as tokens carry them (slackapi/node-slack-sdk#1361)."""


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
    code: str
    """The method's own code for a number that is none, or for a value out of choice; empty: it has none."""


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
    required: tuple[Argument, ...]
    errors: frozenset[str]
    output: frozenset[str]
    """The keys of an answer, ``ok`` and the like aside; empty: the reference does not say."""


@dataclass(frozen=True, slots=True)
class FurtherCode:
    """An error code that Slack gives although its reference lacks it."""

    code: str
    methods: frozenset[str]
    """The methods that give it; ``*``: any."""
    source: str
    """Where it can be seen that Slack does."""


@dataclass(frozen=True, slots=True)
class FurtherOutput:
    """Keys of a method's answer that the reference's list lacks; none: the answer is known to be empty."""

    keys: frozenset[str]
    source: str


@dataclass(frozen=True, slots=True)
class Facts:
    """The whole reference."""

    methods: Mapping[str, MethodFacts]
    common_errors: frozenset[str]
    further_codes: tuple[FurtherCode, ...]
    further_output: Mapping[str, FurtherOutput]
    """By method; ``*``: what any answer may have."""

    def bot_scopes(self) -> frozenset[str]:
        """Return every scope that opens some method to a bot token."""
        return self._scopes("bot")

    def user_scopes(self) -> frozenset[str]:
        """Return every scope that opens some method to a person's token."""
        return self._scopes("user")

    def common_codes(self) -> frozenset[str]:
        """Return the error codes that any method may give, the supplement's among them."""
        return self.common_errors | self._further("*")

    def further_codes_of(self, method: str) -> frozenset[str]:
        """Return the error codes that a method may give beside its own: common ones, and the supplement's."""
        return self.common_codes() | self._further(method)

    def known_codes(self, method: str) -> frozenset[str]:
        """Return the error codes that a method may give: its own, the common ones, and the supplement's."""
        return self.further_codes_of(method) | self.methods[method].errors

    def known_output(self, method: str) -> frozenset[str] | None:
        """Return the keys that a method's answer may have beside the common ones; None: nobody says."""
        documented, further = self.methods[method].output, self.further_output.get(method)
        if not documented and further is None:
            return None
        common = self.further_output.get("*")
        return frozenset().union(documented, *(one.keys for one in (further, common) if one is not None))

    def _further(self, method: str) -> frozenset[str]:
        return frozenset(further.code for further in self.further_codes if method in further.methods)

    def _scopes(self, kind: str) -> frozenset[str]:
        return frozenset(scope for method in self.methods.values() for scope in method.scopes.get(kind, ()))


@cache
def load_facts() -> Facts:
    """Return the reference that is shipped with this package."""
    data, further = _read("facts.json"), _read("supplement.json")
    methods = {name: _method(name, raw) for name, raw in data["methods"].items()}
    codes = tuple(
        FurtherCode(code, _names(entry["methods"]), entry["source"])
        for code, entry in further["codes"].items()
    )
    output = {
        method: FurtherOutput(frozenset(entry["keys"]), entry["source"])
        for method, entry in further["output"].items()
    }
    return Facts(methods, frozenset(data["common_errors"]), codes, output)


def _read(name: str) -> Any:
    return json.loads(resources.files(__package__).joinpath(name).read_text(encoding="utf-8"))


def _names(methods: str | list[str]) -> frozenset[str]:
    return frozenset([methods] if isinstance(methods, str) else methods)


def _method(name: str, raw: Mapping[str, Any]) -> MethodFacts:
    arguments = {argument.name: argument for argument in _arguments(raw["args"], raw["errors"])}
    return MethodFacts(
        name=name,
        tier=raw["tier"],
        json=raw["json"],
        scopes={
            kind: tuple(_GRANTED_AS.get(scope, scope) for scope in scopes)
            for kind, scopes in raw["scopes"].items()
        },
        arguments=arguments,
        required=tuple(argument for argument in arguments.values() if argument.required),
        errors=frozenset(raw["errors"]),
        output=frozenset(raw["output"]),
    )


def _arguments(raw: Mapping[str, Mapping[str, Any]], errors: Sequence[str]) -> Iterable[Argument]:
    for name, fact in raw.items():
        choices, code = tuple(fact.get("enum", ())), f"invalid_{name}"
        bounded = bool(choices) or not _NUMBERS.isdisjoint(fact["type"])
        yield Argument(
            name=name,
            types=frozenset(fact["type"]),
            required=bool(fact.get("required")),
            choices=choices,
            maximum=fact.get("max"),
            code=code if bounded and code in errors else "",
        )
