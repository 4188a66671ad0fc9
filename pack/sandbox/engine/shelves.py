"""What is stored until it is replaced or deleted: packs, flows and datastore items, oldest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pack.flows.model import Flow
from pack.sandbox.engine.model import Pack

_FORGOTTEN_AFTER = timedelta(days=7)
"""A pack that was not seen for so long is deleted."""


class Packs:
    """The registered packs by id."""

    def __init__(self) -> None:
        self._packs: dict[str, Pack] = {}

    def put(self, pack: Pack) -> None:
        """Store a pack, replacing the one with its id."""
        self._packs[pack.id] = pack

    def seen(self, pack_id: str, now: datetime) -> Pack | None:
        """Return a pack that just made a request, None when it is unknown."""
        pack = self.get(pack_id, now)
        if pack is not None:
            pack.last_seen = now
        return pack

    def get(self, pack_id: str, now: datetime) -> Pack | None:
        """Return a pack, None when it is unknown."""
        pack = self._packs.get(pack_id)
        if pack is not None and now - pack.last_seen > _FORGOTTEN_AFTER:
            del self._packs[pack_id]
            return None
        return pack

    def all(self, now: datetime) -> Sequence[Pack]:
        """List the packs, the one that registered first at the front."""
        return [pack for pack_id in list(self._packs) if (pack := self.get(pack_id, now)) is not None]

    def remove(self, pack_id: str, now: datetime) -> bool:
        """Delete a pack; False when it is unknown."""
        return self.get(pack_id, now) is not None and self._packs.pop(pack_id, None) is not None


class Flows:
    """The newest version of each flow by name, and which flows an event starts."""

    def __init__(self) -> None:
        self._flows: dict[str, Flow] = {}
        self._started_by: dict[tuple[str, str], dict[str, Flow]] = {}

    def put(self, flow: Flow) -> None:
        """Store a flow, replacing the one with its name."""
        self._unlist(flow.name)
        self._flows[flow.name] = flow
        for key in _starting_events(flow):
            self._started_by.setdefault(key, {})[flow.name] = flow

    def get(self, name: str) -> Flow | None:
        """Return a flow, None when it is unknown."""
        return self._flows.get(name)

    def all(self) -> Sequence[Flow]:
        """List the flows in the order in which their names first came."""
        return list(self._flows.values())

    def remove(self, name: str) -> bool:
        """Delete a flow; False when it is unknown. What runs goes on with the version it has."""
        self._unlist(name)
        return self._flows.pop(name, None) is not None

    def started_by(self, pack_name: str, event_name: str) -> Sequence[Flow]:
        """List the flows that have a step for this event that depends on no other."""
        return tuple(self._started_by.get((pack_name, event_name), {}).values())

    def _unlist(self, name: str) -> None:
        flow = self._flows.get(name)
        for key in _starting_events(flow) if flow else ():
            flows = self._started_by[key]
            del flows[name]
            if not flows:
                del self._started_by[key]


def _starting_events(flow: Flow) -> set[tuple[str, str]]:
    return {(step.event.pack_name, step.event.name) for step in flow.steps if not step.depends_on}


@dataclass(frozen=True, slots=True)
class Item:
    """A shared document; ``value`` is its bytes as they came."""

    key: str
    content_type: str
    description: str
    value: bytes


class Datastore:
    """The shared documents by key."""

    def __init__(self) -> None:
        self._items: dict[str, Item] = {}

    def put(self, item: Item) -> bool:
        """Store a document; True when its key is new, False when it replaced one."""
        is_new = item.key not in self._items
        self._items[item.key] = item
        return is_new

    def get(self, key: str) -> Item | None:
        """Return a document, None when there is none."""
        return self._items.get(key)

    def all(self) -> Sequence[Item]:
        """List the documents in the order in which their keys first came."""
        return list(self._items.values())

    def remove(self, key: str) -> bool:
        """Delete a document; False when there is none."""
        return self._items.pop(key, None) is not None
