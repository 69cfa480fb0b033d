import type { Queryable } from "../../src/main/hub/store/database.ts";

/**
 * Fills an empty database with a ledger of any size, in SQL: `rows` events cut into segments (which must have been
 * prepared), and for each peer an entry and a decision not to forward for every fourth event or so, of all kinds.
 * @returns the id of one of the peers
 */
export async function fillLedger(
  db: Queryable,
  size: { readonly rows: number; readonly peers: number; readonly segments: number },
): Promise<string> {
  const { rows, peers, segments } = size;
  const run = async (text: string, values: unknown[] = []): Promise<void> => {
    await db.query({ text, values });
  };
  await run("INSERT INTO teams (id, name) VALUES ('t', 't')");
  await run(
    `INSERT INTO peers (id, team, name, hook_url, outbound_token, inbound_token, inbound_hash)
     SELECT ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 't', 'peer-' || n, 'https://x', '', '', ''
     FROM generate_series(1, $1::int) n`,
    [peers],
  );
  await run(
    `INSERT INTO segments (segment, first_seq) SELECT s, (s - 1) * ($1::int / $2::int) + 1
     FROM generate_series(2, $2::int) s`,
    [rows, segments],
  );
  await run("UPDATE log_head SET seq = $1, segment = $2", [rows, segments]);
  const segment = `least((n - 1) / (${rows} / ${segments}) + 1, ${segments})::int`;
  const log = `generate_series(1, ${rows}) n`;
  await run(
    `INSERT INTO events (seq, segment, team, id, source, type, received_at, digest, data_bytes, attrs, data)
     SELECT n, ${segment}, 't', gen_random_uuid()::text, 'https://x', 'com.x.' || n % 50,
            timestamptz '2026-01-01' + n * interval '1 s', gen_random_uuid(), 20, '', '{"some":"data"}' FROM ${log}`,
  );
  const mine = `${log}, generate_series(1, ${peers}) p`;
  await run(
    `INSERT INTO outbox_done (peer, seq, gen, segment, state, revision, hops, tries, replay, created_at, finished_at, result,
                              cause, attempts)
     SELECT p, n, 0, ${segment},
            CASE WHEN (n / 7) % 20 = 0 THEN 'dead' WHEN (n / 7) % 50 = 1 THEN 'cancelled' ELSE 'delivered' END, 1, 0, 1,
            false, now(), now(), 'accepted', CASE WHEN n % 10000 = 0 THEN 'seldom' ELSE 'http_400' END, '{}'
     FROM ${mine} WHERE (n + p) % 4 = 0`,
  );
  await run(
    `INSERT INTO outbox (peer, seq, gen, segment, state, revision, hops, created_at, available_at)
     SELECT p, n, 0, ${segment}, CASE WHEN n > ${rows} - 60 THEN 'sending' ELSE 'pending' END, 1, 0, now(), now()
     FROM ${mine} WHERE (n + p) % 4 = 1`,
  );
  await run(
    `INSERT INTO drops (seq, segment, peer, reason, at, revision, evidence)
     SELECT n, ${segment}, p, CASE WHEN n % 5000 = 0 THEN 'too_large' WHEN n % 3 = 0 THEN 'loop' ELSE 'hop_limit' END, now(),
            1, '{}' FROM ${mine} WHERE (n + p) % 4 = 2`,
  );
  await run(
    `INSERT INTO attempts (id, segment, peer, at, duration_ms, outcome, batch, entries, first_seq, last_seq, url,
                           request_headers, request_bytes)
     SELECT gen_random_uuid(), ${segment}, p, now(), 1, CASE WHEN n % 500 < 4 THEN 'retry' ELSE 'delivered' END, false, 1, n,
            n, '', '{}', 1 FROM ${mine} WHERE (n + p) % 4 = 0`,
  );
  await run(
    `INSERT INTO refusals (id, at, team, route, reason, evidence, hook)
     SELECT gen_random_uuid(), now(), 't', '/hooks', 'bad_signature', '{}', CASE WHEN n % 7 = 0 THEN 'often' END
     FROM ${log}`,
  );
  await run("ANALYZE");
  return "00000000-0000-4000-8000-000000000001";
}
