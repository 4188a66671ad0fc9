"""Keys that Flyte does not know, reads in another case, or finds twice."""

from __future__ import annotations

from collections.abc import Iterator

from pack.authoring.lint.findings import Finding, Rule, Severity
from pack.authoring.lint.subject import Draft
from pack.authoring.lint.texts.flow_keys import EXACT_KEYS, known_objects, meant_by, object_at
from pack.flows.document import Path
from pack.flows.paths import written

UNKNOWN_KEY = Rule(
    "unknown-key", Severity.WARNING, "A key that Flyte does not know is ignored without a word."
)
KEY_CASE = Rule("key-case", Severity.NOTE, "A key is written in another case than Flyte's.")
DUPLICATE_KEY = Rule(
    "duplicate-key", Severity.WARNING, "A key stands twice in an object; the last one counts."
)

RULES = (UNKNOWN_KEY, KEY_CASE, DUPLICATE_KEY)

_FROM_FLYTE = "links"
"""What Flyte adds to a flow that it is asked for; it may be sent back."""
_OWN_KEYS = ("x-", "_", ".", "$")
"""How keys begin that are there for the author, such as for YAML anchors."""
_REQUIRED = frozenset({"name", "steps", "event", "command", "packName"})


def check(draft: Draft) -> Iterator[Finding]:
    """Yield keys that do not do what they seem to."""
    for path, known in known_objects(draft.document):
        for key in object_at(draft.document, path):
            if key not in known:
                yield from _not_known(draft, path, key, known)
    for path, span in draft.document.places.repeated:
        place, last = draft.document.place(span.start), draft.document.key(path)
        message = f"{written(path)} stands twice: Flyte takes the last one, in line {last.line}"
        yield Finding(
            DUPLICATE_KEY, message, "leave out one of them", draft.file, path, place.line, place.column
        )


def _not_known(draft: Draft, path: Path, key: str, known: tuple[str, ...]) -> Iterator[Finding]:
    here = object_at(draft.document, path)
    meant = meant_by(key, known)
    if meant is not None and key.lower() == meant.lower():
        yield from _other_case(draft, path, key, meant)
    elif meant in _REQUIRED and meant not in here:
        return
    elif not key.startswith(_OWN_KEYS) and not (path == () and key == _FROM_FLYTE):
        what = "the flow" if not path else written(path)
        yield draft.key_finding(
            UNKNOWN_KEY,
            f"{what} has an unknown key {key}, which Flyte ignores",
            f"did you mean {meant}?" if meant else f"the keys here are {', '.join(known)}",
            (*path, key),
        )


def _other_case(draft: Draft, path: Path, key: str, meant: str) -> Iterator[Finding]:
    if meant in object_at(draft.document, path):
        message = f"{key} and {meant} are one key to Flyte: only one of them counts"
        yield draft.key_finding(DUPLICATE_KEY, message, f"leave out {key}", (*path, key))
    elif meant not in _REQUIRED:
        unseen = ", but the schema does not see it" if meant in EXACT_KEYS else ""
        message = f"{key} is read as {meant}: the case of keys does not matter to Flyte{unseen}"
        yield draft.key_finding(KEY_CASE, message, f"write {meant}, as others read it", (*path, key))
