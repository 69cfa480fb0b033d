import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable, Writable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { holdHubLock, registerHub } from "../../src/main/hub/store/hubs.ts";
import {
  type ExportOptions,
  exportHub,
  exportToFile,
  type ImportOptions,
  importFromFile,
  importHub,
  TransferError,
} from "../../src/main/hub/transfer/index.ts";
import { createHub, fillHub, type Hub, NOW, PASSPHRASE } from "./hub-fixture.ts";

const OPTIONS: ExportOptions = { instanceId: "instance-a", version: "1.2.3", now: () => NOW };
const SEALED: ExportOptions = { ...OPTIONS, passphrase: PASSPHRASE };

let source: Hub;
let target: Hub;
/** Without secrets, since a passphrase takes its time on purpose; and with them. */
let file: Buffer;
let sealed: Buffer;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "kite-transfer-"));
  source = await createHub("one");
  target = await createHub("two");
  await fillHub(source);
  file = await exported(OPTIONS);
  sealed = await exported(SEALED);
});
afterAll(async () => {
  await source.close();
  await target.close();
  await rm(folder, { recursive: true, force: true });
});

async function exported(options: ExportOptions): Promise<Buffer> {
  const sink = new PassThrough();
  const [bytes] = await Promise.all([buffer(sink), exportHub(source.db, source.box, sink, options)]);
  return bytes;
}

const open: ImportOptions = { passphrase: PASSPHRASE };
const imported = (bytes: Buffer, options: ImportOptions): Promise<unknown> =>
  importHub(target.db, target.box, Readable.from([bytes]), options);

async function isEmpty(): Promise<boolean> {
  const { rows } = await target.db.query<{ n: string }>({
    text: `SELECT (SELECT seq FROM log_head) + (SELECT count(*) FROM peers) + (SELECT count(*) FROM teams)
                  + (SELECT count(*) FROM events) + (SELECT count(*) FROM dedup) + (SELECT count(*) FROM segments) - 1 AS n`,
  });
  return rows[0]?.n === "0";
}

/** The import fails with this sentence, and the hub is as empty as before. */
async function refuses(bytes: Buffer, sentence: RegExp, options: ImportOptions = {}): Promise<void> {
  const error: unknown = await imported(bytes, options).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(TransferError);
  expect(String(error)).toMatch(sentence);
  expect(await isEmpty()).toBe(true);
}

const lines = (of = file): string[] => gunzipSync(of).toString().trimEnd().split("\n");
const packed = (all: readonly string[]): Buffer => gzipSync(`${all.join("\n")}\n`);

/** The file with other lines, and a checksum that fits them. */
function forged(change: (all: string[]) => void, of = file): Buffer {
  const all = lines(of);
  const closing = JSON.parse(all.pop() ?? "") as Record<string, unknown>;
  change(all);
  const sha256 = createHash("sha256")
    .update(`${all.join("\n")}\n`)
    .digest("hex");
  return packed([...all, JSON.stringify({ ...closing, sha256 })]);
}

/** A few bits of gzip only fill up a byte. */
function meansTheSame(bytes: Buffer): boolean {
  try {
    return gunzipSync(bytes).equals(gunzipSync(file));
  } catch {
    return false;
  }
}

const changeHeader = (change: (header: Record<string, unknown>) => void): Buffer =>
  forged((all) => {
    const header = JSON.parse(all[0] ?? "") as Record<string, unknown>;
    change(header);
    all[0] = JSON.stringify(header);
  });

function changeRow(all: string[], section: string, change: (row: Record<string, unknown>) => void): void {
  const at = all.findIndex((line) => line.startsWith(`{"section":"${section}"`)) + 1;
  const row = JSON.parse(all[at] ?? "") as Record<string, unknown>;
  change(row);
  all[at] = JSON.stringify(row);
}

describe("a file that is no export", () => {
  it.each([
    ["empty", Buffer.alloc(0)],
    ["text", Buffer.from("kite-export")],
    ["another format in gzip", gzipSync('{"format":"pg_dump"}\n')],
    ["no JSON in gzip", gzipSync("hello\nworld\n")],
    ["a line without end in gzip", gzipSync("hello")],
  ])("is refused: %s", async (_what, bytes) => {
    await refuses(bytes, /This is not a Kite export|cut off/);
  });
});

describe("an export of a newer version", () => {
  it("is refused, and says what to do", async () => {
    await refuses(
      changeHeader((header) => Object.assign(header, { version: 2 })),
      /format version 2, .* Update it first/,
    );
    await refuses(
      changeHeader((header) => Object.assign(header, { schema: 99 })),
      /schema version 99, .* Update it first/,
    );
  });
});

describe("an export that was cut off", () => {
  it("is refused wherever it was cut, and leaves the hub empty", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: file.length - 1 }), async (length) => {
        await refuses(file.subarray(0, length), /cut off|damaged|not a Kite export/);
      }),
      { numRuns: 15 },
    );
  });

  it("is refused when whole lines are missing at the end", async () => {
    await refuses(packed(lines().slice(0, -1)), /cut off: its end is missing/);
    await refuses(packed(lines().slice(0, 1)), /cut off: its end is missing/);
  });
});

describe("an export that was altered", () => {
  it("is refused, whichever bit of it means something else", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 10, max: file.length - 1 }),
        fc.integer({ min: 0, max: 7 }),
        async (at, bit) => {
          const bytes = Buffer.from(file);
          bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
          fc.pre(!meansTheSame(bytes));
          await refuses(bytes, /damaged|cut off|not a Kite export|passphrase/);
        },
      ),
      { numRuns: 15 },
    );
  });

  it("is refused when a row was changed, taken out or added", async () => {
    const all = lines();
    const at = all.findIndex((line) => line.startsWith('{"section":"dedup"')) + 1;
    const changed = all.with(at, (all[at] ?? "").replace(/"seq":\d+/, '"seq":77'));
    expect(changed).not.toEqual(all);
    await refuses(packed(changed), /checksum does not fit/);
    await refuses(packed(all.toSpliced(at, 1)), /damaged/);
    await refuses(packed(all.toSpliced(at, 0, all[at] ?? "")), /damaged/);
  });

  it("is refused when something stands behind its end", async () => {
    await refuses(packed([...lines(), "{}"]), /something stands behind its end/);
    await refuses(Buffer.concat([file, gzipSync("more\n")]), /something stands behind its end|damaged/);
  });
});

describe("an export that was made up", () => {
  it("is refused when a row is not what the table takes", async () => {
    const odd = forged((all) => changeRow(all, "outbox_done", (row) => Object.assign(row, { state: "sent" })));
    await refuses(odd, /among rows 1 to 1 of outbox_done is one that the database refuses/);
    const gap = forged((all) => changeRow(all, "events", (row) => Object.assign(row, { segment: 7 })));
    await refuses(gap, /among rows 1 to 1 of events/);
    const type = forged((all) => changeRow(all, "events", (row) => Object.assign(row, { seq: "x" })));
    await refuses(type, /among rows 1 to 1 of events/);
  });

  it("is refused when the log does not fit its head", async () => {
    await refuses(
      changeHeader((header) => Object.assign(header, { head: { seq: 5, segment: 2 } })),
      /its log does not fit the head/,
    );
    await refuses(
      changeHeader((header) => Object.assign(header, { head: { seq: 500, segment: 1 } })),
      /its log does not fit the head/,
    );
  });

  it("is refused when it counts wrong, or names sections and columns that there are not", async () => {
    const counts = (JSON.parse(lines()[0] ?? "") as { counts: Record<string, number> }).counts;
    await refuses(
      changeHeader((header) => Object.assign(header, { counts: { ...counts, events: 9 } })),
      /rows of events/,
    );
    const columns = { teams: ["id", "name) SELECT 1; --"] };
    await refuses(
      changeHeader((header) => Object.assign(header, { columns })),
      /which no version had/,
    );
    await refuses(
      changeHeader((header) => Object.assign(header, { columns: { hubs: ["no"] } })),
      /header cannot be read/,
    );
    await refuses(
      forged((all) => all.push('{"section":"log_head","rows":1}', '{"seq":9}')),
      /neither the begin of a section nor the end/,
    );
    await refuses(
      forged((all) => all.push(...all.slice(1, 3))),
      /out of its order/,
    );
  });

  it("is refused when a secret was moved to another row or altered", async () => {
    const swapped = forged((all) => {
      changeRow(all, "peers", (row) => {
        const { outbound_token, inbound_token } = row;
        Object.assign(row, { outbound_token: inbound_token, inbound_token: outbound_token });
      });
    }, sealed);
    await refuses(swapped, /secret of peers .* cannot be decrypted/, open);
    const plain = forged(
      (all) => changeRow(all, "peers", (row) => Object.assign(row, { inbound_token: "known" })),
      sealed,
    );
    await refuses(plain, /secret of peers .* cannot be decrypted/, open);
  });
});

describe("passphrases", () => {
  it("must be the right one, and be given", async () => {
    await refuses(sealed, /not the one this export was made with/, { passphrase: "wrong horse battery staple" });
    await refuses(sealed, /holds secrets\. Set KITE_EXPORT_PASSPHRASE to the passphrase/);
  });

  it("must be long enough to protect anything", async () => {
    const attempt = exportHub(source.db, source.box, new PassThrough(), { ...OPTIONS, passphrase: "short" });
    await expect(attempt).rejects.toThrow(/at least 12 characters/);
  });
});

describe("a hub that is not empty, or not alone", () => {
  it("is not imported into", async () => {
    const error: unknown = await importHub(source.db, source.box, Readable.from([file])).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(TransferError);
    expect(String(error)).toMatch(/not empty: it has 101 events and 3 peers/);
  });

  it("is not imported into while a hub runs on it", async () => {
    const no = await registerHub(target.db, { id: "00000000-0000-4000-8000-000000000001", host: "here", pid: 1 });
    const client = await target.db.pool.connect();
    try {
      await holdHubLock({ query: (query) => client.query(query) }, no);
      await refuses(file, /A hub is running on this database/);
    } finally {
      client.release(true);
    }
    await target.db.query({ text: "DELETE FROM hubs" });
  });
});

describe("files", () => {
  it("are readable by their owner alone, and there only when they are complete", async () => {
    const path = join(folder, "hub.kite-export");
    const summary = await exportToFile(source.db, source.box, path, SEALED);
    expect(summary).toMatchObject({ secrets: "encrypted", counts: { events: 1, peers: 3 } });
    expect((await readdir(folder)).filter((name) => name.startsWith("hub."))).toEqual(["hub.kite-export"]);
    if (process.platform !== "win32") expect((await stat(path)).mode & 0o777).toBe(0o600);
    const fresh = await createHub("three");
    try {
      const { counts } = await importFromFile(fresh.db, fresh.box, path, open);
      expect(counts).toEqual(summary.counts);
    } finally {
      await fresh.close();
    }
  });

  it("that cannot be written or read are told with their path and the reason, and leave nothing behind", async () => {
    const nowhere = join(folder, "nowhere", "hub.kite-export");
    const aFolder = join(folder, "a-folder");
    await mkdir(aFolder);
    const before = await readdir(folder);
    for (const [path, why] of [
      [nowhere, "there is no such file or folder"],
      [aFolder, "it is a folder; name a file in it"],
    ] as const) {
      await expect(exportToFile(source.db, source.box, path, OPTIONS)).rejects.toThrow(
        new TransferError(`The export cannot be written to ${path}: ${why}.`),
      );
      await expect(importFromFile(target.db, target.box, path)).rejects.toThrow(
        new TransferError(`The export cannot be read from ${path}: ${why}.`),
      );
    }
    expect(await readdir(folder)).toEqual(before);
  });

  it("keep an earlier export when a new one fails", async () => {
    const path = join(folder, "kept.kite-export");
    await writeFile(path, "earlier");
    const broken = { ...source.box, open: () => expect.unreachable("no key") };
    await expect(exportToFile(source.db, broken, path, SEALED)).rejects.toThrow();
    expect(await readdir(folder)).toContain("kept.kite-export");
    expect(await readdir(folder)).not.toContain("kept.kite-export.partial");
  });

  it("on a full disk fail with the disk's error", async () => {
    const full = new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error("no space left on device"), { code: "ENOSPC" })),
    });
    await expect(exportHub(source.db, source.box, full, OPTIONS)).rejects.toMatchObject({ code: "ENOSPC" });
  });

  it("whose reading fails half way are not imported", async () => {
    const source = new PassThrough();
    source.write(file.subarray(0, 300));
    const importing = importHub(target.db, target.box, source);
    source.destroy(new Error("the network drive is gone"));
    await expect(importing).rejects.toThrow("the network drive is gone");
    expect(await isEmpty()).toBe(true);
  });
});
