"""Where the journal is: in the backup directory, whatever else of the settings is missing or wrong."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pack.settings import variable
from pack.settings_table import default_text
from pack.state.journal_file import FILE_NAME


def journal_path(environment: Mapping[str, str]) -> Path:
    """Return where the journal of a pack with that environment is; it need not exist."""
    directory = environment.get(variable("backup_dir"), "").strip() or default_text("backup_dir")
    return Path(directory) / FILE_NAME


def named(path: Path) -> str:
    """Return the directory of a journal as the operator sets it, for messages."""
    return f"{variable('backup_dir')}={path.parent}"
