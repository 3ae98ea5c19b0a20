-- Where the message was that a message forwards. Beside the parts that are told to everybody: who reads it may not know.
ALTER TABLE messages ADD COLUMN place_chat BLOB;
ALTER TABLE messages ADD COLUMN place_seq INTEGER;
