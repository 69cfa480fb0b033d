import { PassThrough, Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HubRegistry, RegistryAdmin } from "../../src/main/hub/registry/index.ts";
import { columnsOf, SECTIONS, type Section } from "../../src/main/hub/store/transfer.ts";
import {
  type ExportOptions,
  exportHub,
  type ImportOptions,
  type ImportSummary,
  importHub,
} from "../../src/main/hub/transfer/index.ts";
import { createHub, fillHub, type Hub, NASTY, NOW, PASSPHRASE } from "./hub-fixture.ts";

const OPTIONS: ExportOptions = { instanceId: "instance-a", version: "1.2.3", now: () => NOW };

async function exported(hub: Hub, options: Partial<ExportOptions> = {}): Promise<Buffer> {
  const sink = new PassThrough();
  const [file] = await Promise.all([buffer(sink), exportHub(hub.db, hub.box, sink, { ...OPTIONS, ...options })]);
  return file;
}

const imported = (hub: Hub, file: Buffer, options: ImportOptions = {}): Promise<ImportSummary> =>
  importHub(hub.db, hub.box, Readable.from([file]), options);

/** Columns that an import changes on purpose: leases, and secrets, which are encrypted anew. */
const CHANGED: Partial<Record<Section, readonly string[]>> = {
  outbox: ["state", "leased_by", "leased_until"],
  replay_jobs: ["state", "leased_by"],
  peers: ["outbound_token", "inbound_token"],
  pull_links: ["api_key", "leased_by", "leased_until"],
  hooks: ["token_secret", "webhook_secret", "previous_secret"],
  api_keys: ["secret"],
};

/** Everything in a hub but what is expected to differ, as text. */
async function contents({ db }: Hub): Promise<Record<string, string[]>> {
  const all: Record<string, string[]> = {};
  for (const section of SECTIONS) {
    const columns = (await columnsOf(db, section)).filter((column) => !CHANGED[section]?.includes(column));
    const { rows } = await db.query<{ line: string }>({
      text: `SELECT row_to_json(x)::text AS line FROM (SELECT ${columns.join(", ")} FROM ${section}) x ORDER BY 1`,
    });
    all[section] = rows.map(({ line }) => line);
  }
  return all;
}

const rowOf = async (hub: Hub, text: string): Promise<Record<string, unknown>> =>
  (await hub.db.query({ text })).rows[0] ?? {};

let source: Hub;
const targets: Hub[] = [];
const newTarget = async (): Promise<Hub> => {
  const hub = await createHub("another key");
  targets.push(hub);
  return hub;
};

beforeAll(async () => {
  source = await createHub("the first key");
  await fillHub(source, [NASTY, "plain", ""]);
});
afterAll(() => Promise.all([source, ...targets].map((hub) => hub.close())));

describe("an export that is imported", () => {
  it("is the same hub, with its secrets encrypted on the way", async () => {
    const file = await exported(source, { passphrase: PASSPHRASE });
    const target = await newTarget();
    const summary = await imported(target, file, { passphrase: PASSPHRASE });
    expect(await contents(target)).toEqual(await contents(source));
    expect(summary).toMatchObject({ instanceId: "instance-a", createdAt: "2026-04-14T12:00:00.000Z", notes: [] });
    const expected = await contents(source);
    for (const section of SECTIONS) {
      expect(expected[section]?.length).toBeGreaterThan(0);
      expect(summary.counts[section]).toBe(expected[section]?.length);
    }

    const before = await HubRegistry.open(source.db, source.box, "a", Date.now);
    const after = await HubRegistry.open(target.db, target.box, "a", Date.now);
    expect(after.snapshot.peers).toEqual(before.snapshot.peers);
    expect(after.snapshot.hooks).toEqual(before.snapshot.hooks);
    expect(after.snapshot.keys).toEqual(before.snapshot.keys);
    expect(after.snapshot.hooks.map(({ webhookSecret }) => webhookSecret)).toContain("github-secret-2");

    const text = gunzipSync(file).toString();
    for (const secret of ["out-b", "in-b", "github-secret", "pull-key"]) expect(text).not.toContain(secret);
  });

  it("goes on where the old hub stopped: seqs, segments, numbers of peers; nothing is leased", async () => {
    const target = await newTarget();
    await imported(target, await exported(source, { passphrase: PASSPHRASE }), { passphrase: PASSPHRASE });
    expect(await rowOf(target, "SELECT seq, segment FROM log_head")).toEqual({ seq: "103", segment: 2 });
    expect(
      await rowOf(target, "SELECT count(*) AS n FROM outbox WHERE state = 'sending' OR leased_by IS NOT NULL"),
    ).toEqual({
      n: "0",
    });
    expect(await rowOf(target, "SELECT state, leased_by FROM replay_jobs")).toEqual({
      state: "queued",
      leased_by: null,
    });
    expect(
      await rowOf(target, "SELECT key_filter, events_dropped_at IS NULL AS kept FROM segments WHERE segment = 1"),
    ).toEqual({
      key_filter: null,
      kept: false,
    });
    expect(await rowOf(target, "SELECT to_regclass('events_s1') AS gone, to_regclass('dedup_s1') AS kept")).toEqual({
      gone: null,
      kept: "dedup_s1",
    });
    const registry = await HubRegistry.open(target.db, target.box, "a", Date.now);
    const admin = new RegistryAdmin(target.db, registry, target.box, () => NOW);
    const last = Math.max(...registry.snapshot.peers.map(({ no }) => no));
    const made = await admin.createPeer("team", {
      name: "new",
      hookUrl: "https://n",
      outboundToken: "o",
      inboundToken: "i",
    });
    expect(made.no).toBe(last + 1);
  });

  it("takes the place of what a first start makes", async () => {
    const target = await newTarget();
    const registry = await HubRegistry.open(target.db, target.box, "b", Date.now);
    const admin = new RegistryAdmin(target.db, registry, target.box, () => NOW);
    await admin.createTeam("fresh", "Fresh");
    await admin.createKey("fresh", { name: null, permissions: ["admin"], keep: true });
    await imported(target, await exported(source, { passphrase: PASSPHRASE }), { passphrase: PASSPHRASE });
    await registry.refresh();
    expect(registry.hasTeam("fresh")).toBe(false);
    expect(registry.hasTeam("team")).toBe(true);
  });

  it("can leave out the records of attempts", async () => {
    const target = await newTarget();
    const summary = await imported(target, await exported(source, { attempts: false }));
    expect(await rowOf(target, "SELECT count(*) AS n FROM attempts")).toEqual({ n: "0" });
    expect(summary.notes).toContain("The export has no records of attempts.");
  });

  it("reports its progress", async () => {
    const seen: string[] = [];
    await exported(source, { onProgress: (section, rows, of) => seen.push(`${section} ${rows}/${of}`) });
    expect(seen).toEqual(expect.arrayContaining(["events 3/3", "dedup 103/103", "peers 3/3"]));
  });

  it("is the same hub, whatever text is in it", async () => {
    // What PostgreSQL can hold: anything but NUL and half characters.
    const text = fc
      .string({
        unit: fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("\n", '"', "\\", "\u2028", "{", "\\x")),
        maxLength: 40,
      })
      .map((value) => value.replaceAll("\u0000", "").toWellFormed());
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 40 }), async (texts) => {
        const from = await createHub("k1");
        const to = await createHub("k2");
        try {
          await fillHub(from, texts);
          await imported(to, await exported(from));
          const [before, after] = [await contents(from), await contents(to)];
          for (const section of SECTIONS)
            if (section !== "peers" && section !== "hooks" && section !== "pull_links")
              expect(after[section]).toEqual(before[section]);
        } finally {
          await from.close();
          await to.close();
        }
      }),
      { numRuns: 3 },
    );
  });
});

/** Made again from the log, wherever it is. */
const NOTES = ["seen_chains", "seen_types", "sightings_scan"];

describe("the sections of an export", () => {
  it("are all tables, but for those that belong to a place or a process", async () => {
    const { rows } = await source.db.query<{ name: string }>({
      text: `SELECT relname AS name FROM pg_class
             WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition`,
    });
    const expected = [
      ...SECTIONS,
      "log_head",
      "hubs",
      "key_check",
      "pairings",
      "console_hubs",
      "schema_migrations",
      ...NOTES,
    ];
    // A partition that was made ahead of its use is no table of its own either.
    const tables = rows.map(({ name }) => name).filter((name) => !/_s\d+$/.test(name));
    expect(tables.toSorted()).toEqual(expected.toSorted());
  });
});

describe("an export without a passphrase", () => {
  it("holds no secret, and what needed one is closed until it is set again", async () => {
    const file = await exported(source);
    const text = gunzipSync(file).toString();
    for (const secret of ["out-b", "in-b", "github-secret", "pull-key"]) expect(text).not.toContain(secret);
    expect(text).not.toContain(
      (await rowOf(source, "SELECT encode(inbound_hash, 'hex') AS hash FROM peers ORDER BY no")).hash,
    );

    const target = await newTarget();
    const summary = await imported(target, file);
    expect(summary.notes).toEqual([
      "Peers that came without their tokens, and are paused until you set the tokens and set them active: 2.",
      "Endpoints that came without their webhook secrets, and are inactive until you create them again: 1.",
    ]);
    const registry = await HubRegistry.open(target.db, target.box, "a", Date.now);
    const [b, c] = registry.snapshot.peers;
    expect(b).toMatchObject({
      name: "b",
      status: "paused",
      statusReason: expect.stringContaining("without its tokens"),
    });
    expect(c).toMatchObject({ name: "c", status: "revoked" });
    expect(b?.inboundToken).not.toBe("in-b");
    expect(registry.peerByInboundToken("team", "in-b")).toBeUndefined();
    expect(registry.hook("team", "github")).toMatchObject({ active: false, webhookSecret: null });
    expect(registry.hook("team", "plain")).toMatchObject({ active: true });
    // Keys are kept as hashes: they go on working.
    expect(registry.snapshot.keys).toHaveLength(2);
  });

  it("is also what an export with secrets can be imported as", async () => {
    const target = await newTarget();
    const file = await exported(source, { passphrase: PASSPHRASE });
    const { notes } = await imported(target, file, { leaveOutSecrets: true });
    expect(notes).toHaveLength(2);
  });
});
