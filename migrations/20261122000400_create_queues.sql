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
    -- which recipients are being turned into deliveries, and the last of them that was: the id
    -- of a follow among followers, of an actor otherwise; NULL before the first
    walk TEXT,
    walk_cursor BIGINT NOT NULL,
    run_at BIGINT NOT NULL,
    locked_until BIGINT,
    expanded_at BIGINT
);
CREATE INDEX outbox_activities_due ON outbox_activities (run_at, id) WHERE expanded_at IS NULL;
CREATE INDEX outbox_activities_by_actor ON outbox_activities (actor_id, id);
CREATE INDEX outbox_activities_standing ON outbox_activities (actor_id, id) WHERE stands;

-- One activity for one inbox. Nobody claims a delivery: one claims its host, in remote_hosts.
CREATE TABLE deliveries (
    id BIGINT PRIMARY KEY,
    activity_id BIGINT NOT NULL REFERENCES outbox_activities (id) ON DELETE CASCADE,
    inbox TEXT NOT NULL,
    -- authority of the inbox
    host TEXT NOT NULL,
    -- NULL until it is known which software the host runs, when that matters
    rendition TEXT,
    created_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    run_at BIGINT NOT NULL,
    done_at BIGINT,
    -- delivered, refused by the receiver, given up, or not to be sent; with words for the
    -- administrator
    outcome TEXT,
    detail TEXT,
    UNIQUE (activity_id, inbox)
);
CREATE INDEX deliveries_by_host ON deliveries (host, run_at) WHERE done_at IS NULL;
CREATE INDEX deliveries_in_turn ON deliveries (host, attempts, id) WHERE done_at IS NULL;
CREATE INDEX deliveries_done ON deliveries (done_at) WHERE done_at IS NOT NULL;

-- What we know of each remote host: its software, whether it answers, and when something is to be
-- delivered to it. A worker takes a whole host, so that none is called by two at once.
CREATE TABLE remote_hosts (
    host TEXT PRIMARY KEY,
    software TEXT,
    software_checked_at BIGINT,
    failures BIGINT NOT NULL,
    failing_since BIGINT,
    -- nothing is delivered before; set by failures, or by the host itself (Retry-After)
    retry_at BIGINT,
    last_success_at BIGINT,
    last_error TEXT,
    -- when its next delivery is due; NULL when none waits
    due_at BIGINT,
    locked_until BIGINT
);
CREATE INDEX remote_hosts_due ON remote_hosts (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX remote_hosts_by_check ON remote_hosts (software_checked_at);

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
