-- How many messages up to this one, itself included, are lines of the timeline's own, which nobody has to read. Empty
-- where an older version wrote it: everything counts there.
ALTER TABLE messages ADD COLUMN uncounted INTEGER;
ALTER TABLE chats ADD COLUMN uncounted INTEGER NOT NULL DEFAULT 0;
UPDATE messages SET uncounted = so_far.lines FROM (
  SELECT chat_id, seq, sum(kind BETWEEN 1 AND 3) OVER (PARTITION BY chat_id ORDER BY seq) AS lines FROM messages
) AS so_far WHERE so_far.chat_id = messages.chat_id AND so_far.seq = messages.seq;
UPDATE chats SET uncounted = coalesce(
  (SELECT uncounted FROM messages WHERE messages.chat_id = chats.chat_id AND messages.seq = chats.head_seq), 0);
-- What is deleted above a marker is not unread.
CREATE INDEX deleted_messages ON messages (chat_id, seq) WHERE deleted = 1;
