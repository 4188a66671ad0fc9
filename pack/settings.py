"""Every setting of the pack: its environment variable, unit, meaning and default, in one place.

Only the composition root (:mod:`pack.app`) and the command line read them. An empty variable is unset; a
secret may come from a file named by ``<NAME>_FILE``. The page ``docs/configuration.md`` is made from here.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AliasChoices,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from pack.errors import SettingsError
from pack.secrets import TokenKind, explain_wrong_kind, token_kind
from pack.settings_problems import explain
from pack.settings_sources import NotBlank, SecretFiles, has_host, is_secret_of, variable_of

SLACK_API_URL = "https://slack.com/api/"

LogLevel = Literal["debug", "info", "warning", "error", "critical", "disabled"]

_ZEROLOG = {
    "trace": "debug",
    "-1": "debug",
    "0": "debug",
    "1": "info",
    "2": "warning",
    "3": "error",
    "4": "critical",
    "5": "critical",
    "7": "disabled",
    "warn": "warning",
    "fatal": "critical",
    "panic": "critical",
}
"""The words of the old pack's logging library (zerolog), as words of Python's."""


def _split(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _split_labels(value: object) -> object:
    if not isinstance(value, str):
        return value
    pairs = [part.partition("=") for part in value.split(",") if part.strip()]
    bad = [key + sign + rest for key, sign, rest in pairs if not sign or not key.strip()]
    if bad:
        raise ValueError(
            f"{', '.join(map(repr, bad))}: expected name=value pairs with commas between (env=prod,az=1)"
        )
    return {key.strip(): rest.strip() for key, _, rest in pairs}


def _log_level(value: object) -> object:
    word = str(value).strip().lower()
    return _ZEROLOG.get(word, word)


def _default_backup_dir() -> Path:
    return Path(os.environ.get("TMPDIR") or tempfile.gettempdir()) / "flyte-slack"


def _setting(*names: str, **more: Any) -> Any:
    return Field(validation_alias=AliasChoices(*names), **more)


class Settings(BaseSettings):
    """The settings of one pack, read from the environment."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", case_sensitive=True, frozen=True)

    engine_url: str = _setting(
        "FLYTE_API",
        description="Address of the flow engine's API, for instance `http://flyte:8080`. Required.",
    )
    slack_token: SecretStr = _setting(
        "FLYTE_SLACK_TOKEN", description="The bot token of the Slack app (`xoxb-…`). Required."
    )
    default_channels: Annotated[list[str], NoDecode, BeforeValidator(_split)] = _setting(
        "FLYTE_SLACK_DEFAULT_JOIN_CHANNEL",
        default_factory=list,
        description="Channels to join at start: IDs or names, several with commas between.",
    )
    backup_dir: Path = _setting(
        "FLYTE_SLACK_BACKUP_DIR",
        default_factory=_default_backup_dir,
        description="Directory of `channels.json`, the channels that the pack is wanted in, and of the "
        "journal; mount a volume there. Default: `$TMPDIR/flyte-slack`.",
    )
    engine_jwt: SecretStr | None = _setting(
        "FLYTE_JWT", default=None, description="JSON Web Token sent to the engine as a bearer token."
    )
    labels: Annotated[dict[str, str], NoDecode, BeforeValidator(_split_labels)] = _setting(
        "FLYTE_LABELS",
        default_factory=dict,
        description="Labels of this pack, `name=value` with commas between.",
    )
    engine_timeout_seconds: Annotated[int, Field(ge=0)] = _setting(
        "FLYTE_API_TIMEOUT",
        default=10,
        description="How long one request to the engine may take, in whole seconds; 0: without limit.",
    )
    pack_name: str = _setting(
        "PACK_NAME", default="Slack", min_length=1, description="The name under which flows know this pack."
    )
    log_level: Annotated[LogLevel, BeforeValidator(_log_level)] = _setting(
        "LOGLEVEL",
        default="info",
        description="`debug`, `info`, `warning`, `error`, `critical` or `disabled`; zerolog's words "
        "(`trace`, `warn`, `fatal`, `panic`) are understood.",
    )
    channel_list_hours: Annotated[float, Field(gt=0, le=24 * 365)] = _setting(
        "RENEW_CONVERSATION_LIST",
        default=24,
        description="How long the list of all channels is used before it is asked for again, in hours.",
    )
    app_token: SecretStr | None = _setting(
        "FLYTE_SLACK_APP_TOKEN",
        default=None,
        description="App-level token (`xapp-…`, scope `connections:write`): events come in by Socket Mode.",
    )
    signing_secret: SecretStr | None = _setting(
        "FLYTE_SLACK_SIGNING_SECRET",
        default=None,
        description="The app's signing secret: events come in as signed HTTP requests.",
    )
    events_port: Annotated[int, Field(ge=0, le=65535)] = _setting(
        "FLYTE_SLACK_EVENTS_PORT",
        default=3000,
        description="TCP port for those signed HTTP requests; used with `FLYTE_SLACK_SIGNING_SECRET`.",
    )
    slack_api_url: str = _setting(
        "FLYTE_SLACK_API_URL",
        default=SLACK_API_URL,
        description="Address of Slack's Web API; another one for a simulated Slack or GovSlack.",
    )
    slack_timeout_seconds: Annotated[float, Field(gt=0, le=600)] = _setting(
        "FLYTE_SLACK_TIMEOUT",
        default=30,
        description="How long one request to Slack may take, in seconds.",
    )
    health_port: Annotated[int, Field(ge=0, le=65535)] = _setting(
        "FLYTE_SLACK_HEALTH_PORT", default=8090, description="TCP port of the health page; 0: any free one."
    )
    log_format: Literal["auto", "console", "json"] = _setting(
        "FLYTE_SLACK_LOG_FORMAT",
        default="auto",
        description="`console` for people, `json` for machines, `auto`: console on a terminal, "
        "JSON otherwise.",
    )
    grace_seconds: Annotated[float, Field(ge=0)] = _setting(
        "FLYTE_SLACK_GRACE_SECONDS",
        default=8,
        description="How long running commands and undelivered results may take at shutdown, in seconds. "
        "Keep it below the time after which your platform kills the container (Docker: 10 s).",
    )

    journal_days: Annotated[float, Field(gt=0, le=365)] = _setting(
        "FLYTE_SLACK_JOURNAL_DAYS",
        default=7,
        description="How long finished commands are kept in the journal (in the backup directory), in days.",
    )
    settling_seconds: Annotated[float, Field(ge=0, le=600)] = _setting(
        "FLYTE_SLACK_SETTLING_SECONDS",
        default=10,
        description="How long after a call that had no answer the pack waits before it looks in Slack "
        "whether it was carried out, in seconds: so late may a call take effect without being made twice.",
    )
    unknown_outcome: Literal["resend", "report"] = _setting(
        "FLYTE_SLACK_UNKNOWN_OUTCOME",
        default="resend",
        description="What is done when nobody can find out whether a call was carried out: `resend` (it may "
        "happen twice) or `report` (the command fails with `errorCode` `outcome_unknown`).",
    )
    recovery_hours: Annotated[float, Field(ge=0, le=24 * 30)] = _setting(
        "FLYTE_SLACK_RECOVERY_HOURS",
        default=24,
        description="How old an action may be that is recovered from the engine's records (at each start, "
        "and when the answer to a take was lost), in hours; 0: none. Set it to 0 where several packs with "
        "the same labels run.",
    )
    backfill_hours: Annotated[float, Field(ge=0, le=24 * 30)] = _setting(
        "FLYTE_SLACK_BACKFILL_HOURS",
        default=24,
        description="How far back messages that were missed are read from the channels' history, in hours; "
        "0: not at all.",
    )
    max_pending: Annotated[int, Field(ge=1)] = _setting(
        "FLYTE_SLACK_MAX_PENDING",
        default=50_000,
        description="How many actions may be taken and not yet reported; beyond it flows wait.",
    )
    sockets: Annotated[int, Field(ge=1, le=10)] = _setting(
        "FLYTE_SLACK_SOCKETS",
        default=1,
        description="How many Socket Mode connections are held; Slack allows an app 10.",
    )

    @field_validator("engine_url", "slack_api_url")
    @classmethod
    def _is_http(cls, value: str) -> str:
        value = value.strip()
        if not value.startswith(("http://", "https://")) or not value.partition("://")[2].strip("/"):
            raise ValueError("expected an address that begins with http:// or https://")
        if not has_host(value):
            raise ValueError(
                "cannot be read as an address; write it as http://host:port or https://host/path "
                "(in a user or password, write @ as %40, / as %2F and : as %3A)"
            )
        return value

    @field_validator("slack_api_url")
    @classmethod
    def _ends_in_a_slash(cls, value: str) -> str:
        return value if value.endswith("/") else value + "/"

    @field_validator("slack_token", "engine_jwt", "app_token", "signing_secret")
    @classmethod
    def _is_one_word(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        text = value.get_secret_value().strip()
        if not text.isascii() or not text.isprintable() or " " in text:
            raise ValueError(
                "contains characters that no token has (a space, a line break or a non-ASCII one)"
            )
        return SecretStr(text)

    @model_validator(mode="after")
    def _tokens_are_of_their_kind(self) -> Settings:
        problems = [
            explain_wrong_kind("FLYTE_SLACK_TOKEN", self.slack_token, TokenKind.BOT),
            explain_wrong_kind("FLYTE_SLACK_APP_TOKEN", self.app_token, TokenKind.APP),
        ]
        if found := [problem for problem in problems if problem]:
            raise ValueError("; ".join(found))
        return self

    @property
    def backup_dir_was_set(self) -> bool:
        """Whether somebody chose the backup directory (then it has to be usable)."""
        return "backup_dir" in self.model_fields_set

    @property
    def receives_events(self) -> bool:
        """Whether there is a way for events to come in."""
        return self.app_token is not None or self.signing_secret is not None

    @property
    def warnings(self) -> list[str]:
        """What is unusual but not wrong, one sentence each, for the log at start."""
        found = []
        for name, token, kind in (
            ("FLYTE_SLACK_TOKEN", self.slack_token, TokenKind.BOT),
            ("FLYTE_SLACK_APP_TOKEN", self.app_token, TokenKind.APP),
        ):
            if token and token_kind(token.get_secret_value()) is TokenKind.UNKNOWN:
                found.append(
                    f"{name} does not begin with {kind.value}: unknown kind of token, trying it as it is"
                )
        return found

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read the environment, then the files that ``<NAME>_FILE`` variables point to."""
        return init_settings, NotBlank(settings_cls, env_settings), SecretFiles(settings_cls)


def variable(field_name: str) -> str:
    """Return the environment variable of a setting."""
    return variable_of(Settings, field_name)


def is_secret(field_name: str) -> bool:
    """Tell whether a setting must never be shown."""
    return is_secret_of(Settings, field_name)


def load_settings() -> Settings:
    """Read the settings from the environment.

    Raises:
        SettingsError: names every variable that is missing or wrong, and what is expected.
    """
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError("\n".join(explain(problem) for problem in error.errors())) from None
