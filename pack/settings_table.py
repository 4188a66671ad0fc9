"""The settings as a table, for ``flyte-slack settings`` and the reference page."""

from __future__ import annotations

from collections.abc import Mapping

from pack.errors import SettingsError
from pack.secrets import mask, mask_address
from pack.settings import Settings, is_secret, variable
from pack.settings_sources import read_secret

ADDRESSES = frozenset({"engine_url", "slack_api_url"})
"""The settings whose value may hold a user and password."""


def rows(environment: Mapping[str, str]) -> list[tuple[str, str, str, str, str]]:
    """List every setting as (variable, value, source, default, meaning), secrets masked.

    Works with a configuration that is incomplete or wrong too: the value is then what stands in the
    environment.
    """
    found = []
    for field_name, field in Settings.model_fields.items():
        name = variable(field_name)
        value, source = environment.get(name, "").strip(), "environment"
        file = environment.get(f"{name}_FILE", "").strip() if is_secret(field_name) else ""
        if not value and file:
            value, source = _masked_file(f"{name}_FILE", file), f"{name}_FILE"
        elif value and is_secret(field_name):
            value = mask(value)
        elif field_name in ADDRESSES:
            value = mask_address(value)
        default = default_text(field_name)
        if not value:
            value, source = default, "not set" if field.is_required() else "default"
        found.append((name, value, source, default, field.description or ""))
    return found


def _masked_file(name: str, path: str) -> str:
    try:
        return mask(read_secret(name, path))
    except SettingsError as error:
        return f"({error})"


def default_text(field_name: str) -> str:
    """Return a setting's default as text; empty when there is none."""
    field = Settings.model_fields[field_name]
    if field.is_required():
        return ""
    value = field.get_default(call_default_factory=True, validated_data={})
    return "" if value in (None, [], {}) else str(value)
