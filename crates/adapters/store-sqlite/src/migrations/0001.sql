CREATE TABLE people (
  user_id BLOB PRIMARY KEY, username TEXT NOT NULL UNIQUE, name TEXT NOT NULL, role INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE people_words (
  word TEXT NOT NULL, user_id BLOB NOT NULL, PRIMARY KEY (word, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX people_words_by_person ON people_words (user_id, word);

CREATE TABLE external_ids (
  issuer TEXT NOT NULL, subject TEXT NOT NULL, user_id BLOB NOT NULL, PRIMARY KEY (issuer, subject)
) STRICT, WITHOUT ROWID;

CREATE TABLE accounts (
  subject BLOB PRIMARY KEY, username TEXT NOT NULL UNIQUE, name TEXT NOT NULL, role INTEGER NOT NULL,
  password_hash TEXT NOT NULL, created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE invitations (
  token_hash BLOB PRIMARY KEY, role INTEGER NOT NULL, created_by BLOB, created_at INTEGER NOT NULL,
  expires_at INTEGER, used_by BLOB
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
  token_hash BLOB PRIMARY KEY, session_id BLOB NOT NULL UNIQUE, user_id BLOB NOT NULL, kind INTEGER NOT NULL,
  label TEXT NOT NULL, created_at INTEGER NOT NULL, last_seen_at INTEGER NOT NULL, expires_at INTEGER,
  revoked_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_person ON sessions (user_id, created_at DESC);

CREATE TABLE chats (
  chat_id BLOB PRIMARY KEY, kind INTEGER NOT NULL, name TEXT, name_folded TEXT, created_by BLOB NOT NULL,
  created_at INTEGER NOT NULL, head_seq INTEGER NOT NULL DEFAULT -1, head_cseq INTEGER NOT NULL DEFAULT -1,
  last_message_at INTEGER NOT NULL, member_count INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX open_chats ON chats (name_folded, chat_id) WHERE kind = 2;

CREATE TABLE direct_chats (
  low BLOB NOT NULL, high BLOB NOT NULL, chat_id BLOB NOT NULL, PRIMARY KEY (low, high)
) STRICT, WITHOUT ROWID;

CREATE TABLE members (
  chat_id BLOB NOT NULL, user_id BLOB NOT NULL, role INTEGER NOT NULL, joined_seq INTEGER NOT NULL,
  joined_at INTEGER NOT NULL, PRIMARY KEY (chat_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX members_by_person ON members (user_id, chat_id);

CREATE TABLE messages (
  chat_id BLOB NOT NULL, seq INTEGER NOT NULL, cseq INTEGER NOT NULL, message_id BLOB NOT NULL, author BLOB NOT NULL,
  client_id TEXT NOT NULL, kind INTEGER NOT NULL, text TEXT NOT NULL, reply_to INTEGER, subject BLOB,
  created_at INTEGER NOT NULL, edited_at INTEGER, deleted INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (chat_id, seq)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX messages_by_client_id ON messages (chat_id, author, client_id);

CREATE TABLE editions (
  chat_id BLOB NOT NULL, seq INTEGER NOT NULL, cseq INTEGER NOT NULL, text TEXT NOT NULL, replaced_at INTEGER NOT NULL,
  PRIMARY KEY (chat_id, seq, cseq)
) STRICT, WITHOUT ROWID;

CREATE TABLE changes (
  chat_id BLOB NOT NULL, cseq INTEGER NOT NULL, kind INTEGER NOT NULL, about_seq INTEGER, about_user BLOB,
  actor BLOB NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (chat_id, cseq)
) STRICT, WITHOUT ROWID;

CREATE TABLE read_markers (
  chat_id BLOB NOT NULL, user_id BLOB NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (chat_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE idempotency (
  user_id BLOB NOT NULL, key TEXT NOT NULL, body BLOB NOT NULL, made BLOB NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY (user_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_by_age ON idempotency (at);

CREATE TABLE outbox (
  intent_id BLOB PRIMARY KEY, at INTEGER NOT NULL, intent TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX outbox_by_age ON outbox (at, intent_id);

-- Always empty: where it is tried whether the disk takes more.
CREATE TABLE probe (id INTEGER PRIMARY KEY, filler BLOB NOT NULL) STRICT;
