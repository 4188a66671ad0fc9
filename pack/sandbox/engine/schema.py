"""The tables of the engine's state, and the version by which a file tells them from others."""

from __future__ import annotations

APPLICATION_ID = 0x466C7953
"""What marks a SQLite file as the state of an embedded engine (``PRAGMA application_id``)."""

VERSION = 2
"""The tables below (``PRAGMA user_version``). Whoever changes them counts it up, and reads the older ones."""

TABLES = """
CREATE TABLE packs (
    id TEXT PRIMARY KEY,
    document TEXT NOT NULL,
    last_seen INTEGER NOT NULL
);
CREATE TABLE flows (             -- every version that is, or may still be, needed
    number INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL,
    name TEXT NOT NULL,
    document TEXT NOT NULL,
    position INTEGER NOT NULL,   -- of the name among the others
    retired INTEGER              -- when it was replaced or deleted, in the order of everything; else NULL
);
CREATE UNIQUE INDEX flows_by_name ON flows (name) WHERE retired IS NULL;
CREATE TABLE datastore (
    key TEXT PRIMARY KEY,
    content_type TEXT NOT NULL,
    description TEXT NOT NULL,
    value BLOB NOT NULL
);
CREATE TABLE events (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    sender TEXT NOT NULL,
    payload TEXT NOT NULL,
    created INTEGER NOT NULL,
    received INTEGER NOT NULL,
    waiting INTEGER NOT NULL,    -- 1: not dealt with yet
    flows TEXT NOT NULL,         -- the numbers of those that it starts
    completes INTEGER,           -- the action that it is the result of
    uses INTEGER NOT NULL,       -- how many actions have it as trigger or result
    attempts INTEGER NOT NULL DEFAULT 0  -- in how many processes it was the first to be dealt with
);
CREATE INDEX events_waiting ON events (number) WHERE waiting = 1;
CREATE TABLE executions (
    number INTEGER PRIMARY KEY,
    correlation_id TEXT NOT NULL UNIQUE,
    flow INTEGER NOT NULL,
    open_actions INTEGER NOT NULL,  -- how many have no result, or one that was not dealt with
    finished INTEGER                -- when nothing was open any more, in the order of everything
);
CREATE INDEX executions_finished ON executions (finished) WHERE finished IS NOT NULL;
CREATE INDEX executions_by_flow ON executions (flow);
CREATE TABLE counts (finished_executions INTEGER NOT NULL);
INSERT INTO counts VALUES (0);
CREATE TABLE actions (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    execution INTEGER NOT NULL,
    step_id TEXT NOT NULL,
    name TEXT NOT NULL,
    pack_name TEXT NOT NULL,
    pack_labels TEXT NOT NULL,
    input TEXT NOT NULL,
    context TEXT NOT NULL,
    trigger INTEGER NOT NULL,
    result INTEGER,
    state TEXT NOT NULL,
    created INTEGER NOT NULL,
    taken INTEGER,
    finished INTEGER,
    changed INTEGER NOT NULL     -- when the state changed last, in the order of everything
);
CREATE INDEX actions_waiting ON actions (pack_name, pack_labels, number) WHERE state = 'NEW';
CREATE INDEX actions_waiting_by_name ON actions (pack_name, pack_labels, name, number) WHERE state = 'NEW';
CREATE INDEX actions_by_execution ON actions (execution);
CREATE INDEX actions_by_change ON actions (changed);
"""
"""Times are microseconds since 1970. Numbers grow in the order in which things happened, over all tables."""

UPGRADES = (
    "",
    "ALTER TABLE events ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0",
)
"""What turns the tables of a version into those of the next, by that version."""
