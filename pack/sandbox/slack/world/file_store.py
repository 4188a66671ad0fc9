"""Where the contents of files lie: in a directory of their own, which goes with the simulation."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


class FileStore:
    """Contents by the file's ID, on disk, so that large uploads cost no memory.

    The directory is made with the first file, and removed when the simulation is begun anew, when nothing
    refers to the store any more, and at the end of the process.
    """

    def __init__(self) -> None:
        self._directory: Path | None = None
        self.used_bytes = 0
        """The size of everything that is kept."""
        self._sizes: dict[str, int] = {}
        self._parts = 0
        self._remove: weakref.finalize[..., FileStore] | None = None

    def path(self, file_id: str) -> Path | None:
        """Return where a file's contents are; None: there are none."""
        if self._directory is None or file_id not in self._sizes:
            return None
        return self._directory / file_id

    @contextmanager
    def writing(self, file_id: str) -> Iterator[BinaryIO]:
        """Open a file's contents for writing; they are there only when all went well.

        Raises:
            OSError: the disk refuses.
        """
        self._parts += 1
        part = self._make_directory() / f"{self._parts}.part"
        try:
            with part.open("wb") as stream:
                yield stream
            target = part.with_name(file_id)
            part.replace(target)
            self._count(file_id, target.stat().st_size)
        finally:
            part.unlink(missing_ok=True)

    def remove(self, file_id: str) -> None:
        """Throw a file's contents away."""
        path = self.path(file_id)
        if path is not None:
            path.unlink(missing_ok=True)
            self._count(file_id, 0)

    def clear(self) -> None:
        """Throw everything away."""
        if self._remove is not None:
            self._remove()
        self._directory = self._remove = None
        self._sizes.clear()
        self.used_bytes = 0

    def _count(self, file_id: str, size: int) -> None:
        self.used_bytes += size - self._sizes.pop(file_id, 0)
        if size:
            self._sizes[file_id] = size

    def _make_directory(self) -> Path:
        if self._directory is None:
            self._directory = Path(tempfile.mkdtemp(prefix="flyte-slack-files-"))
            self._remove = weakref.finalize(self, shutil.rmtree, self._directory, ignore_errors=True)
        return self._directory
