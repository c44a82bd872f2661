-- An activity that tells the new key of its actor is signed with the one before: the private half
-- of that one, sealed. Until every host has the activity, all that leaves for it uses the old key.
ALTER TABLE outbox_activities ADD COLUMN old_key TEXT;
CREATE INDEX outbox_activities_changing_key ON outbox_activities (actor_id, id)
    WHERE old_key IS NOT NULL;
