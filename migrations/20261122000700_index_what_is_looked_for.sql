-- What is looked for by itself is found without reading a whole table.
CREATE INDEX milestones_by_post ON milestones (post_id);
CREATE INDEX actors_without_key ON actors (id)
    WHERE role IS NOT NULL AND private_key IS NULL AND gone_at IS NULL;
CREATE INDEX comments_pending ON comments (id) WHERE state = 'pending';
CREATE INDEX deliveries_waiting ON deliveries (activity_id) WHERE done_at IS NULL;
CREATE INDEX ads_by_publication ON ads (published_at, id);

-- What was said and is listed nowhere is deleted some time after it left.
CREATE INDEX outbox_activities_served ON outbox_activities (expanded_at)
    WHERE expanded_at IS NOT NULL AND NOT stands;

-- The rules that made the words of an ad in the search index; 0 when they are to be made again.
ALTER TABLE ads ADD COLUMN search_version BIGINT NOT NULL DEFAULT 0;
CREATE INDEX ads_to_index ON ads (search_version, id) WHERE published_at IS NOT NULL;
