"""Where settings come from: the environment without blanks, and the files that hold secrets."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pydantic import AliasChoices
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource
from yarl import URL

from pack.errors import SettingsError


class NotBlank(PydanticBaseSettingsSource):
    """What another source has, without the values that are nothing but white space: they count as unset."""

    def __init__(self, settings_cls: type[BaseSettings], source: PydanticBaseSettingsSource) -> None:
        super().__init__(settings_cls)
        self._source = source

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        """Return what the other source has for one field."""
        return self._source.get_field_value(field, field_name)

    def __call__(self) -> dict[str, Any]:
        """Return what is not blank."""
        return {name: value for name, value in self._source().items() if not _is_blank(value)}


def has_host(address: str) -> bool:
    """Tell whether an address names a host."""
    try:
        host = URL(address).host  # the error is not quoted: it may have the password
    except ValueError:
        return False
    return bool(host) and not any(character.isspace() for character in host or "")


def _is_blank(value: object) -> bool:
    return isinstance(value, str) and not value.strip()


class SecretFiles(PydanticBaseSettingsSource):
    """The contents of the files named by ``<NAME>_FILE``, for the secrets."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        """Return the secret in a field's file, None when no file is named."""
        name = variable_of(self.settings_cls, field_name)
        path = (
            os.environ.get(f"{name}_FILE", "").strip() if is_secret_of(self.settings_cls, field_name) else ""
        )
        return (read_secret(f"{name}_FILE", path) if path else None), name, False

    def __call__(self) -> dict[str, Any]:
        """Return the secrets of all files."""
        found = {}
        for field_name, field in self.settings_cls.model_fields.items():
            value, name, _ = self.get_field_value(field, field_name)
            if value:
                found[name] = value
        return found


def read_secret(name: str, path: str) -> str:
    """Return the secret in a file.

    Raises:
        SettingsError: names the variable, the file and why it cannot be used.
    """
    try:
        text = Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SettingsError(
            f"{name}: cannot read {path}: {reason}. Mount the file, or unset {name}."
        ) from error
    if not text:
        raise SettingsError(f"{name}: {path} is empty. Put the secret in it, or unset {name}.")
    return text


def variable_of(settings: type[BaseSettings], field_name: str) -> str:
    """Return the environment variable of a setting."""
    alias = settings.model_fields[field_name].validation_alias
    assert isinstance(alias, AliasChoices)
    return str(alias.choices[0])


def is_secret_of(settings: type[BaseSettings], field_name: str) -> bool:
    """Tell whether a setting must never be shown."""
    return "SecretStr" in str(settings.model_fields[field_name].annotation)
