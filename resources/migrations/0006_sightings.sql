-- By which chains events have come, and of which types, kept up by a scan of the log now and then and not by every event.
-- The map of the federation and the lint read them. Chains and types are as long as strangers like: their hashes are unique.
CREATE TABLE seen_chains (
  team text NOT NULL,
  chain text NOT NULL,
  events bigint NOT NULL,
  first_at timestamptz NOT NULL,
  last_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX seen_chains_key ON seen_chains (team, md5(chain));

CREATE TABLE seen_types (
  team text NOT NULL,
  type text NOT NULL,
  events bigint NOT NULL,
  first_at timestamptz NOT NULL,
  last_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX seen_types_key ON seen_types (team, md5(type));

-- One row: how far the scan has come.
CREATE TABLE sightings_scan (
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  seq bigint NOT NULL DEFAULT 0
);
INSERT INTO sightings_scan DEFAULT VALUES;
