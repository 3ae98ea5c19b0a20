-- What a message carries beside its text, and the name of a kind that has no code: a JSON object.
ALTER TABLE messages ADD COLUMN more BLOB;
-- What a change makes, as JSON.
ALTER TABLE changes ADD COLUMN body TEXT;
-- The name of a kind that has no code.
ALTER TABLE chats ADD COLUMN kind_name TEXT;
