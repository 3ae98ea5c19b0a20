-- Sessions that the identity provider has ended, by the names it has for them.
CREATE TABLE ended_sessions (provider_session TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX ended_sessions_by_age ON ended_sessions (at);
