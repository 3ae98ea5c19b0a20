-- What people chose about chats for themselves.
CREATE TABLE choices (
  user_id BLOB NOT NULL, chat_id BLOB NOT NULL, level INTEGER NOT NULL, muted_until INTEGER, favourite INTEGER NOT NULL,
  section TEXT, hidden_seq INTEGER, unread_from INTEGER, marked_seq INTEGER, version INTEGER NOT NULL,
  PRIMARY KEY (user_id, chat_id)
) STRICT, WITHOUT ROWID;
