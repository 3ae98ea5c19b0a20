-- How far a follower has come in the log of a chat.
CREATE TABLE follower_positions (
  follower TEXT NOT NULL, chat_id BLOB NOT NULL, seq INTEGER NOT NULL, cseq INTEGER NOT NULL,
  PRIMARY KEY (follower, chat_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE mentions (
  user_id BLOB NOT NULL, at INTEGER NOT NULL, chat_id BLOB NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (user_id, at, chat_id, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX mentions_by_message ON mentions (chat_id, seq);
CREATE INDEX mentions_by_chat ON mentions (user_id, chat_id, seq);
