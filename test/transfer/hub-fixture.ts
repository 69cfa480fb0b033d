import { createSecretBox, HubRegistry, RegistryAdmin, type SecretBox } from "../../src/main/hub/registry/index.ts";
import { Database } from "../../src/main/hub/store/database.ts";
import { prepareSegment } from "../../src/main/hub/store/segments.ts";
import { createTestDatabase } from "../support/postgres.ts";

export const NOW = Date.parse("2026-04-14T12:00:00Z");
export const PASSPHRASE = "correct horse battery staple";

/** A hub as far as its database goes. */
export interface Hub {
  readonly db: Database;
  readonly box: SecretBox;
  readonly url: string;
  close(): Promise<void>;
}

export async function createHub(key: string): Promise<Hub> {
  const database = await createTestDatabase();
  const db = new Database({ connectionString: database.url }, 2, () => undefined);
  return {
    db,
    box: createSecretBox(key.padEnd(32, "k")),
    url: database.url,
    async close() {
      await db.close();
      await database.drop();
    },
  };
}

/** Text that is hard on every step of the way: quotes, escapes, line ends, other planes, huge numbers. */
export const NASTY =
  '{"a":"\\"\\\\ \\u0000 \\ud800","n":12345678901234567890.10, "e":"é😀\u2028"}\n\t\\x41 \\\\x \u007f';

/** Puts something into every table: two segments, one of them without events, peers, entries of all states. */
export async function fillHub({ db, box }: Hub, texts: readonly string[] = [NASTY]): Promise<void> {
  const run = async (text: string, values: unknown[] = []): Promise<void> => {
    await db.query({ text, values });
  };
  const registry = await HubRegistry.open(db, box, "instance-a", Date.now);
  const admin = new RegistryAdmin(db, registry, box, () => NOW);
  await admin.createTeam("team", "Team");
  const peer = async (name: string): Promise<{ id: string; no: number }> =>
    admin.createPeer("team", {
      name,
      hookUrl: `https://${name}.example.com/hooks/team/kite`,
      outboundToken: `out-${name}`,
      inboundToken: `in-${name}`,
      scopes: ["a.*", 'odd"scope\\'],
      retry: { ages: [1_000, 2_000], jitter: 0 },
    });
  const b = await peer("b");
  const gone = await peer("gone");
  await admin.deletePeer("team", gone.id, async () => undefined);
  const c = await peer("c");
  await admin.updatePeer("team", c.id, { status: "revoked" });
  await admin.createHook("team", "github", { webhookSecret: "github-secret", keep: true });
  await admin.createHook("team", "github", { webhookSecret: "github-secret-2", keep: true });
  await admin.createHook("team", "plain");
  await admin.createKey("team", { name: "kept", permissions: ["admin"], keep: true });
  await admin.createKey("team", { name: null, permissions: ["read"], expiresAt: new Date(NOW) });
  await admin.createFederationToken("team", "label");

  await prepareSegment(db, 2);
  await prepareSegment(db, 3);
  await run(
    "UPDATE segments SET sealed_at = now(), last_seq = 100, key_filter = '\\x00ff', events_dropped_at = now() WHERE segment = 1",
  );
  await run("INSERT INTO segments (segment, first_seq) VALUES (2, 101)");
  for (const table of ["events", "arrivals", "drops", "outbox_done", "attempts"]) await run(`DROP TABLE ${table}_s1`);
  await run("INSERT INTO dedup SELECT gen_random_uuid(), 1, n, gen_random_uuid() FROM generate_series(1, 100) n");

  for (const [index, text] of texts.entries()) {
    const seq = 101 + index;
    await run(
      `INSERT INTO events (seq, segment, team, id, source, type, hook, via, received_at, origin, chain, hops, integrity,
                           verified, summary, headers, agent_to, replay_of, digest, data_bytes, attrs, data)
       VALUES ($1, 2, 'team', $2, $2, $2, $2, $3, now(), $2, '["b"]', 1, NULL, true, $2, $2, NULL, NULL,
               gen_random_uuid(), 7, $2, $2)`,
      [seq, text, b.no],
    );
    await run("INSERT INTO dedup VALUES (gen_random_uuid(), 2, $1, gen_random_uuid())", [seq]);
    await run("INSERT INTO arrivals VALUES ($1, 2, now(), 'duplicate', $2, 2, NULL, '[]', gen_random_uuid(), $3)", [
      seq,
      b.no,
      text,
    ]);
    await run("INSERT INTO drops VALUES ($1, 2, $2, 'loop', now(), 1, $3)", [seq, b.no, text]);
  }
  await run("UPDATE log_head SET seq = $1, segment = 2", [100 + texts.length]);
  const attempt = "019d8ad0-0000-7000-8000-000000000001";
  await run(
    `INSERT INTO outbox (peer, seq, segment, state, revision, hops, created_at, available_at, leased_by, leased_until, attempts)
     VALUES ($1, 101, 2, 'sending', 1, 0, now(), now(), 9, now(), ARRAY[$2::uuid, gen_random_uuid()]),
            ($3, 101, 2, 'pending', 1, 0, now(), now(), NULL, NULL, '{}')`,
    [b.no, attempt, c.no],
  );
  await run(
    `INSERT INTO outbox_done (peer, seq, gen, segment, state, revision, hops, tries, replay, created_at, finished_at,
                              result, cause, attempts, last_error)
     VALUES ($1, 101, 1, 2, 'dead', 1, 0, 2, true, now(), now(), 'refused', 'http_400', ARRAY[$2::uuid], $3)`,
    [b.no, attempt, texts[0] ?? ""],
  );
  await run(
    `INSERT INTO attempts VALUES ($1, 2, $2, now(), 1.1, 'retry', 503, $3, false, 1, 101, 101, 'https://b', '{}', 3, NULL, $3)`,
    [attempt, b.no, texts[0] ?? ""],
  );
  await run(
    `INSERT INTO pull_links (peer, id, stream_url, remote_team, api_key, client_id, cursor)
     VALUES ($1, gen_random_uuid(), 'wss://b/ws', 'team', $2, 'reader', 77)`,
    [b.no, box.seal("pull-key")],
  );
  await run("INSERT INTO pull_gaps VALUES (gen_random_uuid(), $1, now(), 5, NULL, 'log_replaced')", [b.no]);
  await run("INSERT INTO link_health VALUES ($1, 'pull', now(), NULL, $2, NULL, -3, now())", [b.no, texts[0] ?? ""]);
  await run("INSERT INTO rollups VALUES (now(), 0, 'accepted', '', 9007199254740993)");
  await run("INSERT INTO hook_activity SELECT id, 3, 2, now() FROM hooks LIMIT 1");
  await run(
    "INSERT INTO refusals VALUES (gen_random_uuid(), now(), NULL, '/hooks', 'bad_token', NULL, NULL, NULL, NULL, '{}', 'demo', '{}', '\\x00ff', 2)",
  );
  await run("INSERT INTO console_views VALUES (gen_random_uuid(), 'team', $1, 'hops:>=2')", [texts[0] ?? "x"]);
  await run("INSERT INTO cursors (team, client_id, seq, scopes) VALUES ('team', $1, 101, ARRAY['*', $1])", [
    texts[0] ?? "x",
  ]);
  await run("INSERT INTO settings VALUES ('a', $1::jsonb, now())", [JSON.stringify({ big: 1.5, text: '\\ " é' })]);
  await run(
    `INSERT INTO replay_jobs (id, team, request, state, total, until_seq, leased_by)
     VALUES (gen_random_uuid(), 'team', '{"x": 1}', 'running', 5, 101, 9)`,
  );
}
