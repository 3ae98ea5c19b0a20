-- The newest change that is in members and name. Those of before were written there first.
ALTER TABLE chats ADD COLUMN applied_cseq INTEGER;
UPDATE chats SET applied_cseq = head_cseq;
