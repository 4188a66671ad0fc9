"""The journal's tables, and the steps by which an older journal becomes today's.

Columns that may be long stand last in their table, so that lists are read without them.
"""

from __future__ import annotations

from collections.abc import Sequence

VERSION_1: Sequence[str] = (
    """
    CREATE TABLE actions (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        command TEXT NOT NULL,
        order_key TEXT NOT NULL,
        owner TEXT NOT NULL,
        lease REAL,
        stage TEXT NOT NULL,
        taken_at REAL NOT NULL,
        suspect_since REAL,
        done_at REAL,
        ended INTEGER,
        failed INTEGER NOT NULL DEFAULT 0,
        replays INTEGER NOT NULL DEFAULT 0,
        reason TEXT NOT NULL DEFAULT '',
        reply TEXT NOT NULL,
        unreadable TEXT,
        result_name TEXT,
        input TEXT NOT NULL,
        result TEXT
    )
    """,
    "CREATE INDEX unfinished ON actions (seq) WHERE stage = 'taken'",
    "CREATE INDEX unreported ON actions (ended) WHERE stage = 'done'",
    "CREATE INDEX finished ON actions (done_at) WHERE stage IN ('reported', 'aside')",
    """
    CREATE TABLE effects (
        action_id TEXT NOT NULL,
        step TEXT NOT NULL,
        method TEXT NOT NULL,
        state TEXT NOT NULL,
        attempts INTEGER NOT NULL,
        sent_at REAL NOT NULL,
        readable INTEGER NOT NULL,
        answer TEXT,
        refusal TEXT,
        PRIMARY KEY (action_id, step)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE arrivals (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        lane TEXT NOT NULL,
        thread TEXT NOT NULL,
        recovered INTEGER NOT NULL,
        telling INTEGER NOT NULL,
        keys TEXT NOT NULL,
        event TEXT NOT NULL
    )
    """,
    "CREATE TABLE seen (key TEXT PRIMARY KEY, at REAL NOT NULL) WITHOUT ROWID",
    "CREATE INDEX seen_at ON seen (at)",
    "CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE watermarks (channel TEXT PRIMARY KEY, since REAL NOT NULL) WITHOUT ROWID",
    """
    CREATE TABLE threads (
        channel TEXT NOT NULL,
        thread TEXT NOT NULL,
        active_at REAL NOT NULL,
        PRIMARY KEY (channel, thread)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX threads_active ON threads (active_at)",
)

MIGRATIONS: Sequence[Sequence[str]] = (VERSION_1,)
"""What leads from version n to n + 1 (``PRAGMA user_version``); only ever added to."""
