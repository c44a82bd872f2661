-- Actors of ActivityPub, ours and those of other servers, in one table. Ours have a role.
CREATE TABLE actors (
    id BIGINT PRIMARY KEY,
    uri TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    role TEXT,
    handle TEXT NOT NULL,
    host TEXT NOT NULL,
    name TEXT NOT NULL,
    summary TEXT NOT NULL,
    url TEXT NOT NULL,
    inbox TEXT NOT NULL,
    shared_inbox TEXT,
    followers TEXT,
    key_id TEXT,
    public_key TEXT,
    -- PKCS#8, sealed with the key file of the data directory; only for our own actors
    private_key TEXT,
    is_indexable BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    fetched_at BIGINT,
    gone_at BIGINT
);
CREATE UNIQUE INDEX actors_local_handle ON actors (handle) WHERE role IS NOT NULL;
CREATE INDEX actors_by_key ON actors (key_id);
CREATE INDEX actors_by_host ON actors (host, id);
CREATE INDEX actors_by_inbox ON actors (inbox);

-- Key pairs made ahead of time, so that publishing never waits for one.
CREATE TABLE spare_keys (
    id BIGINT PRIMARY KEY,
    public_key TEXT NOT NULL,
    private_key TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE follows (
    id BIGINT PRIMARY KEY,
    follower_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
    followed_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
    -- of the last Follow received or sent; an Undo or an Accept names it
    activity_uri TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (follower_id, followed_id)
);
CREATE INDEX follows_by_followed ON follows (followed_id, state, id);
CREATE INDEX follows_by_activity ON follows (activity_uri);

-- A remote actor that blocks one of ours: nothing is delivered to it any more.
CREATE TABLE actor_blocks (
    actor_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
    blocked_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
    activity_uri TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (actor_id, blocked_id)
);

-- What the administrator decided about a whole remote host.
CREATE TABLE domain_policies (
    host TEXT PRIMARY KEY,
    level TEXT NOT NULL,
    public_comment TEXT NOT NULL,
    private_comment TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
