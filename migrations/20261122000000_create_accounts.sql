-- People who sign in. Instants are microseconds since 1970 UTC, ids are made by the application
-- (see docs/adr/0002-identifiers.md), JSON is TEXT: one text for SQLite and PostgreSQL.

CREATE TABLE counters (
    name TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO counters (name, value) VALUES ('node', 0), ('ad_number', 0);

CREATE TABLE accounts (
    id BIGINT PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    password_hash TEXT,
    locale TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    suspended_at BIGINT,
    mail_refused_at BIGINT,
    -- whether mails that ask for nothing urgent are wanted
    has_notices BOOLEAN NOT NULL DEFAULT TRUE
);

-- One-time links sent by mail: signing in, and signing up when no account has this address yet.
CREATE TABLE sign_in_links (
    id BIGINT PRIMARY KEY,
    token_hash TEXT NOT NULL UNIQUE,
    email TEXT NOT NULL,
    browser_hash TEXT NOT NULL,
    next_path TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX sign_in_links_by_expiry ON sign_in_links (expires_at);

CREATE TABLE sessions (
    id BIGINT PRIMARY KEY,
    token_hash TEXT NOT NULL UNIQUE,
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    user_agent TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_by_account ON sessions (account_id, last_seen_at);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE api_tokens (
    id BIGINT PRIMARY KEY,
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    scopes TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    revoked_at BIGINT
);
CREATE INDEX api_tokens_by_account ON api_tokens (account_id, id);

-- Who did what, for people who answer for the instance. No personal data beyond the ids.
CREATE TABLE audit_entries (
    id BIGINT PRIMARY KEY,
    happened_at BIGINT NOT NULL,
    account_id BIGINT,
    action TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id BIGINT NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX audit_entries_by_subject ON audit_entries (subject_kind, subject_id, id);
