-- The hub's first schema. See docs/adr/0002-log-segments.md for why the log is cut into segments
-- and why one row, log_head, is locked by every batch.

-- One row. Its lock is held from the allocation of seqs to the commit, so commit order is seq order and no reader
-- can see n before n-1. `config_rev` grows with every change to peers, hooks or keys, so that a batch routed with an
-- older registry is refused and routed again. Low fillfactor: the row is updated by every batch and must stay HOT.
CREATE TABLE log_head (
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  seq bigint NOT NULL DEFAULT 0,
  segment integer NOT NULL DEFAULT 1,
  config_rev bigint NOT NULL DEFAULT 1
) WITH (fillfactor = 10);
INSERT INTO log_head DEFAULT VALUES;

CREATE TABLE settings (
  key text PRIMARY KEY,
  value jsonb NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now()
);

-- A known word, sealed with the key of this database's secrets, so that another key is noticed before it seals
-- anything. Not a setting: settings travel with an export, the key does not.
CREATE TABLE key_check (
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  sealed bytea NOT NULL
);

CREATE TABLE teams (
  id text PRIMARY KEY,
  name text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);

-- A segment is a stretch of the log: one partition of each table below. Retention drops whole segments.
CREATE TABLE segments (
  segment integer PRIMARY KEY,
  first_seq bigint NOT NULL,
  opened_at timestamptz NOT NULL DEFAULT now(),
  sealed_at timestamptz,
  last_seq bigint,
  -- Bloom filter over the segment's deduplication keys, written once when it is sealed.
  key_filter bytea,
  events_dropped_at timestamptz,
  keys_dropped_at timestamptz
);

CREATE TABLE events (
  seq bigint NOT NULL,
  segment integer NOT NULL,
  team text NOT NULL,
  id text NOT NULL,
  source text NOT NULL,
  type text NOT NULL,
  hook text,
  via integer,
  received_at timestamptz NOT NULL,
  origin text,
  chain text NOT NULL DEFAULT '[]',
  hops smallint NOT NULL DEFAULT 0,
  integrity text,
  verified boolean NOT NULL DEFAULT false,
  summary text,
  headers text,
  agent_to text,
  replay_of bigint,
  digest uuid NOT NULL,
  data_bytes integer NOT NULL,
  attrs text NOT NULL,
  data text,
  PRIMARY KEY (seq, segment)
) PARTITION BY LIST (segment);
-- Finds an event by its id at next to no cost for accepting: inserts only touch it where it was summarised, and VACUUM
-- summarises what is full.
CREATE INDEX events_id ON events
  USING brin (id text_bloom_ops (n_distinct_per_range = 800, false_positive_rate = 0.01)) WITH (pages_per_range = 16);

-- Memory of (team, source, id) and of providers' delivery ids, as the first 128 bits of a SHA-256. It outlives the
-- events (see retention) and is never unique over segments: keys of sealed segments are looked up before the insert.
CREATE TABLE dedup (
  key uuid NOT NULL,
  segment integer NOT NULL,
  seq bigint NOT NULL,
  digest uuid NOT NULL,
  PRIMARY KEY (key, segment)
) PARTITION BY LIST (segment);

-- What came a second time, and by which way: a diamond's other path, a sender's retry, a conflict.
CREATE TABLE arrivals (
  seq bigint NOT NULL,
  segment integer NOT NULL,
  at timestamptz NOT NULL,
  kind text NOT NULL,
  via integer,
  hops smallint NOT NULL,
  origin text,
  chain text NOT NULL,
  digest uuid NOT NULL,
  data text
) PARTITION BY LIST (segment);
CREATE INDEX arrivals_seq ON arrivals (seq);

-- Decisions not to forward. A decision to forward is its outbox entry.
CREATE TABLE drops (
  seq bigint NOT NULL,
  segment integer NOT NULL,
  peer integer NOT NULL,
  reason text NOT NULL,
  at timestamptz NOT NULL,
  revision integer NOT NULL,
  evidence text NOT NULL
) PARTITION BY LIST (segment);
CREATE INDEX drops_seq ON drops (seq, peer);
CREATE INDEX drops_peer_reason ON drops (peer, reason, seq);

-- Entries that are owed: small, hot, rows leave when they are finished. Every index here is paid for by every event, so
-- an event's entries are found by (each peer, seq), and expired leases, which are rare, by a scan.
CREATE TABLE outbox (
  peer integer NOT NULL,
  seq bigint NOT NULL,
  gen smallint NOT NULL DEFAULT 0,
  segment integer NOT NULL,
  state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sending')),
  revision integer NOT NULL,
  hops smallint NOT NULL,
  tries smallint NOT NULL DEFAULT 0,
  replay boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL,
  available_at timestamptz NOT NULL,
  wait_reason text,
  leased_by integer,
  leased_until timestamptz,
  attempts uuid[] NOT NULL DEFAULT '{}',
  last_error text,
  PRIMARY KEY (peer, seq, gen)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 5000);
CREATE INDEX outbox_due ON outbox (peer, available_at, seq) WHERE state = 'pending';

-- Entries that are finished: delivered, dead or cancelled.
CREATE TABLE outbox_done (
  peer integer NOT NULL,
  seq bigint NOT NULL,
  gen smallint NOT NULL,
  segment integer NOT NULL,
  state text NOT NULL CHECK (state IN ('delivered', 'dead', 'cancelled')),
  revision integer NOT NULL,
  hops smallint NOT NULL,
  tries smallint NOT NULL,
  replay boolean NOT NULL,
  created_at timestamptz NOT NULL,
  finished_at timestamptz NOT NULL,
  result text NOT NULL,
  cause text,
  attempts uuid[] NOT NULL,
  last_error text,
  PRIMARY KEY (peer, seq, gen, segment)
) PARTITION BY LIST (segment);
-- Peer first: a peer's history is paged by it, and all entries of an event are found by naming the few peers.
CREATE INDEX outbox_done_dead ON outbox_done (peer, seq, gen) WHERE state = 'dead';
CREATE INDEX outbox_done_cause ON outbox_done (peer, cause, seq, gen) WHERE state = 'dead';
CREATE INDEX outbox_done_cancelled ON outbox_done (peer, seq, gen) WHERE state = 'cancelled';

-- One HTTP request to a peer; a batch is one attempt of many entries.
CREATE TABLE attempts (
  id uuid NOT NULL,
  segment integer NOT NULL,
  peer integer NOT NULL,
  at timestamptz NOT NULL,
  duration_ms real NOT NULL,
  outcome text NOT NULL,
  status smallint,
  error text,
  batch boolean NOT NULL,
  entries integer NOT NULL,
  first_seq bigint NOT NULL,
  last_seq bigint NOT NULL,
  url text NOT NULL,
  request_headers text NOT NULL,
  request_bytes integer NOT NULL,
  response_headers text,
  response_body text,
  PRIMARY KEY (id, segment)
) PARTITION BY LIST (segment);
CREATE INDEX attempts_peer ON attempts (peer, id);
CREATE INDEX attempts_failed ON attempts (peer, id) WHERE outcome <> 'delivered';

-- Counts a minute, written in the transactions they count. `peer` 0 is this hub itself.
CREATE TABLE rollups (
  minute timestamptz NOT NULL,
  peer integer NOT NULL,
  kind text NOT NULL,
  reason text NOT NULL DEFAULT '',
  n bigint NOT NULL,
  PRIMARY KEY (minute, peer, kind, reason)
) WITH (fillfactor = 50);

-- Requests that were refused before they became events: bad signature, own id in chain, provenance out of bounds …
CREATE TABLE refusals (
  id uuid PRIMARY KEY,
  at timestamptz NOT NULL,
  team text,
  route text NOT NULL,
  reason text NOT NULL,
  peer integer,
  event_id text,
  event_source text,
  event_type text,
  evidence text NOT NULL
);
CREATE INDEX refusals_at ON refusals (at);

CREATE TABLE api_keys (
  id uuid PRIMARY KEY,
  team text NOT NULL REFERENCES teams,
  name text,
  prefix text NOT NULL,
  hash bytea NOT NULL,
  permissions text[] NOT NULL,
  scopes text[] NOT NULL DEFAULT '{*}',
  expires_at timestamptz,
  revoked_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  secret bytea
);
CREATE INDEX api_keys_prefix ON api_keys (prefix);

CREATE TABLE hooks (
  id uuid PRIMARY KEY,
  team text NOT NULL REFERENCES teams,
  source text NOT NULL,
  token_prefix text NOT NULL,
  token_hash bytea NOT NULL,
  token_secret bytea,
  webhook_secret bytea,
  previous_secret bytea,
  previous_secret_until timestamptz,
  active boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (team, source)
);

CREATE TABLE federation_tokens (
  id uuid PRIMARY KEY,
  team text NOT NULL REFERENCES teams,
  label text NOT NULL,
  hash bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE peers (
  no integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id uuid NOT NULL UNIQUE,
  team text NOT NULL REFERENCES teams,
  name text NOT NULL,
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'paused', 'revoked')),
  status_reason text,
  hook_url text NOT NULL,
  outbound_token bytea NOT NULL,
  inbound_token bytea NOT NULL,
  inbound_hash bytea NOT NULL,
  scopes text[] NOT NULL DEFAULT '{*}',
  max_hops integer NOT NULL DEFAULT 3 CHECK (max_hops BETWEEN 1 AND 64),
  max_bytes integer NOT NULL DEFAULT 262144 CHECK (max_bytes > 0),
  instance_id text,
  instance_id_from text CHECK (instance_id_from IN ('pairing', 'health', 'chain')),
  batches boolean NOT NULL DEFAULT false,
  ordered boolean NOT NULL DEFAULT false,
  allow_private boolean NOT NULL DEFAULT false,
  retry jsonb NOT NULL DEFAULT '{}',
  revision integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  deleted_at timestamptz
);
CREATE UNIQUE INDEX peers_name ON peers (team, name) WHERE deleted_at IS NULL;

-- How far a listener has acknowledged. `passed` is further: with these scopes, nothing between seq and passed was for it.
CREATE TABLE cursors (
  team text NOT NULL,
  client_id text NOT NULL,
  seq bigint NOT NULL,
  scopes text[] NOT NULL DEFAULT '{*}',
  passed bigint NOT NULL DEFAULT 0,
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (team, client_id)
) WITH (fillfactor = 50);

-- Hub processes on this database. A hub holds a session advisory lock on its number for as long as it lives.
CREATE TABLE hubs (
  no integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id uuid NOT NULL UNIQUE,
  host text NOT NULL,
  pid integer NOT NULL,
  started_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE replay_jobs (
  id uuid PRIMARY KEY,
  team text NOT NULL REFERENCES teams,
  request jsonb NOT NULL,
  state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'done', 'cancelled', 'failed')),
  total bigint NOT NULL,
  done bigint NOT NULL DEFAULT 0,
  skipped bigint NOT NULL DEFAULT 0,
  position text,
  until_seq bigint NOT NULL,
  error text,
  leased_by integer,
  leased_until timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz
);

INSERT INTO segments (segment, first_seq) VALUES (1, 1);
CREATE TABLE events_s1 PARTITION OF events FOR VALUES IN (1);
CREATE TABLE dedup_s1 PARTITION OF dedup FOR VALUES IN (1);
CREATE TABLE arrivals_s1 PARTITION OF arrivals FOR VALUES IN (1);
CREATE TABLE drops_s1 PARTITION OF drops FOR VALUES IN (1);
CREATE TABLE outbox_done_s1 PARTITION OF outbox_done FOR VALUES IN (1);
CREATE TABLE attempts_s1 PARTITION OF attempts FOR VALUES IN (1);
