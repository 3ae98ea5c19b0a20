-- What is pinned in which chat.
CREATE TABLE pins (
  chat_id BLOB NOT NULL, seq INTEGER NOT NULL, by_user BLOB NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (chat_id, seq)
) STRICT, WITHOUT ROWID;
-- Whether a message says that it is pinned. Empty for most messages, and where an older version wrote it.
ALTER TABLE messages ADD COLUMN pinned INTEGER;
