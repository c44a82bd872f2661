-- A published recommendation that its association rewrites or renews: what is proposed waits here
-- for moderators, while what was published stays as it is.
CREATE TABLE recommendation_amendments (
    recommendation_id BIGINT PRIMARY KEY REFERENCES recommendations (id) ON DELETE CASCADE,
    -- edit, renewal
    kind TEXT NOT NULL,
    -- the version that it becomes when moderators accept it
    version BIGINT NOT NULL,
    -- JSON of domain::recommendation::Answers
    answers TEXT NOT NULL,
    author_name TEXT NOT NULL,
    author_role TEXT NOT NULL,
    interest TEXT NOT NULL,
    would_take_call BOOLEAN NOT NULL,
    submitted_at BIGINT NOT NULL
);
CREATE INDEX recommendation_amendments_by_date
    ON recommendation_amendments (submitted_at, recommendation_id);

-- Somebody who asks to talk to an association about what it recommends. Addresses are relayed,
-- never shown; a request is deleted with its term.
CREATE TABLE call_requests (
    id BIGINT PRIMARY KEY,
    recommendation_id BIGINT NOT NULL REFERENCES recommendations (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    organisation TEXT NOT NULL,
    email TEXT NOT NULL,
    message TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    answered_at BIGINT
);
CREATE INDEX call_requests_by_recommendation ON call_requests (recommendation_id, created_at);
CREATE INDEX call_requests_by_email ON call_requests (email, created_at);
CREATE INDEX call_requests_by_expiry ON call_requests (expires_at);

-- Links and invitations to an address, and the accompaniments it takes part in.
CREATE INDEX purpose_links_by_email ON purpose_links (email, created_at);
CREATE INDEX accompaniments_by_association_email ON accompaniments (association_email, id);
