"""The page on the simulated Slack, made from the declarations: ``docs/simulated-slack.md``.

``python -m pack.sandbox.slack.conformance DIRECTORY`` writes it: ``conformance.md`` beside this module,
with the tables filled in. A test holds that the one in the repository is up to date.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from importlib import resources
from itertools import groupby
from pathlib import Path

from pydantic.fields import FieldInfo

from pack.sandbox.slack.calls.declared import Simulated
from pack.sandbox.slack.control.actions import Body
from pack.sandbox.slack.control.registry import ACTIONS, VIEWS
from pack.sandbox.slack.kit.catalogue import HOME_BLOCK, MESSAGE_BLOCK, MODAL_BLOCK
from pack.sandbox.slack.kit.rich_shapes import INLINE
from pack.sandbox.slack.methods.registry import METHODS
from pack.sandbox.slack.reference.facts import Facts, MethodFacts, load_facts

PAGE = "simulated-slack.md"
_MADE = "<!-- Made from the code by `make docs`; change the declarations or the text beside the code. -->\n"
_REQUEST_CODES: Mapping[str, str] = {
    "not_authed": "no token came",
    "invalid_auth": "no such token was issued",
    "token_revoked": "by `auth.revoke`, or by a control address or a fault",
    "token_expired": "it was issued for a time that is over",
    "account_inactive": "the token of a person who was deactivated",
    "not_allowed_token_type": "the method is for another kind of token",
    "missing_scope": "with `needed` and `provided`",
    "unknown_method": "the reference has no such method; with `req_method`",
    "not_simulated": "the reference has the method, the simulation does not carry it out, whatever the token",
    "insecure_request": "`apps.connections.open` by GET",
    "invalid_arguments": "a required argument is missing, or one has the wrong type; each fault in "
    "`response_metadata.messages`, with a JSON pointer",
    "invalid_arg_name": "a name with other characters than letters, digits, `_`, `-` and `.`",
    "invalid_array_arg": "a name like `users[]`",
    "invalid_charset": "a charset other than UTF-8 and ISO-8859-1",
    "invalid_form_data": "a multipart body that cannot be read",
    "invalid_post_type": "another content type than a form, multipart, JSON or plain text",
    "missing_post_type": "a body without a content type",
    "invalid_json": "a JSON body that cannot be read",
    "json_not_object": "a JSON body that is no object",
    "ratelimited": "status 429 with `Retry-After`",
    "fatal_error": "the simulation itself failed: a fault of its own, please report it",
}


def pages() -> Mapping[str, str]:
    """Return the page by its file name."""
    facts = load_facts()
    text = resources.files(__package__).joinpath("conformance.md").read_text("utf-8")
    simulated, missing = _simulated(facts), sorted(facts.methods.keys() - METHODS.keys())
    numbers = {"SIMULATED": str(len(METHODS)), "KNOWN": str(len(facts.methods))}
    tables = {
        "BLOCKS": _blocks(),
        "INLINES": _codes(sorted(INLINE.kinds)),
        "REQUEST_CODES": _table(
            ("code", "when"), ((f"`{code}`", why) for code, why in _REQUEST_CODES.items())
        ),
        "METHODS": simulated,
        "NOT_SIMULATED": _families(missing),
        "ACTIONS": _actions(),
        "VIEWS": _table(("address", "what it tells"), ((f"`{v.name}`", v.meaning) for v in VIEWS)),
        "FURTHER_CODES": _further_codes(facts),
        "FURTHER_KEYS": _further_keys(facts),
    }
    for name, value in {**numbers, **tables}.items():
        text = text.replace(f"{{{{{name}}}}}", value)
    return {PAGE: f"{_MADE}\n{text}"}


def _blocks() -> str:
    surfaces = (MESSAGE_BLOCK.kinds, MODAL_BLOCK.kinds, HOME_BLOCK.kinds)
    names = sorted({name for kinds in surfaces for name in kinds})
    rows = ((f"`{name}`", *("yes" if name in kinds else "" for kinds in surfaces)) for name in names)
    return _table(("block", "messages", "modals", "home tabs"), rows)


def _simulated(facts: Facts) -> str:
    names = sorted(METHODS)
    parts = []
    for family, methods in groupby(names, key=_family):
        rows = (_method(facts.methods[name], METHODS[name]) for name in methods)
        headings = ("method", "tier", "bot scopes", "errors that a situation causes", "differs from Slack")
        parts.append(f"### {family}\n\n{_table(headings, rows)}")
    return "\n\n".join(parts)


def _method(facts: MethodFacts, simulated: Simulated) -> tuple[str, ...]:
    people_only = facts.scopes and "bot" not in facts.scopes
    scopes = "for people only" if people_only else _codes(facts.scopes.get("bot", ()))
    tier = "special" if facts.tier == "t5" else facts.tier or ""
    return f"`{facts.name}`", tier, scopes, _codes(simulated.errors), _sentence(simulated.differs)


def _sentence(text: str) -> str:
    """Return a remark as a sentence; a name at its beginning stays as it is."""
    first = text.split(" ", maxsplit=1)[0]
    begun = text[:1].upper() + text[1:] if first.isalpha() else text
    return f"{begun}." if begun and not begun.endswith(".") else begun


def _families(names: Iterable[str]) -> str:
    families = groupby(names, key=_family)
    return "\n".join(f"- {family}: {', '.join(f'`{name}`' for name in found)}" for family, found in families)


def _family(method: str) -> str:
    return method.split(".", maxsplit=1)[0]


def _actions() -> str:
    rows = ((f"`{action.name}`", _fields(action.body), action.meaning) for action in ACTIONS)
    return _table(("address", "fields", "what it does"), rows)


def _fields(body: type[Body]) -> str:
    return ", ".join(_field(name, field) for name, field in body.model_fields.items())


def _field(name: str, field: FieldInfo) -> str:
    called = field.alias or name
    return f"**`{called}`**" if field.is_required() else f"`{called}`"


def _further_codes(facts: Facts) -> str:
    rows = (
        (f"`{further.code}`", _methods(further.methods), further.source) for further in facts.further_codes
    )
    return _table(("code", "methods", "source"), rows)


def _further_keys(facts: Facts) -> str:
    rows = (
        ("any" if method == "*" else f"`{method}`", _codes(sorted(further.keys)) or "none", further.source)
        for method, further in sorted(facts.further_output.items())
    )
    return _table(("method", "keys", "source"), rows)


def _methods(methods: frozenset[str]) -> str:
    return "any" if "*" in methods else _codes(sorted(methods))


def _codes(codes: Iterable[str]) -> str:
    return ", ".join(f"`{code}`" for code in codes)


def _table(headings: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [headings, ("---",) * len(headings), *rows]
    return "\n".join(_line(line) for line in lines)


def _line(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    for name, page in pages().items():
        Path(sys.argv[1], name).write_text(page, encoding="utf-8")
