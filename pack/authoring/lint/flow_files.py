"""The texts that are checked: files, what is in directories, standard input."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from select import select
from typing import Any

from pack.flows.document import read_document
from pack.flows.go_json import FormatError

LARGEST_FILE = 16 * 1024 * 1024
"""How many bytes a file may have: the engine takes no larger flow."""
PIPE_SECONDS = 1.0
"""How long a pipe is waited for until somebody writes to it."""
STDIN = "-"
STDIN_NAME = "<stdin>"

_NEARLY_STEPS = 0.75
_YAML = {".json": False, ".yaml": True, ".yml": True}


@dataclass(frozen=True, slots=True)
class FlowText:
    """The bytes of what may be a flow, and how they are to be read."""

    file: str
    data: bytes
    yaml: bool

    @property
    def lines(self) -> list[str]:
        """The lines as an editor counts them; a byte order mark is no character of the first."""
        return self.data.decode("utf-8", "replace").removeprefix("\ufeff").split("\n")


class Collection:
    """What was found under the paths that were given.

    ``unread`` says of paths why they could not be read. ``passed`` are the files in directories that are no
    flows, and ``skipped`` says why.
    """

    def __init__(self, paths: Sequence[str], stdin: Callable[[int], bytes]) -> None:
        """Read files, every ``*.json``, ``*.yaml`` and ``*.yml`` below directories, and for ``-`` stdin."""
        self.texts: list[FlowText] = []
        self.unread: list[str] = []
        self.skipped: list[str] = []
        self.passed: list[str] = []
        self._seen: set[Path] = set()
        for path in dict.fromkeys(paths):
            if path == STDIN:
                data = stdin(LARGEST_FILE + 1)
                self._add(STDIN_NAME, data, _looks_like_yaml(data))
            else:
                self._path(Path(path))

    def _path(self, path: Path) -> None:
        try:
            if path.is_dir():
                self._directory(path)
            else:
                self._file(path)
        except OSError as error:
            self.unread.append(f"{path}: cannot be read: {error.strerror or error}")

    def _directory(self, directory: Path) -> None:
        closed: list[OSError] = []
        found = list(_flow_files(directory, closed.append))
        for error in closed:
            self.unread.append(f"{error.filename}: cannot be read: {error.strerror}")
        if not found and not closed:
            self.unread.append(f"{directory}: no *.json, *.yaml or *.yml file in there")
        for path in found:
            self._file(path, sure=False)

    def _file(self, path: Path, *, sure: bool = True) -> None:
        if path.resolve() in self._seen:
            return
        try:
            data = _read(path)
        except OSError as error:
            self.unread.append(f"{path}: cannot be read: {error.strerror or error}")
            return
        yaml = _YAML.get(path.suffix.lower())
        yaml = _looks_like_yaml(data) if yaml is None else yaml
        if not sure and not _may_be_flow(data, yaml):
            self.passed.append(str(path))
            self.skipped.append(f"{path}: skipped, for it has no steps and is no flow")
            return
        self._seen.add(path.resolve())
        self._add(str(path), data, yaml)

    def _add(self, name: str, data: bytes, yaml: bool) -> None:
        if len(data) > LARGEST_FILE:
            self.unread.append(f"{name}: larger than {LARGEST_FILE} bytes, which Flyte takes of no flow")
            return
        self.texts.append(FlowText(name, data, yaml))


def _flow_files(directory: Path, closed: Callable[[OSError], None]) -> Iterator[Path]:
    """Yield what may be flows below a directory, and report the directories that cannot be looked into."""
    found = []
    for folder, inside, names in os.walk(directory, onerror=closed):
        inside[:] = [name for name in inside if not name.startswith(".")]
        for path in (Path(folder, name) for name in names if not name.startswith(".")):
            try:
                if path.suffix.lower() in _YAML and path.is_file():
                    found.append(path)
            except OSError as error:
                closed(error)
    yield from sorted(found)


def _read(path: Path) -> bytes:
    """Return a file's bytes, not many more than a flow may have; a pipe is read when somebody writes to it.

    Raises:
        OSError: it cannot be read, or is a pipe to which nobody writes.
    """
    if not stat.S_ISFIFO(path.stat().st_mode):
        with path.open("rb") as file:
            return file.read(LARGEST_FILE + 1)
    return _read_pipe(path)


def _read_pipe(path: Path) -> bytes:
    def opened(name: str, flags: int) -> int:
        return os.open(name, flags | os.O_NONBLOCK)

    with open(path, "rb", opener=opened) as file:
        if not select([file], [], [], PIPE_SECONDS)[0] and _has_no_writer(file.fileno()):
            raise OSError("it is a pipe, and nobody writes to it")
        os.set_blocking(file.fileno(), True)
        return file.read(LARGEST_FILE + 1)


def _has_no_writer(descriptor: int) -> bool:
    try:
        os.read(descriptor, 1)
    except BlockingIOError:
        return False
    return True


def _may_be_flow(data: bytes, yaml: bool) -> bool:
    """Say whether a text seems to be meant as a flow: by its keys, or by its words when it cannot be read."""
    try:
        value = read_document(data, yaml=yaml).value
    except FormatError:
        return b"steps" in data.lower()
    if not isinstance(value, dict):
        return False
    return any(map(_means_steps, value.items())) or ("name" in value and _has_step(value))


def _means_steps(entry: tuple[str, Any]) -> bool:
    key = entry[0].lower()
    return key == "steps" or (
        isinstance(entry[1], list) and SequenceMatcher(None, key, "steps").ratio() > _NEARLY_STEPS
    )


def _has_step(value: dict[str, Any]) -> bool:
    """Say whether an event and a command stand together in an object, or in an entry of a list in it."""
    entries = [item for part in value.values() if isinstance(part, list) for item in part]
    return any(isinstance(one, dict) and {"event", "command"} <= one.keys() for one in (value, *entries))


def _looks_like_yaml(data: bytes) -> bool:
    """Say whether a text is YAML, for one whose name does not say: JSON begins with a quoted key."""
    start = data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1000]
    return not (start[:1] == b"[" or (start[:1] == b"{" and start[1:].lstrip()[:1] in (b'"', b"}", b"")))
