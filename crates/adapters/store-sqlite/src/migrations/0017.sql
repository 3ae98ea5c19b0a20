-- How far people say that they have the messages of chats.
CREATE TABLE receipts (
  chat_id BLOB NOT NULL, user_id BLOB NOT NULL, delivered INTEGER NOT NULL, seen INTEGER NOT NULL, read INTEGER NOT NULL,
  PRIMARY KEY (chat_id, user_id)
) STRICT, WITHOUT ROWID;
-- When each of those numbers rose, and from where; the newest of each.
CREATE TABLE receipt_steps (
  chat_id BLOB NOT NULL, user_id BLOB NOT NULL, state INTEGER NOT NULL, seq INTEGER NOT NULL, below INTEGER NOT NULL,
  at INTEGER NOT NULL, PRIMARY KEY (chat_id, user_id, state, seq)
) STRICT, WITHOUT ROWID;
