-- What the directory reads of structures in it.

-- The rules that made the facets and the words of a structure; 0 when they are to be made again.
ALTER TABLE hosts ADD COLUMN directory_version BIGINT NOT NULL DEFAULT 0;
CREATE INDEX hosts_to_index ON hosts (directory_version, id) WHERE listing <> 'unlisted';
-- feeds, the latest first
CREATE INDEX hosts_newest ON hosts (listed_since, id) WHERE listed_since IS NOT NULL;
CREATE INDEX recommendations_newest ON recommendations (published_at, id)
    WHERE state = 'published';
