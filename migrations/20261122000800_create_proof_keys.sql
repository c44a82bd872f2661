-- Ed25519 keys of our actors, for proofs (FEP-8b32, FEP-521a). A retired key stays listed so that
-- what it signed can still be checked; a revoked one does not.

CREATE TABLE proof_keys (
    id BIGINT PRIMARY KEY,
    actor_id BIGINT NOT NULL REFERENCES actors (id) ON DELETE CASCADE,
    -- what follows # in its id
    fragment TEXT NOT NULL,
    -- base58-btc multibase of the Multikey
    public_key TEXT NOT NULL,
    -- seed, sealed with the key file of the data directory
    private_key TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    retired_at BIGINT,
    revoked_at BIGINT,
    UNIQUE (actor_id, fragment)
);

-- The key that signed for an actor before the last rotation, sealed: it signs the message that tells
-- the new one to servers that know the old one.
ALTER TABLE actors ADD COLUMN former_private_key TEXT;
