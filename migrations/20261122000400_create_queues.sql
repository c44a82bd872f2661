-- Work that must survive a restart. A row is claimed by setting locked_until; a crash lets the
-- lease run out and another worker takes it.

CREATE TABLE inbox_items (
    id BIGINT PRIMARY KEY,
    -- (actor, id, type, updated): a replay is recognised and ignored
    fingerprint TEXT NOT NULL UNIQUE,
    -- the actor whose key signed the request
    signer TEXT NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    run_at BIGINT NOT NULL,
    locked_until BIGINT,
    done_at BIGINT,
    -- what became of it: applied, ignored, refused, failed; with words for the administrator
    outcome TEXT,
    detail TEXT
);
CREATE INDEX inbox_items_due ON inbox_items (run_at, id) WHERE done_at IS NULL;
CREATE INDEX inbox_items_done ON inbox_items (done_at) WHERE done_at IS NOT NULL;

-- What our actors say to the others. Written in the transaction of the change itself.
CREATE TABLE outbox_activities (
    id BIGINT PRIMARY KEY,
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    uri TEXT NOT NULL UNIQUE,
    -- JSON of domain::outbound::Outbound
    event TEXT NOT NULL,
    -- the post it speaks of, and whether the outbox lists it while that post is there
    post_id BIGINT REFERENCES posts (id),
    stands BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    -- documents made at the first expansion, so that every server gets the same bytes
    note_body TEXT,
    article_body TEXT,
    -- last follower already turned into a delivery
    follower_cursor BIGINT NOT NULL,
    locked_until BIGINT,
    expanded_at BIGINT
);
CREATE INDEX outbox_activities_due ON outbox_activities (id) WHERE expanded_at IS NULL;
CREATE INDEX outbox_activities_by_actor ON outbox_activities (actor_id, id);
CREATE INDEX outbox_activities_standing ON outbox_activities (actor_id, id) WHERE stands;

CREATE TABLE deliveries (
    id BIGINT PRIMARY KEY,
    activity_id BIGINT NOT NULL REFERENCES outbox_activities (id) ON DELETE CASCADE,
    inbox TEXT NOT NULL,
    host TEXT NOT NULL,
    rendition TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    run_at BIGINT NOT NULL,
    locked_until BIGINT,
    done_at BIGINT,
    -- delivered, refused by the receiver, or given up
    outcome TEXT,
    detail TEXT,
    UNIQUE (activity_id, inbox)
);
CREATE INDEX deliveries_due ON deliveries (run_at, id) WHERE done_at IS NULL;
CREATE INDEX deliveries_by_host ON deliveries (host, run_at) WHERE done_at IS NULL;
CREATE INDEX deliveries_done ON deliveries (done_at) WHERE done_at IS NOT NULL;

-- What we know of each remote host: its software, and whether it answers.
CREATE TABLE remote_hosts (
    host TEXT PRIMARY KEY,
    software TEXT,
    software_checked_at BIGINT,
    failures BIGINT NOT NULL,
    failing_since BIGINT,
    retry_at BIGINT,
    last_success_at BIGINT,
    last_error TEXT
);

CREATE TABLE mails (
    id BIGINT PRIMARY KEY,
    recipient TEXT NOT NULL,
    -- JSON of mail::Message
    message TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    run_at BIGINT NOT NULL,
    locked_until BIGINT,
    done_at BIGINT,
    outcome TEXT,
    detail TEXT
);
CREATE INDEX mails_due ON mails (run_at, id) WHERE done_at IS NULL;
CREATE INDEX mails_done ON mails (done_at) WHERE done_at IS NOT NULL;
