-- What a batch hands to the statement that stores it: one array of each of these instead of an array for each column,
-- which PostgreSQL would read, and put aside, one by one. See src/main/hub/store/accept-batch.ts.

CREATE TYPE batch_event AS (
  team text, id text, source text, type text, hook text, via integer, origin text, chain text, hops smallint,
  integrity text, verified boolean, summary text, headers text, agent_to text, digest uuid, data_bytes integer,
  attrs text, data text, replay_of bigint, key uuid
);
CREATE TYPE batch_entry AS (ord integer, peer integer, revision integer, hops smallint, leased boolean);
CREATE TYPE batch_drop AS (ord integer, peer integer, revision integer, reason text, evidence text);
CREATE TYPE batch_count AS (peer integer, kind text, reason text, n integer);
