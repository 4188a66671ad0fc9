"""The backup file: the list of wanted channels, as the old pack wrote it.

``channels.json`` is a JSON array of channel IDs. It is replaced atomically and is on disk when ``save``
returns; a file that cannot be read is set aside, never overwritten and never a reason not to start.
"""

from __future__ import annotations

import contextlib
import errno
import json
import logging
import os
import stat
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from pack.errors import SettingsError

logger = logging.getLogger(__name__)

FILE_NAME = "channels.json"


class BackupFile:
    """The wanted channels in a directory; fills :class:`pack.contracts.ports.WantedChannels`."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / FILE_NAME
        self.problem = ""
        """Why the list is not on disk at the moment; empty when it is."""

    def check(self) -> None:
        """Make sure that the directory exists and can be written.

        Raises:
            SettingsError: it cannot; says whose it is and the command that mends it.
        """
        directory = self.path.parent
        try:
            directory.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=directory):
                pass
            if self.path.is_file():
                self.path.open("rb").close()
        except OSError as error:
            raise SettingsError(_unwritable(directory, error)) from error

    def load(self) -> list[str]:
        """Return the IDs in their order; sets a damaged file aside and returns what could be read of it."""
        try:
            if kind := _strange_kind(self.path):
                self._set_aside(f"it is not a file but {kind}")
                return []
            content = json.loads(self.path.read_text("utf-8-sig"))
        except FileNotFoundError:
            return []
        except OSError as error:
            self._set_aside(f"it cannot be read ({_words(error)})")
            return []
        except (ValueError, RecursionError) as error:
            self._set_aside(f"it is not a JSON array of channel IDs ({error})")
            return []
        return self._channel_ids(content)

    def _channel_ids(self, content: object) -> list[str]:
        if content is None:
            return []
        if not isinstance(content, list):
            self._set_aside("it is not a JSON array of channel IDs")
            return []
        good = list(dict.fromkeys(entry for entry in content if isinstance(entry, str) and entry.strip()))
        bad = [entry for entry in content if entry not in good]
        if bad and self._set_aside(f"{len(bad)} of its {len(content)} entries are not channel IDs"):
            self.save(good)
        return good

    def _set_aside(self, reason: str) -> bool:
        """Give what is there another name; return whether that could be done."""
        moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        aside = self.path.with_name(f"{FILE_NAME}.damaged-{moment}")
        try:
            self.path.rename(aside)
        except OSError as error:
            self.problem = f"{self.path} is damaged ({reason}) and cannot be set aside: {_words(error)}"
            logger.error("%s; remove it, the pack goes on from Slack's memberships", self.problem)
            return False
        logger.error(
            "%s is damaged: %s. It was set aside as %s; going on from what could be read of it and from "
            "Slack's memberships. Look into it for channels that are missing, and send JoinChannel for them.",
            self.path,
            reason,
            aside.name,
        )
        return True

    def save(self, channel_ids: Sequence[str]) -> None:
        """Replace the list atomically; on disk when it returns.

        Never raises: a failure is logged once and told in ``problem``. As long as that is set, the list is
        not on disk and has to be saved again.
        """
        try:
            self._replace(json.dumps(list(channel_ids)))
        except OSError as error:
            if not self.problem:
                logger.error("the wanted channels could not be written to %s: %s", self.path, error)
            self.problem = f"{self.path} cannot be written: {_words(error)}"
        else:
            self.problem = ""

    def _replace(self, text: str) -> None:
        directory = self.path.parent
        directory.mkdir(parents=True, exist_ok=True)  # it may have been taken away since the start
        handle, name = tempfile.mkstemp(dir=directory, prefix=f".{FILE_NAME}.")
        temporary = Path(name)
        try:
            with open(handle, "w", encoding="utf-8") as file:  # noqa: PTH123 - a descriptor, not a path
                file.write(text)
                file.flush()
                os.fchmod(
                    file.fileno(), stat.S_IRUSR | stat.S_IWUSR | stat.S_IRGRP | stat.S_IWGRP | stat.S_IROTH
                )
                os.fsync(file.fileno())
            temporary.replace(self.path)
        except OSError:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise
        _sync_directory(directory)


class MemoryBackup:
    """The wanted channels in memory only, for when no directory can be written."""

    def __init__(self, problem: str) -> None:
        self.problem = problem
        self._channel_ids: list[str] = []

    def load(self) -> list[str]:
        """Return the IDs that were saved since the start."""
        return list(self._channel_ids)

    def save(self, channel_ids: Sequence[str]) -> None:
        """Keep the IDs until the process ends."""
        self._channel_ids = list(channel_ids)


def open_backup(directory: Path, *, was_set: bool) -> BackupFile | MemoryBackup:
    """Return the backup in that directory, or one in memory when it is only the default and not writable.

    Raises:
        SettingsError: the directory was set and cannot be written.
    """
    backup = BackupFile(directory)
    try:
        backup.check()
    except SettingsError as error:
        if was_set:
            raise
        logger.warning("joined channels are kept in memory only: %s", error)
        return MemoryBackup(f"kept in memory only: {error}")
    return backup


def _sync_directory(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _strange_kind(path: Path) -> str:
    """Say what a path is when it is no regular file; reading that could take for ever."""
    mode = path.stat().st_mode
    if stat.S_ISREG(mode):
        return ""
    kinds = {stat.S_IFDIR: "a directory", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}
    return kinds.get(stat.S_IFMT(mode), "a device")


def _words(error: OSError) -> str:
    return error.strerror or type(error).__name__


def _unwritable(directory: Path, error: OSError) -> str:
    uid = os.geteuid()
    # Not Path.exists(), which raises for what this process may not look into.
    existing = next((path for path in (directory, *directory.parents) if os.path.exists(path)), Path("/"))  # noqa: PTH110
    said = f"FLYTE_SLACK_BACKUP_DIR={directory} cannot be used by this process (uid {uid}): {_words(error)}"
    if error.errno == errno.ENAMETOOLONG:
        return f"{said}. Set it to a shorter one."
    if error.errno in (errno.EEXIST, errno.ENOTDIR):
        return f"{said} ({existing} is a file). Set it to a directory."
    if error.errno not in (errno.EACCES, errno.EPERM):
        return f"{said}. Set it to a directory that can be made and written, or mount a volume there."
    try:
        about = existing.stat()
    except OSError:
        return f"{said}. Set it to a directory that this process can write."
    return (
        f"{said} ({existing} belongs to {about.st_uid}:{about.st_gid}, mode {stat.filemode(about.st_mode)}). "
        f"Do one of these: `chown -R {uid} {existing}` where the volume is mounted; run the container as the "
        f"owner (`--user {about.st_uid}:{about.st_gid}`); or, in Kubernetes, set securityContext.fsGroup."
    )
