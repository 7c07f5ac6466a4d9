"""What the third version of the world's file added: bots, their updates, and messages that can be edited."""

import re
import sqlite3

STEP = """
ALTER TABLE people ADD COLUMN language TEXT NOT NULL DEFAULT 'ru';  -- of the person's Telegram app

ALTER TABLE chats ADD COLUMN about TEXT NOT NULL DEFAULT '';
ALTER TABLE chats ADD COLUMN forum INTEGER NOT NULL DEFAULT 0;      -- a supergroup with topics
ALTER TABLE chats ADD COLUMN migrated_to INTEGER;                   -- a group that became this supergroup
ALTER TABLE chats ADD COLUMN gone INTEGER NOT NULL DEFAULT 0;       -- deleted by its owner
ALTER TABLE chats ADD COLUMN more TEXT NOT NULL DEFAULT '{}';       -- JSON: permissions, photo, pinned, …

ALTER TABLE members ADD COLUMN rights TEXT NOT NULL DEFAULT '{}';   -- JSON: an administrator's or what is left
ALTER TABLE members ADD COLUMN title TEXT;                          -- an administrator's custom title
ALTER TABLE members ADD COLUMN until REAL;                          -- end of a restriction or ban
ALTER TABLE members ADD COLUMN is_member INTEGER NOT NULL DEFAULT 1;  -- restricted, and still there?
ALTER TABLE members ADD COLUMN joined_at REAL NOT NULL DEFAULT 0;

ALTER TABLE messages ADD COLUMN uid INTEGER;                        -- the same for all copies of one message
ALTER TABLE messages ADD COLUMN first_pts INTEGER;                  -- pts when it came; pts moves at each change
ALTER TABLE messages ADD COLUMN content TEXT NOT NULL DEFAULT '{}'; -- JSON, see world/content.py
ALTER TABLE messages ADD COLUMN edited_at REAL;
ALTER TABLE messages ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0;
UPDATE messages SET first_pts = pts;
CREATE INDEX messages_uid ON messages (uid);
CREATE INDEX messages_pts ON messages (box, pts);

CREATE TABLE bots (
    person_id INTEGER PRIMARY KEY REFERENCES people (id),
    token TEXT NOT NULL UNIQUE,
    can_join_groups INTEGER NOT NULL DEFAULT 1,
    can_read_all_group_messages INTEGER NOT NULL DEFAULT 0,   -- privacy mode is off
    limits TEXT NOT NULL DEFAULT '{}',       -- JSON, only what differs from the defaults
    last_update_id INTEGER NOT NULL,
    webhook TEXT NOT NULL DEFAULT '{}',      -- JSON: url, secret, max_connections, ip_address
    allowed_updates TEXT NOT NULL DEFAULT '[]',
    commands TEXT NOT NULL DEFAULT '{}',     -- JSON: "scope language" → list of commands
    menu_buttons TEXT NOT NULL DEFAULT '{}', -- JSON: chat id or "default" → button
    texts TEXT NOT NULL DEFAULT '{}'         -- JSON: "description ru" and the like → text
);
CREATE TABLE bot_updates (
    bot_id INTEGER NOT NULL, update_id INTEGER NOT NULL,
    kind TEXT NOT NULL, lane INTEGER NOT NULL,   -- lane: updates of one chat are delivered in order
    payload TEXT NOT NULL, created_at REAL NOT NULL,
    PRIMARY KEY (bot_id, update_id)
) WITHOUT ROWID;
CREATE TABLE acquaintances (                 -- people whom a bot may address
    bot_id INTEGER NOT NULL, person_id INTEGER NOT NULL, since REAL NOT NULL,
    may_write INTEGER NOT NULL DEFAULT 1,    -- 0: only met in a group
    PRIMARY KEY (bot_id, person_id)
) WITHOUT ROWID;
CREATE TABLE blocks (
    person_id INTEGER NOT NULL, bot_id INTEGER NOT NULL, since REAL NOT NULL,
    PRIMARY KEY (person_id, bot_id)
) WITHOUT ROWID;
CREATE TABLE callbacks (
    id TEXT PRIMARY KEY, bot_id INTEGER NOT NULL, person_id INTEGER NOT NULL, uid INTEGER NOT NULL,
    data TEXT NOT NULL, created_at REAL NOT NULL, expires_at REAL NOT NULL,
    answered_at REAL, text TEXT, alert INTEGER NOT NULL DEFAULT 0, url TEXT, cache_until REAL
) WITHOUT ROWID;
CREATE INDEX callbacks_created ON callbacks (created_at);
CREATE TABLE files (
    id INTEGER PRIMARY KEY,
    unique_id TEXT NOT NULL UNIQUE,          -- file_unique_id; a bot's file_id is derived from it
    kind TEXT NOT NULL,                      -- document, photo, video, audio, voice, …
    name TEXT, mime TEXT, size INTEGER NOT NULL, sha256 TEXT NOT NULL,
    path TEXT NOT NULL,                      -- below DATA/files/
    more TEXT NOT NULL DEFAULT '{}',         -- JSON: width, height, duration, …
    created_at REAL NOT NULL
);
CREATE INDEX files_sha256 ON files (sha256);
CREATE TABLE invite_links (
    link TEXT PRIMARY KEY, chat_id INTEGER NOT NULL, creator_id INTEGER NOT NULL,
    name TEXT, expires_at REAL, member_limit INTEGER, joins_by_request INTEGER NOT NULL DEFAULT 0,
    is_primary INTEGER NOT NULL DEFAULT 0, revoked INTEGER NOT NULL DEFAULT 0,
    joined INTEGER NOT NULL DEFAULT 0, created_at REAL NOT NULL, more TEXT NOT NULL DEFAULT '{}'
) WITHOUT ROWID;
CREATE INDEX invite_links_chat ON invite_links (chat_id);
CREATE TABLE join_requests (
    chat_id INTEGER NOT NULL, person_id INTEGER NOT NULL, link TEXT, bio TEXT, asked_at REAL NOT NULL,
    PRIMARY KEY (chat_id, person_id)
) WITHOUT ROWID;
CREATE TABLE topics (
    chat_id INTEGER NOT NULL, id INTEGER NOT NULL, name TEXT NOT NULL,
    icon_color INTEGER NOT NULL DEFAULT 7322096, icon TEXT, closed INTEGER NOT NULL DEFAULT 0,
    hidden INTEGER NOT NULL DEFAULT 0, creator_id INTEGER NOT NULL, created_at REAL NOT NULL,
    PRIMARY KEY (chat_id, id)
) WITHOUT ROWID;
CREATE TABLE star_balances (person_id INTEGER PRIMARY KEY, stars INTEGER NOT NULL);
CREATE TABLE invoices (
    id TEXT PRIMARY KEY, bot_id INTEGER NOT NULL, uid INTEGER,   -- uid of its message; NULL for a link
    content TEXT NOT NULL, created_at REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE payments (
    id TEXT PRIMARY KEY,                     -- pre_checkout_query id
    bot_id INTEGER NOT NULL, person_id INTEGER NOT NULL, invoice_id TEXT NOT NULL,
    currency TEXT NOT NULL, amount INTEGER NOT NULL, payload TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'asked',     -- asked, agreed, paid, refused, expired, refunded
    reason TEXT, charge_id TEXT UNIQUE, content TEXT NOT NULL DEFAULT '{}',
    created_at REAL NOT NULL, expires_at REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE star_transactions (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL, bot_id INTEGER NOT NULL, person_id INTEGER,
    amount INTEGER NOT NULL,                 -- positive: to the bot
    kind TEXT NOT NULL, content TEXT NOT NULL DEFAULT '{}', at REAL NOT NULL
);
CREATE INDEX star_transactions_bot ON star_transactions (bot_id, number);
ALTER TABLE faults ADD COLUMN bot TEXT;
"""


def add_bots(connection: sqlite3.Connection) -> None:
    """From version 2 to 3, inside the caller's transaction; everything that was there stays."""
    for statement in re.sub(r"--.*", "", STEP).split(";"):
        if statement.strip():
            connection.execute(statement)
