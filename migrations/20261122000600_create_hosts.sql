-- Structures: profiles of organisations that host, accompany, train or develop.

CREATE TABLE hosts (
    id BIGINT PRIMARY KEY,
    organisation_id BIGINT NOT NULL UNIQUE REFERENCES organisations (id),
    -- name of its account and of its page, [a-z0-9_]{3,30}: never changed, never reused
    handle TEXT NOT NULL UNIQUE,
    actor_id BIGINT REFERENCES actors (id),
    state TEXT NOT NULL,
    -- open, full; with the month (YYYY-MM) from which it takes requests again
    capacity TEXT NOT NULL,
    capacity_from TEXT,
    capacity_said_at BIGINT,
    capacity_asked_at BIGINT,
    -- grows by one at each change: a form made from an older one is refused
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    submitted_at BIGINT,
    -- when a moderator let it become a candidate
    accepted_at BIGINT,
    -- yearly confirmation: when it was last given, when it was last asked for, how often since
    confirmed_at BIGINT,
    confirmation_asked_at BIGINT,
    confirmation_reminders BIGINT NOT NULL,
    suspended_at BIGINT,
    -- shown on its page
    suspension_motive TEXT NOT NULL,
    -- an imported profile that nobody took over yet: where its contact was told
    unclaimed_email TEXT,
    claimed_at BIGINT,
    -- ChatonsInfos file followed for suggestions
    import_url TEXT,
    import_etag TEXT,
    import_checked_at BIGINT,
    -- The listing rule's answer, written by one function (app::listing::settle) in the transaction of
    -- whatever changes it: unlisted, listed, notice. Readers ask for nothing else.
    listing TEXT NOT NULL,
    listed_since BIGINT,
    -- when the notice ends, and the host leaves the directory
    notice_until BIGINT,
    unlisted_at BIGINT,
    counted BIGINT NOT NULL,
    -- when time alone changes the answer; NULL when it never does
    settle_at BIGINT
);
CREATE INDEX hosts_by_state ON hosts (state, submitted_at, id);
CREATE INDEX hosts_listed ON hosts (listing, id);
CREATE INDEX hosts_by_actor ON hosts (actor_id);
CREATE INDEX hosts_to_settle ON hosts (settle_at, id) WHERE settle_at IS NOT NULL;
CREATE INDEX hosts_by_confirmation ON hosts (confirmed_at, id);

-- Each field of a profile with its source and its dates.
CREATE TABLE host_fields (
    host_id BIGINT NOT NULL REFERENCES hosts (id) ON DELETE CASCADE,
    field TEXT NOT NULL,
    -- JSON, in the shape of domain::host::HostProfile
    value TEXT NOT NULL,
    -- typed, imported
    source TEXT NOT NULL,
    source_url TEXT,
    set_at BIGINT NOT NULL,
    confirmed_at BIGINT NOT NULL,
    PRIMARY KEY (host_id, field)
);

CREATE TABLE host_offers (
    id BIGINT PRIMARY KEY,
    host_id BIGINT NOT NULL REFERENCES hosts (id) ON DELETE CASCADE,
    -- position in its address, never reused
    number BIGINT NOT NULL,
    name TEXT NOT NULL,
    -- Markdown
    description TEXT NOT NULL,
    -- JSON: lines with their kind and what is said of each
    lines TEXT NOT NULL,
    -- JSON array of slugs of programs
    software TEXT NOT NULL,
    price_model TEXT NOT NULL,
    price_bracket TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (host_id, number)
);

-- What the directory filters by, one row per value: written by app::directory with the profile,
-- only for hosts that are in the directory.
CREATE TABLE host_facets (
    host_id BIGINT NOT NULL REFERENCES hosts (id) ON DELETE CASCADE,
    facet TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (facet, value, host_id)
);
CREATE INDEX host_facets_by_host ON host_facets (host_id);

-- The conversation between a structure and the moderators.
CREATE TABLE host_reviews (
    id BIGINT PRIMARY KEY,
    host_id BIGINT NOT NULL REFERENCES hosts (id) ON DELETE CASCADE,
    account_id BIGINT REFERENCES accounts (id),
    step TEXT NOT NULL,
    motive TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX host_reviews_by_host ON host_reviews (host_id, id);

-- When its mark was lost; NULL while it holds or when it never had one. What an organisation
-- recommended stops counting then.
ALTER TABLE organisations ADD COLUMN verification_lost_at BIGINT;
