"""What is stored until it is replaced or deleted: packs, flows and datastore items, oldest first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pack.flows.model import Flow
from pack.sandbox.engine.database import Database
from pack.sandbox.engine.model import Pack
from pack.sandbox.engine.texts import (
    read_flow,
    read_moment,
    read_pack,
    write_flow,
    write_moment,
    write_pack,
)

_FORGOTTEN_AFTER = timedelta(days=7)
"""A pack that was not seen for so long is deleted."""
_SEEN_IS_WRITTEN_AFTER = timedelta(minutes=1)
"""How old the stored time of a pack's last request may be."""
_RETIRED_FLOWS_AT_HAND = 100
"""How many replaced or deleted flows are kept read."""


class Packs:
    """The registered packs by id: in memory, and in the database for the next start."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._packs: dict[str, Pack] = {}
        self._written: dict[str, datetime] = {}
        for pack_id, document, last_seen in database.rows(
            "SELECT id, document, last_seen FROM packs ORDER BY rowid"
        ):
            self._packs[pack_id] = read_pack(document, read_moment(last_seen))
            self._written[pack_id] = self._packs[pack_id].last_seen

    def put(self, pack: Pack) -> None:
        """Store a pack, replacing the one with its id."""
        self._database.change(
            "INSERT INTO packs VALUES (?, ?, ?) ON CONFLICT (id) "
            "DO UPDATE SET document = excluded.document, last_seen = excluded.last_seen",
            *(pack.id, write_pack(pack), write_moment(pack.last_seen)),
        )
        self._packs[pack.id] = pack
        self._written[pack.id] = pack.last_seen

    def seen(self, pack_id: str, now: datetime) -> Pack | None:
        """Return a pack that just made a request, None when it is unknown."""
        pack = self.get(pack_id, now)
        if pack is not None:
            pack.last_seen = now
            if now - self._written[pack_id] >= _SEEN_IS_WRITTEN_AFTER:
                self._write_seen(pack)
        return pack

    def get(self, pack_id: str, now: datetime) -> Pack | None:
        """Return a pack, None when it is unknown."""
        pack = self._packs.get(pack_id)
        if pack is not None and now - pack.last_seen > _FORGOTTEN_AFTER:
            self._forget(pack_id)
            return None
        return pack

    def all(self, now: datetime) -> Sequence[Pack]:
        """List the packs, the one that registered first at the front."""
        return [pack for pack_id in list(self._packs) if (pack := self.get(pack_id, now)) is not None]

    def remove(self, pack_id: str, now: datetime) -> bool:
        """Delete a pack; False when it is unknown."""
        if self.get(pack_id, now) is None:
            return False
        self._forget(pack_id)
        return True

    def write_seen(self) -> None:
        """Store when each pack was seen last, exactly."""
        with self._database.transaction():
            for pack in self._packs.values():
                self._write_seen(pack)

    def _write_seen(self, pack: Pack) -> None:
        self._database.change(
            "UPDATE packs SET last_seen = ? WHERE id = ?", write_moment(pack.last_seen), pack.id
        )
        self._written[pack.id] = pack.last_seen

    def _forget(self, pack_id: str) -> None:
        self._database.change("DELETE FROM packs WHERE id = ?", pack_id)
        del self._packs[pack_id], self._written[pack_id]


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a flow, and its number among all of them."""

    number: int
    flow: Flow


class Flows:
    """The newest version of each flow by name, which flows an event starts, and the older versions.

    The newest ones are kept read, since events look for them.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._newest: dict[str, Version] = {}
        self._started_by: dict[tuple[str, str], dict[str, int]] = {}
        self._at_hand: OrderedDict[int, Flow] = OrderedDict()
        for number, uuid, name, document in database.rows(
            "SELECT number, uuid, name, document FROM flows WHERE retired IS NULL ORDER BY position"
        ):
            self._list(Version(number, read_flow(uuid, name, document)))

    def put(self, flow: Flow) -> None:
        """Store a flow, replacing the one with its name."""
        number = self._database.next_number()
        with self._database.transaction():
            before = self._database.value(
                "SELECT position FROM flows WHERE name = ? AND retired IS NULL", flow.name
            )
            self._retire(flow.name)
            self._database.change(
                "INSERT INTO flows VALUES (?, ?, ?, ?, ?, NULL)",
                *(number, flow.uuid, flow.name, write_flow(flow), before or number),
            )
        self._unlist(flow.name)
        self._list(Version(number, flow))

    def get(self, name: str) -> Flow | None:
        """Return a flow, None when it is unknown."""
        version = self._newest.get(name)
        return version.flow if version else None

    def version(self, number: int) -> Flow:
        """Return a version that an execution goes by, or an event starts."""
        flow = self._at_hand.get(number)
        if flow is None:
            row = self._database.row("SELECT uuid, name, document FROM flows WHERE number = ?", number)
            assert row is not None
            flow = read_flow(*row)
        self._keep_at_hand(number, flow)
        return flow

    def all(self) -> Sequence[Flow]:
        """List the flows in the order in which their names first came."""
        return [version.flow for version in self._newest.values()]

    def remove(self, name: str) -> bool:
        """Delete a flow; False when it is unknown. What runs goes on with the version it has."""
        if name not in self._newest:
            return False
        with self._database.transaction():
            self._retire(name)
        self._unlist(name)
        del self._newest[name]
        return True

    def started_by(self, pack_name: str, event_name: str) -> Sequence[int]:
        """List the flows, by number, that have a step for this event that depends on no other.

        The one that was stored last is at the end.
        """
        return sorted(self._started_by.get((pack_name, event_name), {}).values())

    def _retire(self, name: str) -> None:
        """Mark the newest version as an old one, and delete old ones that nothing can ask for any more."""
        self._database.change(
            "UPDATE flows SET retired = ? WHERE name = ? AND retired IS NULL",
            *(self._database.next_number(), name),
        )
        self._database.change(
            "DELETE FROM flows WHERE retired IS NOT NULL "
            "AND NOT EXISTS (SELECT 1 FROM executions WHERE flow = flows.number) "
            "AND NOT EXISTS (SELECT 1 FROM events WHERE waiting = 1 AND number < flows.retired)"
        )

    def _list(self, version: Version) -> None:
        self._newest[version.flow.name] = version
        for key in _starting_events(version.flow):
            self._started_by.setdefault(key, {})[version.flow.name] = version.number

    def _unlist(self, name: str) -> None:
        version = self._newest.get(name)
        if version is None:
            return
        for key in _starting_events(version.flow):
            numbers = self._started_by[key]
            del numbers[name]
            if not numbers:
                del self._started_by[key]

    def _keep_at_hand(self, number: int, flow: Flow) -> None:
        self._at_hand[number] = flow
        self._at_hand.move_to_end(number)
        while len(self._at_hand) > len(self._newest) + _RETIRED_FLOWS_AT_HAND:
            self._at_hand.popitem(last=False)


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

    def __init__(self, database: Database) -> None:
        self._database = database
        self.changes = 0
        """How often a document was stored or deleted."""

    def put(self, item: Item) -> bool:
        """Store a document; True when its key is new, False when it replaced one."""
        self.changes += 1
        with self._database.transaction():
            is_new = self.get(item.key) is None
            self._database.change(
                "INSERT INTO datastore VALUES (?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET "
                "content_type = excluded.content_type, description = excluded.description, "
                "value = excluded.value",
                *(item.key, item.content_type, item.description, item.value),
            )
        return is_new

    def get(self, key: str) -> Item | None:
        """Return a document, None when there is none."""
        row = self._database.row("SELECT * FROM datastore WHERE key = ?", key)
        return Item(*row) if row else None

    def all(self) -> Sequence[Item]:
        """List the documents in the order in which their keys first came."""
        return [Item(*row) for row in self._database.rows("SELECT * FROM datastore ORDER BY rowid")]

    def remove(self, key: str) -> bool:
        """Delete a document; False when there is none."""
        self.changes += 1
        return self._database.change("DELETE FROM datastore WHERE key = ?", key) > 0
