-- What a peer is to its owner, what may be sent to it, and the token it is changing from.
ALTER TABLE peers
  ADD COLUMN environment text NOT NULL DEFAULT 'other' CHECK (environment IN ('production', 'staging', 'other')),
  ADD COLUMN label text,
  ADD COLUMN colour text,
  ADD COLUMN receive_only boolean NOT NULL DEFAULT false,
  ADD COLUMN newest_first boolean NOT NULL DEFAULT false,
  ADD COLUMN masks jsonb NOT NULL DEFAULT '[]',
  ADD COLUMN previous_inbound_token bytea,
  ADD COLUMN previous_inbound_until timestamptz,
  -- The id of another instance that answers in this peer's place; nothing is exchanged until a person accepts it.
  ADD COLUMN stranger_id text;

-- Peers that are read over their WebSocket, because they cannot reach this instance. One hub of several reads a link, by
-- its lease. `cursor` is the peer's seq up to which everything is committed here; null before the first connection.
CREATE TABLE pull_links (
  peer integer PRIMARY KEY REFERENCES peers (no),
  id uuid NOT NULL UNIQUE,
  stream_url text NOT NULL,
  remote_team text NOT NULL,
  api_key bytea NOT NULL,
  client_id text NOT NULL,
  scopes text[] NOT NULL DEFAULT '{*}',
  max_hops integer NOT NULL DEFAULT 3 CHECK (max_hops BETWEEN 1 AND 64),
  max_bytes integer NOT NULL DEFAULT 262144 CHECK (max_bytes > 0),
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'paused')),
  status_reason text,
  cursor bigint,
  remote_seq bigint,
  leased_by integer,
  leased_until timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);

-- Stretches of a peer's log that a pull link may have missed: never called lossless.
CREATE TABLE pull_gaps (
  id uuid PRIMARY KEY,
  peer integer NOT NULL,
  at timestamptz NOT NULL,
  from_seq bigint NOT NULL,
  to_seq bigint,
  reason text NOT NULL CHECK (reason IN ('cursor_expired', 'not_resumed', 'log_replaced'))
);
CREATE INDEX pull_gaps_peer ON pull_gaps (peer, id);

-- How each direction of each link fares; the directions are never mixed.
CREATE TABLE link_health (
  peer integer NOT NULL,
  direction text NOT NULL CHECK (direction IN ('push_out', 'push_in', 'pull')),
  last_success_at timestamptz,
  last_failure_at timestamptz,
  last_failure text,
  failing_since timestamptz,
  clock_offset_ms integer,
  clock_at timestamptz,
  PRIMARY KEY (peer, direction)
) WITH (fillfactor = 50);

-- Pairings under way, on the side that made the link (`maker`) and on the one that opened it (`opener`). `secrets` is
-- sealed: the link's secret and the keys that both sides' tokens are made of.
CREATE TABLE pairings (
  id uuid PRIMARY KEY,
  team text NOT NULL REFERENCES teams,
  role text NOT NULL CHECK (role IN ('maker', 'opener')),
  state text NOT NULL CHECK (state IN ('offered', 'comparing', 'confirmed_here', 'confirmed_there', 'done', 'refused', 'expired')),
  offer jsonb NOT NULL,
  other jsonb,
  words text,
  peer integer,
  secrets bytea,
  problem text,
  expires_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX pairings_team ON pairings (team, created_at);
