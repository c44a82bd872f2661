CREATE TABLE organisations (
    id BIGINT PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    legal_form TEXT NOT NULL,
    rna TEXT,
    siren TEXT,
    siret TEXT,
    commune_code TEXT,
    departement_code TEXT,
    region_code TEXT,
    website TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    verified_at BIGINT,
    verified_by BIGINT REFERENCES accounts (id),
    verification_method TEXT,
    verified_name_hash TEXT
);
CREATE INDEX organisations_by_rna ON organisations (rna);
CREATE INDEX organisations_by_siren ON organisations (siren);
CREATE INDEX organisations_unverified ON organisations (verified_at, id);

CREATE TABLE memberships (
    organisation_id BIGINT NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (organisation_id, account_id)
);
CREATE INDEX memberships_by_account ON memberships (account_id, organisation_id);

CREATE TABLE invitations (
    id BIGINT PRIMARY KEY,
    organisation_id BIGINT NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
    email TEXT NOT NULL,
    role TEXT NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    invited_by BIGINT NOT NULL REFERENCES accounts (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    accepted_at BIGINT,
    revoked_at BIGINT
);
CREATE INDEX invitations_by_organisation ON invitations (organisation_id, id);
CREATE INDEX invitations_by_expiry ON invitations (expires_at);
