-- What people saved for themselves.
CREATE TABLE saved (
  user_id BLOB NOT NULL, chat_id BLOB NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (user_id, chat_id, seq)
) STRICT, WITHOUT ROWID;
