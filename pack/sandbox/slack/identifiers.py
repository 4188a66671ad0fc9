"""Identifiers that look like Slack's."""

from __future__ import annotations

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ID_DIGITS = 8
_SCATTER = 2_654_435_761


def encode_number(number: int) -> str:
    """Return a number as eight digits and letters that look drawn by chance, different for each number."""
    scattered = number * _SCATTER % 36**_ID_DIGITS
    digits = []
    for _ in range(_ID_DIGITS):
        scattered, digit = divmod(scattered, 36)
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits))
