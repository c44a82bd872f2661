-- Free programs and the proprietary tools that they replace. What the project ships is copied here
-- when it changed; larger public lists are imported by command.

CREATE TABLE software (
    id BIGINT PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    -- one French line; empty for an imported program nobody described yet
    description TEXT NOT NULL,
    -- SPDX identifier
    licence TEXT NOT NULL,
    website TEXT NOT NULL,
    source_url TEXT,
    -- JSON arrays: other names that people type, and uses it serves
    aliases TEXT NOT NULL,
    uses TEXT NOT NULL,
    -- emancipasso, or the name of the imported list
    origin TEXT NOT NULL,
    -- day as YYYY-MM-DD
    checked_on TEXT NOT NULL
);
CREATE INDEX software_by_name ON software (name, id);

CREATE TABLE tools (
    id BIGINT PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    company TEXT NOT NULL,
    description TEXT NOT NULL,
    -- what is at stake in leaving it
    why TEXT NOT NULL,
    aliases TEXT NOT NULL,
    uses TEXT NOT NULL,
    origin TEXT NOT NULL,
    checked_on TEXT NOT NULL
);
CREATE INDEX tools_by_name ON tools (name, id);

CREATE TABLE alternatives (
    tool_id BIGINT NOT NULL REFERENCES tools (id) ON DELETE CASCADE,
    software_id BIGINT NOT NULL REFERENCES software (id) ON DELETE CASCADE,
    -- what fits and what differs; empty when imported
    note TEXT NOT NULL,
    -- the best fit first
    rank BIGINT NOT NULL,
    PRIMARY KEY (tool_id, software_id)
);
CREATE INDEX alternatives_by_software ON alternatives (software_id, tool_id);
