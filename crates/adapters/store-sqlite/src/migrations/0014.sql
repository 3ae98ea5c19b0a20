-- What chats are set to beside their names: JSON, and the change that made it; nothing where they are as new chats are.
ALTER TABLE chats ADD COLUMN settings TEXT;
ALTER TABLE chats ADD COLUMN settings_cseq INTEGER;
ALTER TABLE chats ADD COLUMN archived INTEGER;
-- The newest change of them that the log has.
ALTER TABLE chats ADD COLUMN ruled_cseq INTEGER;
-- When somebody last wrote in a chat with slow mode.
CREATE TABLE turns (
  chat_id BLOB NOT NULL, user_id BLOB NOT NULL, client_id TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (chat_id, user_id)
) STRICT, WITHOUT ROWID;
