-- Accompaniments, and what associations say of them.

CREATE TABLE accompaniments (
    id BIGINT PRIMARY KEY,
    host_id BIGINT NOT NULL REFERENCES hosts (id),
    organisation_id BIGINT NOT NULL REFERENCES organisations (id),
    -- position in the address of the agreement, within the host
    number BIGINT NOT NULL,
    state TEXT NOT NULL,
    -- host, association
    declared_by TEXT NOT NULL,
    -- for parties who act by mail, without account
    host_email TEXT,
    association_email TEXT,
    -- JSON of domain::accompaniment::Scope: lines, text, tools before, programs after
    scope TEXT NOT NULL,
    -- days as YYYY-MM-DD
    started_on TEXT NOT NULL,
    ended_on TEXT,
    volunteer_hours BIGINT,
    cost_bracket TEXT,
    -- done before this instance existed: first thing moderators look at
    is_founding BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    -- each party confirms that it began, then that it ended
    host_began_at BIGINT,
    association_began_at BIGINT,
    host_ended_at BIGINT,
    association_ended_at BIGINT,
    closed_at BIGINT,
    UNIQUE (host_id, number)
);
CREATE INDEX accompaniments_by_host ON accompaniments (host_id, id);
CREATE INDEX accompaniments_by_organisation ON accompaniments (organisation_id, id);

-- Signed single-purpose links: what people without account act with. Only a hash is kept.
CREATE TABLE purpose_links (
    id BIGINT PRIMARY KEY,
    token_hash TEXT NOT NULL UNIQUE,
    purpose TEXT NOT NULL,
    -- id of the accompaniment, recommendation or host that it opens
    subject_id BIGINT NOT NULL,
    email TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    revoked_at BIGINT
);
CREATE INDEX purpose_links_by_subject ON purpose_links (purpose, subject_id, id);
CREATE INDEX purpose_links_by_expiry ON purpose_links (expires_at);

CREATE TABLE recommendations (
    id BIGINT PRIMARY KEY,
    accompaniment_id BIGINT NOT NULL UNIQUE REFERENCES accompaniments (id),
    host_id BIGINT NOT NULL REFERENCES hosts (id),
    organisation_id BIGINT NOT NULL REFERENCES organisations (id),
    -- position in its address, within the organisation; given at publication
    number BIGINT,
    state TEXT NOT NULL,
    -- JSON of domain::recommendation::Answers
    answers TEXT NOT NULL,
    author_name TEXT NOT NULL,
    author_role TEXT NOT NULL,
    -- conflict of interest that the author states; empty when there is none
    interest TEXT NOT NULL,
    would_take_call BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    submitted_at BIGINT,
    -- reminders sent to moderators since it was submitted
    review_reminders BIGINT NOT NULL,
    published_at BIGINT,
    expires_at BIGINT,
    expiry_reminded_at BIGINT,
    withdrawn_at BIGINT,
    withdrawal_motive TEXT NOT NULL,
    -- set when moderators find that it should never have counted
    annulled_at BIGINT,
    -- right of reply of the structure, Markdown
    reply TEXT NOT NULL,
    replied_at BIGINT,
    uri TEXT UNIQUE,
    -- the exact signed document
    document TEXT,
    UNIQUE (organisation_id, number)
);
CREATE INDEX recommendations_by_host ON recommendations (host_id, state, published_at, id);
CREATE INDEX recommendations_by_state ON recommendations (state, submitted_at, id);
CREATE INDEX recommendations_by_expiry ON recommendations (expires_at, id);

-- What a recommendation said before each change.
CREATE TABLE recommendation_revisions (
    id BIGINT PRIMARY KEY,
    recommendation_id BIGINT NOT NULL REFERENCES recommendations (id) ON DELETE CASCADE,
    answers TEXT NOT NULL,
    replaced_at BIGINT NOT NULL
);
CREATE INDEX recommendation_revisions_by_recommendation
    ON recommendation_revisions (recommendation_id, id);

-- Steps of the review: approvals, refusals with motive, recusals, appeals, what was set aside.
CREATE TABLE recommendation_reviews (
    id BIGINT PRIMARY KEY,
    recommendation_id BIGINT NOT NULL REFERENCES recommendations (id) ON DELETE CASCADE,
    -- NULL for the author of an appeal who has no account, and for the system
    account_id BIGINT REFERENCES accounts (id),
    step TEXT NOT NULL,
    motive TEXT NOT NULL,
    -- version that was looked at: an amended text is approved anew
    version BIGINT NOT NULL,
    -- version of the published criteria
    criteria TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX recommendation_reviews_by_recommendation
    ON recommendation_reviews (recommendation_id, id);
CREATE INDEX recommendation_reviews_by_account ON recommendation_reviews (account_id, id);

-- What an association tells to mediation rather than in public.
CREATE TABLE mediations (
    id BIGINT PRIMARY KEY,
    accompaniment_id BIGINT NOT NULL REFERENCES accompaniments (id) ON DELETE CASCADE,
    email TEXT NOT NULL,
    content TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    handled_by BIGINT REFERENCES accounts (id),
    handled_at BIGINT
);
CREATE INDEX mediations_waiting ON mediations (handled_at, id);

-- The public log of decisions: no personal data.
CREATE TABLE public_decisions (
    id BIGINT PRIMARY KEY,
    subject_kind TEXT NOT NULL,
    subject_id BIGINT NOT NULL,
    decision TEXT NOT NULL,
    motive TEXT NOT NULL,
    criteria TEXT NOT NULL,
    decided_at BIGINT NOT NULL
);
CREATE INDEX public_decisions_by_subject ON public_decisions (subject_kind, subject_id, id);

-- A structure tells its followers that it is recommended.
ALTER TABLE posts ADD COLUMN recommendation_id BIGINT REFERENCES recommendations (id);
CREATE UNIQUE INDEX posts_by_recommendation ON posts (recommendation_id, number);
