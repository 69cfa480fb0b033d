-- What an endpoint's owner asks first: when did the last event come, and why was the last request refused?

-- The endpoint a refused request was for (null when there is no such endpoint), its headers with secrets masked, and as
-- much of its body as the setting refusal_body_bytes allows.
ALTER TABLE refusals
  ADD COLUMN hook text,
  ADD COLUMN headers text,
  ADD COLUMN body bytea,
  ADD COLUMN body_bytes integer;
CREATE INDEX refusals_hook ON refusals (team, hook, id) WHERE hook IS NOT NULL;

-- Counts of accepted events for each endpoint, written in groups after the commits they count: a crash may lose the last
-- second of them, never an event.
CREATE TABLE hook_activity (
  hook uuid PRIMARY KEY,
  events bigint NOT NULL,
  last_seq bigint NOT NULL,
  last_event_at timestamptz NOT NULL
) WITH (fillfactor = 50);
