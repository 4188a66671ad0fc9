"""Flow files: where the examples are, and what is in a file or a directory."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from pack.errors import SettingsError

CONTENT_TYPES = {".json": "application/json", ".yaml": "application/x-yaml", ".yml": "application/x-yaml"}
EXAMPLES = ("echo", "deployments")


@dataclass(frozen=True, slots=True)
class FlowFile:
    """The text of one flow, as it is given to the engine."""

    path: Path
    text: bytes
    content_type: str
    events: frozenset[tuple[str, str]]
    """The events that its steps wait for, as (name of the pack, name of the event)."""
    name: str
    loose: tuple[str, ...] = ()
    """What its steps depend on though no step of the flow has that ID, as ``STEP: MISSING``."""


def example_directories() -> list[Path]:
    """Return the directories of the examples: inside the installed package, or beside it in a clone."""
    here = Path(__file__).parent
    places = (here / "examples", here.parent.parent / "examples")
    found = next((place for place in places if (place / EXAMPLES[0]).is_dir()), None)
    if found is None:
        raise SettingsError(
            f"the examples are missing: neither {places[0]} nor {places[1]} exists. "
            "Give --flows with flows of your own, or install the package again."
        )
    return [found / name for name in EXAMPLES]


def read_flows(paths: Iterable[Path]) -> list[FlowFile]:
    """Read files, and every ``.json``, ``.yaml`` and ``.yml`` file below directories.

    Raises:
        SettingsError: one cannot be read, is no flow, or a directory has none.
    """
    return [_read(file) for path in paths for file in _files(path)]


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
        return
    if not path.is_dir():
        raise SettingsError(f"--flows {path}: there is no such file or directory")
    found = sorted(file for file in path.rglob("*") if file.suffix in CONTENT_TYPES and file.is_file())
    if not found:
        raise SettingsError(f"--flows {path}: no flow in there; expected files *.json, *.yaml or *.yml")
    yield from found


def _read(path: Path) -> FlowFile:
    if path.suffix not in CONTENT_TYPES:
        raise SettingsError(f"--flows {path}: a flow's file name ends in .json, .yaml or .yml")
    try:
        text = path.read_bytes()
        document = json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
    except OSError as error:
        raise SettingsError(f"--flows {path}: cannot be read: {error.strerror or error}") from error
    except (ValueError, RecursionError, yaml.YAMLError) as error:
        raise SettingsError(f"--flows {path}: cannot be understood: {error}") from error
    if not isinstance(document, dict) or not isinstance(document.get("steps"), list):
        raise SettingsError(f"--flows {path}: no flow: expected an object with name and steps")
    steps = [step for step in document["steps"] if isinstance(step, dict)]
    name = document.get("name")
    return FlowFile(
        path,
        text,
        CONTENT_TYPES[path.suffix],
        _events(steps),
        name if isinstance(name, str) else path.stem,
        tuple(_loose(steps)),
    )


def doubts(flows: Iterable[FlowFile]) -> list[str]:
    """Return what will hardly be meant: files with one flow's name, steps that depend on none of the flow."""
    flows = list(flows)
    found = [
        f"{', '.join(str(flow.path) for flow in flows if flow.name == name)}: these flows are all named "
        f"{name!r}, and the last one counts; give each a name of its own"
        for name, count in Counter(flow.name for flow in flows).items()
        if count > 1
    ]
    found += [
        f"{flow.path}: a step depends on a step that the flow does not have ({loose}), "
        "so it waits for that in vain"
        for flow in flows
        for loose in flow.loose
    ]
    return found


def _loose(steps: list[dict[str, Any]]) -> Iterator[str]:
    known = [step.get("id") for step in steps]
    for step in steps:
        wanted = step.get("dependsOn")
        for name in wanted if isinstance(wanted, list) else ():
            if isinstance(name, str) and name not in known:
                yield f"{step.get('id', '')}: {name}"


def _events(steps: list[dict[str, Any]]) -> frozenset[tuple[str, str]]:
    waited_for = [step.get("event") for step in steps]
    return frozenset(
        (event["packName"], event["name"])
        for event in waited_for
        if isinstance(event, dict)
        and isinstance(event.get("packName"), str)
        and isinstance(event.get("name"), str)
    )
