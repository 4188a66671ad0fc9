"""The texts that are checked: files, what is in directories, standard input."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pack.flows.document import read_document
from pack.flows.go_json import FormatError

LARGEST_FILE = 16 * 1024 * 1024
"""How many bytes a file may have: the engine takes no larger flow."""
STDIN = "-"
STDIN_NAME = "<stdin>"

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

    ``unread`` says of paths why they could not be read, ``skipped`` of files in directories why they are no
    flows.
    """

    def __init__(self, paths: Sequence[str], stdin: Callable[[int], bytes]) -> None:
        """Read files, every ``*.json``, ``*.yaml`` and ``*.yml`` below directories, and for ``-`` stdin."""
        self.texts: list[FlowText] = []
        self.unread: list[str] = []
        self.skipped: list[str] = []
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
        found = list(_flow_files(directory))
        if not found:
            self.unread.append(f"{directory}: no *.json, *.yaml or *.yml file in there")
        for path in found:
            self._file(path, sure=False)

    def _file(self, path: Path, *, sure: bool = True) -> None:
        if path.resolve() in self._seen:
            return
        try:
            with path.open("rb") as file:
                data = file.read(LARGEST_FILE + 1)
        except OSError as error:
            self.unread.append(f"{path}: cannot be read: {error.strerror or error}")
            return
        yaml = _YAML.get(path.suffix.lower())
        yaml = _looks_like_yaml(data) if yaml is None else yaml
        if not sure and not _may_be_flow(data, yaml):
            self.skipped.append(f"{path}: skipped, for it has no steps and is no flow")
            return
        self._seen.add(path.resolve())
        self._add(str(path), data, yaml)

    def _add(self, name: str, data: bytes, yaml: bool) -> None:
        if len(data) > LARGEST_FILE:
            self.unread.append(f"{name}: larger than {LARGEST_FILE} bytes, which Flyte takes of no flow")
            return
        self.texts.append(FlowText(name, data, yaml))


def _flow_files(directory: Path) -> Iterator[Path]:
    for path in sorted(directory.rglob("*")):
        inside = path.relative_to(directory).parts
        if (
            not any(part.startswith(".") for part in inside)
            and path.suffix.lower() in _YAML
            and path.is_file()
        ):
            yield path


def _may_be_flow(data: bytes, yaml: bool) -> bool:
    if b"steps" not in data.lower():
        return False
    try:
        value = read_document(data, yaml=yaml).value
    except FormatError:
        return True
    return isinstance(value, dict) and any(key.lower() == "steps" for key in value)


def _looks_like_yaml(data: bytes) -> bool:
    """Say whether a text is YAML, for one whose name does not say: JSON begins with a quoted key."""
    start = data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1000]
    return not (start[:1] == b"[" or (start[:1] == b"{" and start[1:].lstrip()[:1] in (b'"', b"}", b"")))
