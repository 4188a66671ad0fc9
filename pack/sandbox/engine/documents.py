"""The shared documents as templates see them."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from pack.flows.fields import type_of
from pack.flows.go_json import decode_json
from pack.sandbox.engine.shelves import Datastore, Item

Json = Any

_JSON_TYPES = ("application/json", "text/json")
_BYTES_AT_HAND = 4 * 1024 * 1024
"""How many bytes of documents are kept read; the one that was asked for last is, whatever its size."""


class Documents:
    """Reads a document once and not again until one is replaced, since a template may ask in a loop."""

    def __init__(self, datastore: Datastore) -> None:
        self._datastore = datastore
        self._seen = datastore.changes
        self._at_hand: OrderedDict[str, tuple[int, object]] = OrderedDict()

    def lookup(self, key: str) -> object:
        """Return a document: an object when it is JSON, text otherwise. Nobody may change it.

        Raises:
            LookupError: there is none.
            ValueError: it claims to be JSON, and is none or no object.
        """
        if self._seen != self._datastore.changes:
            self._seen = self._datastore.changes
            self._at_hand.clear()
        if key not in self._at_hand:
            item = self._datastore.get(key)
            if item is None:
                raise LookupError(f"the datastore has no {key!r}")
            self._at_hand[key] = len(item.value), _read(item)
            self._let_go()
        self._at_hand.move_to_end(key)
        return self._at_hand[key][1]

    def _let_go(self) -> None:
        size = sum(length for length, _ in self._at_hand.values())
        while size > _BYTES_AT_HAND and len(self._at_hand) > 1:
            size -= self._at_hand.popitem(last=False)[1][0]


def _read(item: Item) -> object:
    if not item.content_type.startswith(_JSON_TYPES):
        return item.value.decode("utf-8", "replace")
    value: Json = decode_json(item.value, whole=True)
    if value is not None and not isinstance(value, dict):
        raise ValueError(f"the datastore's {item.key!r} must be a JSON object, not {type_of(value)}")
    return value or {}
