-- Who reacted to what, and the summary that is written with it.
CREATE TABLE reactions (
  chat_id BLOB NOT NULL, seq INTEGER NOT NULL, emoji TEXT NOT NULL, user_id BLOB NOT NULL, at INTEGER NOT NULL, shown TEXT,
  PRIMARY KEY (chat_id, seq, emoji, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX reactions_by_person ON reactions (user_id, chat_id, seq);
CREATE TABLE reaction_summaries (
  chat_id BLOB NOT NULL, seq INTEGER NOT NULL, summary TEXT NOT NULL, PRIMARY KEY (chat_id, seq)
) STRICT, WITHOUT ROWID;
-- The summary that a message shows. Empty for most messages, and where an older version wrote it.
ALTER TABLE messages ADD COLUMN reactions TEXT;
