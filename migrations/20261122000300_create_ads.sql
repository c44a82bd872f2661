CREATE TABLE media (
    id BIGINT PRIMARY KEY,
    organisation_id BIGINT NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
    -- name of the file under DATA_DIR/media
    file_name TEXT NOT NULL UNIQUE,
    media_type TEXT NOT NULL,
    width BIGINT NOT NULL,
    height BIGINT NOT NULL,
    alt TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE ads (
    id BIGINT PRIMARY KEY,
    -- given at the first publication, never reused; with the slug it makes the address
    number BIGINT UNIQUE,
    slug TEXT,
    organisation_id BIGINT NOT NULL REFERENCES organisations (id),
    created_by BIGINT NOT NULL REFERENCES accounts (id),
    actor_id BIGINT REFERENCES actors (id),
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    title TEXT NOT NULL,
    need TEXT NOT NULL,
    software TEXT NOT NULL,
    ticket_url TEXT,
    licence TEXT,
    territory TEXT NOT NULL,
    budget TEXT NOT NULL,
    -- day as YYYY-MM-DD
    deadline TEXT,
    image_id BIGINT REFERENCES media (id),
    -- JSON array of names without #
    hashtags TEXT NOT NULL,
    outcome TEXT NOT NULL,
    -- grows by one at each change: a form made from an older one is refused
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    submitted_at BIGINT,
    published_at BIGINT,
    expires_at BIGINT,
    reminded_at BIGINT,
    ended_at BIGINT
);
CREATE INDEX ads_by_organisation ON ads (organisation_id, id);
CREATE INDEX ads_by_state ON ads (state, published_at, id);
CREATE INDEX ads_by_expiry ON ads (expires_at, id);
CREATE INDEX ads_by_actor ON ads (actor_id);
CREATE INDEX ads_by_image ON ads (image_id);

-- What an ad said before each edit.
CREATE TABLE ad_revisions (
    id BIGINT PRIMARY KEY,
    ad_id BIGINT NOT NULL REFERENCES ads (id) ON DELETE CASCADE,
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    -- JSON of the content replaced
    content TEXT NOT NULL,
    replaced_at BIGINT NOT NULL
);
CREATE INDEX ad_revisions_by_ad ON ad_revisions (ad_id, id);

-- The conversation between the author and the moderators: decisions with their motive, answers.
CREATE TABLE ad_reviews (
    id BIGINT PRIMARY KEY,
    ad_id BIGINT NOT NULL REFERENCES ads (id) ON DELETE CASCADE,
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    step TEXT NOT NULL,
    motive TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX ad_reviews_by_ad ON ad_reviews (ad_id, id);

-- What an actor of ours said in public: the announcement of an ad, then its milestones.
CREATE TABLE posts (
    id BIGINT PRIMARY KEY,
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    -- what it is about: an ad, or a recommendation (see create_recommendations)
    ad_id BIGINT REFERENCES ads (id),
    kind TEXT NOT NULL,
    -- position among the posts about the same thing: 0 is the announcement
    number BIGINT NOT NULL,
    note_uri TEXT NOT NULL UNIQUE,
    -- only the announcement has an Article
    article_uri TEXT UNIQUE,
    published_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT,
    UNIQUE (ad_id, number)
);
CREATE INDEX posts_by_actor ON posts (actor_id, id);

CREATE TABLE milestones (
    id BIGINT PRIMARY KEY,
    ad_id BIGINT NOT NULL REFERENCES ads (id) ON DELETE CASCADE,
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    post_id BIGINT NOT NULL REFERENCES posts (id),
    kind TEXT NOT NULL,
    -- day as YYYY-MM-DD
    reached_on TEXT NOT NULL,
    text TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX milestones_by_ad ON milestones (ad_id, reached_on, id);

-- Replies from the fediverse. Nothing is shown before somebody accepted it.
CREATE TABLE comments (
    id BIGINT PRIMARY KEY,
    ad_id BIGINT NOT NULL REFERENCES ads (id) ON DELETE CASCADE,
    post_id BIGINT NOT NULL REFERENCES posts (id),
    actor_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
    uri TEXT NOT NULL UNIQUE,
    url TEXT NOT NULL,
    in_reply_to TEXT NOT NULL,
    -- sanitised on arrival
    content TEXT NOT NULL,
    state TEXT NOT NULL,
    decided_by BIGINT REFERENCES accounts (id),
    decided_at BIGINT,
    published_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    received_at BIGINT NOT NULL
);
CREATE INDEX comments_by_ad ON comments (ad_id, state, id);
CREATE INDEX comments_by_actor ON comments (actor_id, id);

CREATE TABLE reactions (
    id BIGINT PRIMARY KEY,
    post_id BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    actor_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    activity_uri TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (post_id, actor_id, kind)
);
CREATE INDEX reactions_by_activity ON reactions (activity_uri);
CREATE INDEX reactions_by_actor ON reactions (actor_id);

-- Reports: from other servers (Flag) and from readers.
CREATE TABLE reports (
    id BIGINT PRIMARY KEY,
    -- host of the server that reports; NULL for a reader of our pages
    host TEXT,
    content TEXT NOT NULL,
    -- JSON array of the ids reported
    objects TEXT NOT NULL,
    ad_id BIGINT REFERENCES ads (id) ON DELETE SET NULL,
    comment_id BIGINT REFERENCES comments (id) ON DELETE SET NULL,
    activity_uri TEXT UNIQUE,
    state TEXT NOT NULL,
    handled_by BIGINT REFERENCES accounts (id),
    handled_at BIGINT,
    received_at BIGINT NOT NULL
);
CREATE INDEX reports_by_state ON reports (state, id);
