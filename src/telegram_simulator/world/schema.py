"""The world's one SQLite file."""

import sqlite3
from pathlib import Path

from telegram_simulator.world.schema_bots import add_bots

SCHEMA_VERSION = 3

DDL = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE people (
    id INTEGER PRIMARY KEY,
    phone TEXT NOT NULL UNIQUE,              -- digits only, with country code, without plus
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL DEFAULT '',
    username TEXT COLLATE NOCASE UNIQUE,
    second_username TEXT COLLATE NOCASE UNIQUE,  -- bought on Fragment
    premium INTEGER NOT NULL DEFAULT 0,
    verified INTEGER NOT NULL DEFAULT 0,
    last_seen TEXT NOT NULL DEFAULT 'recently',
    find_by_phone TEXT NOT NULL DEFAULT 'everybody',
    phone_visible TEXT NOT NULL DEFAULT 'contacts',
    bot INTEGER NOT NULL DEFAULT 0           -- its phone is only a key of this table, nobody sees or finds it
);
CREATE TABLE accounts (
    person_id INTEGER PRIMARY KEY REFERENCES people (id),
    password TEXT,                           -- 2FA; a pretended one, shown on the control page
    password_salt1 BLOB, password_salt2 BLOB, password_verifier BLOB,
    limits TEXT NOT NULL DEFAULT '{}',       -- JSON, only what differs from the defaults
    banned INTEGER NOT NULL DEFAULT 0,
    frozen INTEGER NOT NULL DEFAULT 0,
    sample INTEGER NOT NULL DEFAULT 0        -- shown to newcomers on the page
);
CREATE TABLE key_pairs (api_id INTEGER PRIMARY KEY, api_hash TEXT NOT NULL, title TEXT NOT NULL);

CREATE TABLE auth_keys (
    id INTEGER PRIMARY KEY,                  -- signed 64-bit
    key BLOB NOT NULL,
    layer INTEGER,
    account_id INTEGER REFERENCES accounts (person_id),   -- signed in as
    pending_account_id INTEGER,              -- code or QR was right, 2FA password still missing
    api_id INTEGER,
    created_at REAL NOT NULL,
    active_at REAL NOT NULL,
    ended TEXT                               -- SESSION_REVOKED or AUTH_KEY_DUPLICATED
);
CREATE INDEX auth_keys_account ON auth_keys (account_id);
CREATE TABLE login_codes (
    phone_code_hash TEXT PRIMARY KEY,
    phone TEXT NOT NULL, code TEXT NOT NULL,
    sent_at REAL NOT NULL, expires_at REAL NOT NULL,
    state TEXT NOT NULL DEFAULT 'open'       -- open, used, cancelled, replaced
);
CREATE INDEX login_codes_phone ON login_codes (phone, sent_at);
CREATE TABLE login_tokens (
    token BLOB PRIMARY KEY,
    auth_key_id INTEGER NOT NULL, api_id INTEGER NOT NULL, expires_at REAL NOT NULL,
    account_id INTEGER                       -- who scanned it
);

CREATE TABLE contacts (
    account_id INTEGER NOT NULL, person_id INTEGER NOT NULL,
    first_name TEXT NOT NULL, last_name TEXT NOT NULL,
    phone TEXT,                              -- NULL when added by username
    PRIMARY KEY (account_id, person_id)
) WITHOUT ROWID;
CREATE TABLE saved_phones (                  -- imported numbers that nobody could be found behind
    account_id INTEGER NOT NULL, phone TEXT NOT NULL,
    first_name TEXT NOT NULL, last_name TEXT NOT NULL,
    PRIMARY KEY (account_id, phone)
) WITHOUT ROWID;
CREATE TABLE known_by (                      -- this person has the account among their own contacts
    person_id INTEGER NOT NULL, account_id INTEGER NOT NULL,
    PRIMARY KEY (person_id, account_id)
) WITHOUT ROWID;

CREATE TABLE chats (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,                      -- group, supergroup, channel
    title TEXT NOT NULL, username TEXT COLLATE NOCASE UNIQUE,
    members_may_write INTEGER NOT NULL DEFAULT 1,
    slow_mode INTEGER NOT NULL DEFAULT 0,    -- seconds
    created_at REAL NOT NULL
);
CREATE TABLE members (
    chat_id INTEGER NOT NULL, person_id INTEGER NOT NULL,
    role TEXT NOT NULL,                      -- creator, administrator, member, restricted, left, banned
    wrote_at REAL NOT NULL DEFAULT 0,
    PRIMARY KEY (chat_id, person_id)
) WITHOUT ROWID;
CREATE INDEX members_person ON members (person_id);
CREATE TABLE boxes (                         -- an account's own box (its id) or a channel's (its id, negative)
    box INTEGER PRIMARY KEY, pts INTEGER NOT NULL, last_id INTEGER NOT NULL
);
CREATE TABLE messages (
    box INTEGER NOT NULL, id INTEGER NOT NULL, pts INTEGER NOT NULL,
    peer_kind TEXT NOT NULL, peer_id INTEGER NOT NULL,   -- user, chat, channel
    from_id INTEGER NOT NULL, date REAL NOT NULL, text TEXT NOT NULL,
    PRIMARY KEY (box, id)
) WITHOUT ROWID;
CREATE INDEX messages_peer ON messages (box, peer_kind, peer_id, id);
CREATE TABLE random_ids (
    account_id INTEGER NOT NULL, random_id INTEGER NOT NULL,
    PRIMARY KEY (account_id, random_id)
) WITHOUT ROWID;

CREATE TABLE buckets (
    subject TEXT NOT NULL, kind TEXT NOT NULL, level REAL NOT NULL, at REAL NOT NULL,
    PRIMARY KEY (subject, kind)
) WITHOUT ROWID;
CREATE TABLE waits (
    subject TEXT NOT NULL, method TEXT NOT NULL, until REAL NOT NULL,
    PRIMARY KEY (subject, method)
) WITHOUT ROWID;
CREATE TABLE counters (
    phone TEXT NOT NULL, name TEXT NOT NULL, value INTEGER NOT NULL,
    PRIMARY KEY (phone, name)
) WITHOUT ROWID;
CREATE TABLE faults (
    id INTEGER PRIMARY KEY, phone TEXT, method TEXT, kind TEXT NOT NULL,
    parameters TEXT NOT NULL, remaining INTEGER
);
"""


def open_database(path: Path) -> tuple[sqlite3.Connection, int]:
    """Open the file; returns the connection (autocommit) and the version that the file had: 0 for a new one.

    When it is not SCHEMA_VERSION, a transaction is open in which the tables are those of today; the caller adds
    what belongs into them and calls `finish_schema`.
    WAL with synchronous=NORMAL: a killed process loses nothing that was committed.
    """
    connection = sqlite3.connect(path, isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA cache_size = -4096")
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version == SCHEMA_VERSION:
        return connection, version
    if version not in (0, 1, 2):
        raise RuntimeError(
            f"{path} was written by another version of the simulator; delete the folder to start anew"
        )
    connection.execute("BEGIN IMMEDIATE")
    if version == 0:
        make_tables(connection)
        return connection, version
    if version == 1:
        connection.execute("ALTER TABLE people ADD COLUMN bot INTEGER NOT NULL DEFAULT 0")
    add_bots(connection)
    return connection, version


def make_tables(connection: sqlite3.Connection) -> None:
    """All tables, empty: those of version 2 and what came later, so that new and old files are alike."""
    for statement in DDL.split(";\n"):
        if statement.strip():
            connection.execute(statement)
    add_bots(connection)


def finish_schema(connection: sqlite3.Connection) -> None:
    """Commit the schema together with what was put into it: a kill in between leaves no half a world."""
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.execute("PRAGMA shrink_memory")
