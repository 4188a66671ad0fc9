"""What of a secret may be shown, and where it is blanked out."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from pack.secrets import mask, mask_address, redact


@pytest.mark.parametrize("secret", ["xoxb-1-word", SecretStr("xoxb-1-word")])
def test_a_masked_token_shows_its_kind_and_length_only(secret: SecretStr | str) -> None:
    assert mask(secret) == "xoxb-*** (11 characters)"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("token xoxb-123456-abc.", "token xoxb-***."),
        ("Authorization: Bearer a.b.c", "Authorization: Bearer ***"),
        ("by http://user:word@proxy:3128/x: no", "by http://***@proxy:3128/x: no"),
        ("by http://user:w@rd@proxy:3128", "by http://***@proxy:3128"),
        ("by http://user@proxy", "by http://***@proxy"),
        ("url='//:word@proxy'", "url='//***@proxy'"),
        ('{"a": "http://u:word@a", "b": "https://u:word@b"}', '{"a": "http://***@a", "b": "https://***@b"}'),
    ],
)
def test_credentials_are_blanked_out_wherever_they_stand(text: str, shown: str) -> None:
    assert redact(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "http://flyte:8080/v1?mail=ada@example.com",
        "http://flyte and ada@example.com",
        "https://flyte/~ada@example.com",
        "//",
    ],
)
def test_what_is_no_credential_stays(text: str) -> None:
    assert redact(text) == text


def test_a_long_text_is_searched_in_no_time() -> None:
    text = "//a" * 300_000
    assert redact(text) == text


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("http://flyte:8080/v1", "http://flyte:8080/v1"),
        ("http://user:word@flyte/v1", "http://***@flyte/v1"),
        ("http://user:wo/rd@flyte/v1", "http://***@flyte/v1"),
        ("user:word@flyte:8080", "***@flyte:8080"),
        ("http://user:wo rd?#@@flyte", "http://***@flyte"),
    ],
)
def test_an_address_is_shown_without_its_user_even_when_it_cannot_be_read(address: str, shown: str) -> None:
    assert mask_address(address) == shown
