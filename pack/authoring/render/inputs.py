"""What ``render`` is given: the flow, the event, the context and the datastore's documents, out of files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pack.errors import PackError
from pack.flows.document import Document, read_document
from pack.flows.fields import Fields, type_of
from pack.flows.go_json import FormatError, decode_json
from pack.flows.model import Flow
from pack.flows.reading import FlowRefused, flow_of
from pack.flows.times import read_time
from pack.flows.violations import violations

Json = Any

STDIN = "-"
LARGEST_FILE = 16 * 1024 * 1024
"""How many bytes a file may have: the engine takes no larger body."""
_YAML = {".json": False, ".yaml": True, ".yml": True}


class Unreadable(PackError):
    """Something that was given cannot be used; the message names the file and the place."""


@dataclass(frozen=True, slots=True)
class GivenEvent:
    """The event as far as it was given; None stands for what every step takes as it wants it."""

    name: str | None
    payload: Json
    created_at: datetime | None
    pack_name: str | None
    labels: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class FlowFile:
    """A flow and where its parts are written."""

    name: str
    document: Document
    flow: Flow


class Files:
    """Reads files, and standard input once."""

    def __init__(self, stdin: Callable[[int], bytes]) -> None:
        self._stdin = stdin
        self._stdin_used = False

    def data(self, path: str) -> bytes:
        """Return what is in a file, or on standard input.

        Raises:
            Unreadable: it is not there, too large, or standard input was read before.
        """
        if path == STDIN:
            if self._stdin_used:
                raise Unreadable("only one file can come from standard input (-)")
            self._stdin_used = True
            data = self._stdin(LARGEST_FILE + 1)
        else:
            try:
                with Path(path).open("rb") as file:
                    data = file.read(LARGEST_FILE + 1)
            except OSError as error:
                raise Unreadable(f"{path}: cannot be read: {error.strerror or error}") from error
        if len(data) > LARGEST_FILE:
            raise Unreadable(f"{shown(path)}: larger than {LARGEST_FILE} bytes")
        return data

    def document(self, path: str) -> Document:
        """Return what is in a JSON or YAML file; the suffix decides, and without one the first characters.

        Raises:
            Unreadable: it is neither.
        """
        data = self.data(path)
        yaml = _YAML.get(Path(path).suffix.lower(), _looks_like_yaml(data))
        try:
            return read_document(data, yaml=yaml)
        except FormatError as error:
            raise Unreadable(f"{shown(path)}: {error}") from error


def _looks_like_yaml(data: bytes) -> bool:
    start = data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    return start not in (b"{", b"[")


def shown(path: str) -> str:
    """Return how a file is named in messages."""
    return "<stdin>" if path == STDIN else path


def read_flow_file(files: Files, path: str) -> FlowFile:
    """Read a flow.

    Raises:
        Unreadable: it cannot be read, or Flyte would refuse it.
    """
    document = files.document(path)
    for violation in violations(document.value):
        line, column = document.position(violation.path)
        raise Unreadable(f"{shown(path)}:{line}:{column}: Flyte refuses this flow: {violation.message}")
    try:
        return FlowFile(shown(path), document, flow_of(document))
    except (FlowRefused, FormatError) as error:
        raise Unreadable(f"{shown(path)}: Flyte refuses this flow: {error}") from error


def read_event(files: Files, path: str) -> GivenEvent:
    """Read an event as a pack posts it, or the bare payload of one.

    Raises:
        Unreadable: it cannot be read, or a field is of a wrong type.
    """
    value = files.document(path).value
    if not isinstance(value, dict) or not {"event", "payload"} & {key.lower() for key in value}:
        return GivenEvent(None, value, None, None, None)
    try:
        fields = Fields(value)
        pack = fields.object("pack") if fields.any("pack") is not None else None
        time = fields.text("createdAt")
        has_labels = pack is not None and pack.any("labels") is not None
        return GivenEvent(
            name=fields.text("event") or None,
            payload=fields.any("payload"),
            created_at=read_time(time) if time else None,
            pack_name=(pack.text("name") or None) if pack else None,
            labels=pack.text_map("labels") if pack and has_labels else None,
        )
    except FormatError as error:
        raise Unreadable(f"{shown(path)}: {error}") from error


def read_context(files: Files, path: str | None) -> dict[str, str]:
    """Read the context that the step before left; none when no file is given.

    Raises:
        Unreadable: it cannot be read, or is no object of texts.
    """
    if path is None:
        return {}
    document = files.document(path)
    if not isinstance(document.value, dict):
        raise Unreadable(f"{shown(path)}: a context is an object of texts, not {type_of(document.value)}")
    for name, value in document.value.items():
        if not isinstance(value, str):
            line, column = document.position((name,))
            raise Unreadable(
                f"{shown(path)}:{line}:{column}: {name} is {type_of(value)}, and a context has only texts: "
                "put it in quotes"
            )
    return document.value


def read_datastore(files: Files, options: Iterable[str]) -> Callable[[str], object]:
    """Return the function ``datastore`` over documents given as ``KEY=FILE``.

    Raises:
        Unreadable: an option has another form, or its file cannot be read.
    """
    documents: dict[str, tuple[str, bytes]] = {}
    for option in options:
        key, sign, path = option.partition("=")
        if not (key and sign and path):
            raise Unreadable(f"--datastore {option}: write KEY=FILE")
        documents[key] = (path, files.data(path))

    def datastore(key: str) -> object:
        if key not in documents:
            raise LookupError(f"no such document was given: add --datastore {key}=FILE")
        path, data = documents[key]
        if Path(path).suffix.lower() != ".json":
            return data.decode("utf-8", "replace")
        value = decode_json(data, whole=True)
        if value is not None and not isinstance(value, dict):
            raise ValueError(f"{path} must be a JSON object, not {type_of(value)}")
        return value or {}

    return datastore
