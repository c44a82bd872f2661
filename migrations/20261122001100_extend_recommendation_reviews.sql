-- Which detected link a moderator set aside; empty for the other steps.
ALTER TABLE recommendation_reviews ADD COLUMN link TEXT NOT NULL DEFAULT '';
