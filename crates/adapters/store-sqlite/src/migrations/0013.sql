-- What people set for themselves: a JSON value for each name, those of newer versions too.
CREATE TABLE settings (
  user_id BLOB NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, version INTEGER NOT NULL, PRIMARY KEY (user_id, name)
) STRICT, WITHOUT ROWID;
-- Whether a message that is to be sent later is only held for some seconds. Empty for those that are not.
ALTER TABLE scheduled ADD COLUMN is_held INTEGER;
CREATE INDEX scheduled_held_and_sent ON scheduled (send_at) WHERE state = 3 AND is_held = 1;
