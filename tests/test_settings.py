"""The settings: names, units, sources, and what is said about wrong ones."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from pack.errors import SettingsError
from pack.settings import Settings, is_secret, load_settings, variable
from pack.settings_table import rows

NEEDED = {"FLYTE_API": "http://flyte:8080", "FLYTE_SLACK_TOKEN": "xoxb-1-abc"}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in Settings.model_fields:
        monkeypatch.delenv(variable(name), raising=False)
        monkeypatch.delenv(f"{variable(name)}_FILE", raising=False)
    return monkeypatch


def load(environment: pytest.MonkeyPatch, **more: str) -> Settings:
    for name, value in {**NEEDED, **more}.items():
        environment.setenv(name, value)
    return load_settings()


def refusal(environment: pytest.MonkeyPatch, **more: str) -> str:
    with pytest.raises(SettingsError) as caught:
        load(environment, **more)
    return str(caught.value)


def test_both_required_variables_are_named_when_missing(environment: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert "FLYTE_API is not set" in str(caught.value)
    assert "FLYTE_SLACK_TOKEN is not set" in str(caught.value)


def test_the_defaults_are_those_of_the_old_pack(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment.setenv("TMPDIR", str(tmp_path))
    settings = load(environment)
    assert settings.pack_name == "Slack"
    assert settings.backup_dir == tmp_path / "flyte-slack"
    assert not settings.backup_dir_was_set
    assert settings.engine_timeout_seconds == 10
    assert settings.channel_list_hours == 24
    assert settings.health_port == 8090
    assert settings.log_level == "info"
    assert settings.slack_api_url == "https://slack.com/api/"
    assert settings.default_channels == []
    assert settings.labels == {}
    assert not settings.receives_events


def test_an_empty_variable_is_unset(environment: pytest.MonkeyPatch) -> None:
    empty = {variable(name): "" for name in Settings.model_fields if variable(name) not in NEEDED}
    assert load(environment, **empty) == load(environment)
    environment.setenv("FLYTE_SLACK_TOKEN", "")
    with pytest.raises(SettingsError, match="FLYTE_SLACK_TOKEN is not set"):
        load_settings()


@pytest.mark.parametrize("blank", [" ", "\t", " \n "])
def test_a_variable_with_nothing_but_white_space_is_unset(
    environment: pytest.MonkeyPatch, tmp_path: Path, blank: str
) -> None:
    blanks = {variable(name): blank for name in Settings.model_fields if variable(name) not in NEEDED}
    assert load(environment, **blanks) == load(environment)
    assert not load_settings().backup_dir_was_set
    environment.setenv("FLYTE_SLACK_TOKEN", blank)
    environment.setenv("FLYTE_SLACK_TOKEN_FILE", blank)
    with pytest.raises(SettingsError, match="FLYTE_SLACK_TOKEN is not set"):
        load_settings()
    (tmp_path / "token").write_text("xoxb-1-file")
    environment.setenv("FLYTE_SLACK_TOKEN_FILE", str(tmp_path / "token"))
    assert load_settings().slack_token.get_secret_value() == "xoxb-1-file"


@pytest.mark.parametrize(
    "address",
    [
        "http://[::1]:8080",
        "https://flyte/api/",
        "http://user:p%40ss@flyte:8080",
        "http://flyte_1:0",
        "http://☃",
    ],
)
def test_an_address_that_can_be_read_is_kept_as_it_is(environment: pytest.MonkeyPatch, address: str) -> None:
    assert load(environment, FLYTE_API=address).engine_url == address


@pytest.mark.parametrize(
    ("variables", "field", "value"),
    [
        ({"FLYTE_SLACK_DEFAULT_JOIN_CHANNEL": "1234"}, "default_channels", ["1234"]),
        ({"FLYTE_SLACK_DEFAULT_JOIN_CHANNEL": "C1, #ops ,,"}, "default_channels", ["C1", "#ops"]),
        ({"FLYTE_LABELS": "env=prod,az=1"}, "labels", {"env": "prod", "az": "1"}),
        ({"FLYTE_LABELS": "q=a=b, e="}, "labels", {"q": "a=b", "e": ""}),
        ({"FLYTE_API_TIMEOUT": "30"}, "engine_timeout_seconds", 30),
        ({"FLYTE_SLACK_TIMEOUT": "2.5"}, "slack_timeout_seconds", 2.5),
        ({"LOGLEVEL": "TRACE"}, "log_level", "debug"),
        ({"LOGLEVEL": "warn"}, "log_level", "warning"),
        ({"LOGLEVEL": "fatal"}, "log_level", "critical"),
        ({"LOGLEVEL": "disabled"}, "log_level", "disabled"),
        ({"RENEW_CONVERSATION_LIST": "0.5"}, "channel_list_hours", 0.5),
        ({"FLYTE_SLACK_API_URL": "http://127.0.0.1:8081/api"}, "slack_api_url", "http://127.0.0.1:8081/api/"),
        ({"PACK_NAME": "Chat"}, "pack_name", "Chat"),
        ({"FLYTE_SLACK_HEALTH_PORT": "0"}, "health_port", 0),
        ({"FLYTE_SLACK_APP_TOKEN": "xapp-1-A-2-b"}, "receives_events", True),
        ({"FLYTE_SLACK_SIGNING_SECRET": "abc"}, "receives_events", True),
    ],
)
def test_a_variable_is_read(
    environment: pytest.MonkeyPatch, variables: Mapping[str, str], field: str, value: object
) -> None:
    assert getattr(load(environment, **variables), field) == value


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"FLYTE_SLACK_TIMEOUT": "0"}, "FLYTE_SLACK_TIMEOUT"),
        ({"FLYTE_API_TIMEOUT": "-1"}, "FLYTE_API_TIMEOUT"),
        ({"FLYTE_API_TIMEOUT": "1.5"}, "FLYTE_API_TIMEOUT"),
        ({"FLYTE_API": "flyte:8080"}, "FLYTE_API: expected an address that begins with http"),
        ({"FLYTE_API": "http://[::1"}, "FLYTE_API: cannot be read as an address"),
        ({"FLYTE_API": "http://flyte:99999"}, "FLYTE_API: cannot be read as an address"),
        ({"FLYTE_API": "http://flyte:port"}, "FLYTE_API: cannot be read as an address"),
        ({"FLYTE_API": "http://fly te"}, "FLYTE_API: cannot be read as an address"),
        ({"FLYTE_API": "http://?x"}, "FLYTE_API: cannot be read as an address"),
        ({"FLYTE_API": "http://user:sec/ret@flyte"}, "FLYTE_API: cannot be read as an address"),
        ({"FLYTE_API": "http://user:secret@fly\uff0fte"}, "FLYTE_API: cannot be read as an address"),
        ({"FLYTE_SLACK_API_URL": "http://[::1/api"}, "FLYTE_SLACK_API_URL: cannot be read as an address"),
        ({"FLYTE_SLACK_API_URL": "http://slack:70000"}, "FLYTE_SLACK_API_URL: cannot be read as an"),
        ({"FLYTE_SLACK_API_URL": "ftp://slack"}, "FLYTE_SLACK_API_URL: expected an address that begins"),
        ({"FLYTE_LABELS": "prod"}, "FLYTE_LABELS: 'prod': expected name=value"),
        ({"LOGLEVEL": "loud"}, "LOGLEVEL"),
        ({"RENEW_CONVERSATION_LIST": "0"}, "RENEW_CONVERSATION_LIST"),
        ({"FLYTE_SLACK_HEALTH_PORT": "70000"}, "FLYTE_SLACK_HEALTH_PORT"),
        ({"FLYTE_SLACK_LOG_FORMAT": "xml"}, "FLYTE_SLACK_LOG_FORMAT"),
        ({"FLYTE_SLACK_TOKEN": "xoxp-1-secret"}, "FLYTE_SLACK_TOKEN begins with xoxp-; that is a user token"),
        ({"FLYTE_SLACK_TOKEN": "xapp-1-secret"}, "it belongs in FLYTE_SLACK_APP_TOKEN"),
        ({"FLYTE_SLACK_APP_TOKEN": "xoxb-1-secret"}, "it belongs in FLYTE_SLACK_TOKEN"),
        ({"FLYTE_SLACK_TOKEN": "xoxb-1 secret"}, "FLYTE_SLACK_TOKEN: contains characters"),
    ],
)
def test_a_wrong_value_is_named_and_no_secret_shown(
    environment: pytest.MonkeyPatch, variables: Mapping[str, str], words: str
) -> None:
    said = refusal(environment, **variables)
    assert words in said
    assert "secret" not in said.replace("SECRET", "")
    assert "sec/ret" not in said


def test_swapped_tokens_are_both_named(environment: pytest.MonkeyPatch) -> None:
    said = refusal(environment, FLYTE_SLACK_TOKEN="xapp-1-a", FLYTE_SLACK_APP_TOKEN="xoxb-1-b")
    assert "FLYTE_SLACK_TOKEN begins with xapp-" in said
    assert "FLYTE_SLACK_APP_TOKEN begins with xoxb-" in said


def test_an_unknown_kind_of_token_only_warns(environment: pytest.MonkeyPatch) -> None:
    settings = load(environment, FLYTE_SLACK_TOKEN="token_abc")
    assert settings.slack_token.get_secret_value() == "token_abc"
    assert len(settings.warnings) == 1
    assert "FLYTE_SLACK_TOKEN does not begin with xoxb-" in settings.warnings[0]
    assert "token_abc" not in settings.warnings[0]


@pytest.mark.parametrize("name", [variable(name) for name in Settings.model_fields if is_secret(name)])
def test_every_secret_may_come_from_a_file(
    environment: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    value = {"FLYTE_SLACK_APP_TOKEN": "xapp-1-file"}.get(name, "xoxb-file")
    path = tmp_path / "secret"
    path.write_text(f"{value}\n")
    for needed, given in NEEDED.items():
        environment.setenv(needed, given)
    environment.delenv(name, raising=False)
    environment.setenv(f"{name}_FILE", str(path))
    field = next(field for field in Settings.model_fields if variable(field) == name)
    assert getattr(load_settings(), field).get_secret_value() == value


def test_a_secret_file_that_cannot_be_read_is_named(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment.setenv("FLYTE_API", "http://x")
    environment.setenv("FLYTE_SLACK_TOKEN_FILE", str(tmp_path / "nothing"))
    with pytest.raises(SettingsError, match=r"FLYTE_SLACK_TOKEN_FILE: cannot read .*nothing"):
        load_settings()
    (tmp_path / "nothing").write_text(" \n")
    with pytest.raises(SettingsError, match="is empty"):
        load_settings()


def test_the_listing_masks_secrets_and_tells_sources(tmp_path: Path) -> None:
    path = tmp_path / "jwt"
    path.write_text("very-secret-jwt")
    environment = {
        "FLYTE_API": "http://user:pass@flyte",
        "FLYTE_SLACK_TOKEN": "xoxb-very-secret",
        "FLYTE_JWT_FILE": str(path),
    }
    listed = {name: (value, source, default) for name, value, source, default, _ in rows(environment)}
    assert "secret" not in str(listed)
    assert "pass" not in listed["FLYTE_API"][0]
    assert listed["FLYTE_SLACK_TOKEN"][0].startswith("xoxb-***")
    assert listed["FLYTE_JWT"][1] == "FLYTE_JWT_FILE"
    assert listed["PACK_NAME"] == ("Slack", "default", "Slack")
    assert listed["FLYTE_API"][1] == "environment"


@pytest.mark.parametrize("name", ["FLYTE_API", "FLYTE_SLACK_API_URL"])
@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("http://user:hidden@flyte/v1", "http://***@flyte/v1"),
        ("http://user:hid/den@flyte", "http://***@flyte"),
        ("http://user:hid@den@flyte", "http://***@flyte"),
        ("user:hidden@flyte:8080", "***@flyte:8080"),
    ],
)
def test_the_listing_shows_no_password_even_of_an_address_that_is_none(
    name: str, value: str, shown: str
) -> None:
    assert next(row[1] for row in rows({name: value}) if row[0] == name) == shown


def test_the_listing_takes_white_space_for_nothing() -> None:
    listed = {row[0]: row[1:3] for row in rows({"FLYTE_API": " ", "PACK_NAME": "\t", "FLYTE_JWT_FILE": " "})}
    assert listed["FLYTE_API"] == ("", "not set")
    assert listed["PACK_NAME"] == ("Slack", "default")
    assert listed["FLYTE_JWT"] == ("", "default")


def test_no_secret_shows_when_settings_are_printed(environment: pytest.MonkeyPatch) -> None:
    settings = load(environment, FLYTE_JWT="jwt-abc", FLYTE_SLACK_SIGNING_SECRET="sign-abc")
    assert "abc" not in repr(settings)
