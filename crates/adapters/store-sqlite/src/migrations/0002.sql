-- What the identity provider calls the session that a session began with.
ALTER TABLE sessions ADD COLUMN provider_session TEXT;
