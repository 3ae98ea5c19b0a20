-- What is to happen when. What has happened is deleted.
CREATE TABLE timers (
  shard INTEGER NOT NULL, due INTEGER NOT NULL, timer_id BLOB NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (shard, due, timer_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE timer_shards (
  shard INTEGER PRIMARY KEY, owner BLOB NOT NULL, epoch INTEGER NOT NULL, until INTEGER NOT NULL,
  watermark INTEGER NOT NULL
) STRICT;
CREATE TABLE timer_workers (worker BLOB PRIMARY KEY, until INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX timer_workers_by_age ON timer_workers (until, worker);

-- Messages that are to be sent later. State 3 is sent; the text is forgotten then.
CREATE TABLE scheduled (
  author BLOB NOT NULL, scheduled_id BLOB NOT NULL, chat_id BLOB NOT NULL, text TEXT NOT NULL, client_id TEXT NOT NULL,
  reply_to INTEGER, send_at INTEGER NOT NULL, created_at INTEGER NOT NULL, timer_id BLOB NOT NULL,
  state INTEGER NOT NULL, reason TEXT, PRIMARY KEY (author, scheduled_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX scheduled_by_time ON scheduled (author, send_at, scheduled_id) WHERE state < 3;
CREATE INDEX scheduled_and_sent ON scheduled (send_at) WHERE state = 3;
