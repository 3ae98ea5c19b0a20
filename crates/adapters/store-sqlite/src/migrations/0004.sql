-- Which history this is: another one from every restore on.
CREATE TABLE installation (
  only INTEGER PRIMARY KEY CHECK (only = 1), generation INTEGER NOT NULL, is_first INTEGER NOT NULL
) STRICT;
INSERT INTO installation (only, generation, is_first) VALUES (1, random(), 1);
