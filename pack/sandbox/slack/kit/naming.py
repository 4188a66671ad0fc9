"""The ids that Slack gives to blocks that come without one."""

from __future__ import annotations

from hashlib import blake2b

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+/"
_DIGITS = 5


def block_id(content: str) -> str:
    """Return five letters, digits and signs that look drawn by chance and follow from the content alone."""
    digest = int.from_bytes(blake2b(content.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")
    return "".join(_ALPHABET[digest >> 6 * place & 63] for place in range(_DIGITS))
