"""Random templates: from a grammar that knows every tag and filter, and by cutting up recorded ones."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import strategies as st

from pack.flowlang.filters import FILTERS

RECORDED: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "golden" / "templates.json").read_text("utf-8")
)

NAMES = (
    *("Event.Payload.message", "Event.Payload.list", "Event.Payload.map", "Event.Payload.number", "x", "y"),
    *("Event.Payload.list.0", "Event.Payload.message.1", "Event.Payload.map.k.deep", "Event.Payload.none"),
    *("Event", "Event.CreatedAt", "Event.CreatedAt.Year", "Event.Pack.Labels.env", "Context.room", "Context"),
    *("forloop.Counter", "forloop", "missing.at.any.depth", "True", "Event.Payload.nul", "m", "z"),
)
CALLS = (
    "m",
    "x.f",
    "randomInt",
    "datastore",
    "base64Encode",
    "template",
    "unmarshalJson",
    "Context",
    "z.String",
)
LITERALS = (
    "1",
    "0",
    "2.5",
    "007",
    "true",
    "false",
    '"a b"',
    "'x,y'",
    '"\\\\d+"',
    "'%5d'",
    '"2:"',
    "''",
    "9" * 18,
)
SIGNS = ("+", "-", "*", "/", "%", "^", "==", "!=", "<>", "<", ">", "<=", ">=", "in", "and", "or", "&&", "||")
TEXTS = ("", " ", "text ", "\n", "é{", "{ }", "<b>x</b>\n<i>", "}}", "%}")
SNIPPETS = (
    *(
        "{{",
        "}}",
        "{%",
        "%}",
        "{#",
        "#}",
        "{{-",
        "-%}",
        "|",
        ":",
        ".",
        "(",
        ")",
        ",",
        "'",
        '"',
        "\\",
        "-",
        "not ",
    ),
    *(" in ", " as ", "\n", "\x00", "\x01", "\udc80", "é", "0", "{% endif %}", "{% else %}", "forloop."),
)


class Writer:
    """Writes a random template that is nearly always well formed."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._left = 24

    def template(self) -> str:
        return "".join(self._element() for _ in range(self._random.randint(1, 4)))

    def _pick(self, *choices: str) -> str:
        return self._random.choice(choices)

    def _element(self) -> str:
        self._left -= 1
        if self._left < 0:
            return "."
        kind = self._random.randrange(10)
        if kind < 2:
            return self._pick(*TEXTS)
        if kind < 6:
            dash = self._pick("", "", "", "-")
            return f"{{{{{dash} {self.expression()} {dash}}}}}"
        return self._tag()

    def expression(self) -> str:
        self._left -= 1
        if self._left < 0:
            return self._pick(*NAMES, *LITERALS)
        kind = self._random.randrange(12)
        if kind < 5:
            return self._filtered()
        if kind < 8:
            return f"{self._filtered()} {self._pick(*SIGNS)} {self.expression()}"
        if kind < 9:
            return f"({self.expression()})"
        if kind < 10:
            return f"{self._pick('not ', '-', '!', '-not ')}{self._filtered()}"
        return self._call()

    def _call(self) -> str:
        arguments = ", ".join(self.expression() for _ in range(self._random.randrange(3)))
        return f"{self._pick(*CALLS)}({arguments})"

    def _operand(self) -> str:
        return self._pick(self._pick(*NAMES), self._pick(*LITERALS))

    def _filtered(self) -> str:
        found = self._operand()
        for _ in range(self._random.randrange(3)):
            argument = f":{self._operand()}" if self._random.randrange(3) else ""
            found += f"|{self._random.choice(sorted(FILTERS))}{argument}"
        return found

    def _tag(self) -> str:
        value, body, other, operand = self.expression, self.template, self.template, self._operand
        a_filter, order = self._random.choice(sorted(FILTERS)), self._pick("", "sorted", "reversed")
        watched = self._pick("", "forloop.First")
        name = self._pick("x", "y", "z", "forloop", "Event")
        kind = self._random.randrange(18)
        return [
            lambda: f"{{% if {value()} %}}{body()}{{% elif {value()} %}}{other()}{{% else %}}.{{% endif %}}",
            lambda: f"{{% if {value()} %}}{body()}{{% endif %}}",
            lambda: f"{{% for {name} in {value()} {order} %}}{body()}{{% endfor %}}",
            lambda: f"{{% for {name}, y in {value()} %}}{body()}{{% empty %}}{other()}{{% endfor %}}",
            lambda: f"{{% set {name} = {value()} %}}",
            lambda: f"{{% with {name}={value()} y={value()} %}}{body()}{{% endwith %}}",
            lambda: f"{{% macro m(a, b={value()}) %}}{body()}{{{{ a }}}}{{% endmacro %}}",
            lambda: f"{{% macro m(a) %}}{{{{ m({value()}) }}}}{{% endmacro %}}{{{{ m(1) }}}}",
            lambda: f"{{% filter {a_filter}:{operand()} %}}{body()}{{% endfilter %}}",
            lambda: f"{{% ifchanged {watched} %}}{body()}{{% else %}}-{{% endifchanged %}}",
            lambda: f"{{% ifequal {operand()} {operand()} %}}{body()}{{% endifequal %}}",
            lambda: f"{{% cycle {operand()} {operand()} as z %}}{{% cycle z %}}",
            lambda: f"{{% firstof {operand()} {operand()} %}}",
            lambda: f"{{% autoescape {self._pick('on', 'off')} %}}{body()}{{% endautoescape %}}",
            lambda: f"{{% spaceless %}}{body()}{{% endspaceless %}}",
            lambda: f"{{% widthratio {operand()} {operand()} 10 %}}",
            lambda: f"{{% block {name} %}}{body()}{{% endblock %}}",
            lambda: self._pick(
                "{% now '2006' %}",
                "{% lorem 3 w %}",
                "{# c #}",
                "{% comment %}{% nosuch %}{% endcomment %}",
                "{# c #}",
            ),
        ][kind]()


def written(random: Random) -> str:
    """Return a template out of the grammar."""
    return Writer(random).template()


def mutated(random: Random) -> str:
    """Return a recorded template with some characters gone, doubled or put in between."""
    template = str(random.choice(RECORDED["cases"]).get("template", ""))
    for _ in range(random.randint(1, 4)):
        begin = random.randint(0, len(template))
        end = min(len(template), begin + random.randint(0, 6))
        middle = random.choice(("", template[begin:end] * 2, random.choice(SNIPPETS)))
        template = template[:begin] + middle + template[end:]
    return template


TEMPLATES = st.builds(written, st.randoms(use_true_random=False))
MUTANTS = st.builds(mutated, st.randoms(use_true_random=False))

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(),
    st.text(max_size=12),
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=8,
)
PAYLOADS = st.fixed_dictionaries(
    {},
    optional={
        "message": st.text(max_size=30) | JSON,
        "list": st.lists(JSON, max_size=4) | JSON,
        "map": JSON,
        "number": st.integers() | JSON,
        "none": st.none(),
    },
)


def scope_with(payload: object) -> dict[str, object]:
    """Return the names that a template sees for an event with this payload."""
    return {
        "Event": {
            "Name": "ReceivedMessage",
            "Payload": payload,
            "Pack": {"Name": "Slack", "Labels": {"env": "dev"}},
            "CreatedAt": "2022-11-21T10:40:00Z",
        },
        "Context": {"room": "C1"},
    }
