import fc from "fast-check";
import { expect, test } from "vitest";
import { fakeHub, fakePeer, push, wireEvent } from "./fake-hub.ts";

const CLEAR = new Set([200, 202, 400, 401, 413, 415]);

const names = fc.oneof(
  fc.constantFrom(
    "__proto__",
    "constructor",
    "toString",
    "hasOwnProperty",
    "specversion",
    "id",
    "source",
    "type",
    "time",
    "subject",
    "data",
    "data_base64",
    "kiteseq",
    "kitesummary",
    "kiteoriginalheaders",
    "kitefedorigin",
    "kitefedchain",
    "kitefedhops",
  ),
  fc.string({ unit: "binary", maxLength: 12 }),
);

const chains = fc.oneof(
  fc.json(),
  fc.array(fc.string({ unit: "binary", maxLength: 200 }), { maxLength: 80 }).map((ids) => JSON.stringify(ids)),
  fc.constantFrom("me", '["me"]', '["instance-a","me"]', "[".repeat(1_000), '["__proto__"]'),
);

const values = fc.oneof(
  fc.jsonValue(),
  fc.string({ unit: "binary", maxLength: 50 }),
  chains,
  fc.double(),
  fc.constantFrom(-1, 1.5, 1e300, "7", "-7", "1e3", 2 ** 53, null),
);

/** A valid event with some members replaced, added or taken away. */
const mutated = fc.array(fc.tuple(names, values, fc.boolean()), { maxLength: 6 }).map((changes) => {
  const members = new Map<string, string>(Object.entries(wireEvent()).map(([k, v]) => [k, JSON.stringify(v)]));
  for (const [name, value, remove] of changes) {
    if (remove) members.delete(name);
    else members.set(name, JSON.stringify(value) ?? "null");
  }
  return `{${[...members].map(([name, raw]) => `${JSON.stringify(name)}:${raw}`).join(",")}}`;
});

/** The bytes of a valid event, with some of them changed. */
const damaged = fc
  .tuple(mutated, fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 4 }))
  .map(([text, changes]) => {
    const bytes = Buffer.from(text);
    for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
    return bytes;
  });

const bodies = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc.json().map((text) => Buffer.from(text)),
  mutated.map((text) => Buffer.from(text)),
  damaged,
  fc.array(fc.oneof(mutated, fc.json()), { maxLength: 5 }).map((texts) => Buffer.from(`[${texts.join(" , ")}]`)),
);

const contentTypes = fc.constantFrom(
  "application/cloudevents+json",
  "application/cloudevents-batch+json",
  "application/json",
  "text/plain",
  "application/cloudevents+json; charset",
  ";;=",
);

test("whatever a peer signs, the answer is clear, and what is taken in is within bounds", async () => {
  await fc.assert(
    fc.asyncProperty(bodies, contentTypes, fc.boolean(), async (body, contentType, known) => {
      const hub = fakeHub([fakePeer(known ? {} : { instanceId: null })]);
      const answer = await push(hub, body, { "content-type": contentType });
      expect(CLEAR).toContain(answer.status);
      expect(answer.status).not.toBe(401);
      if (answer.status >= 400) {
        expect(answer.body.error).toEqual(expect.any(String));
        expect(hub.refusals).toHaveLength(1);
      }
      for (const event of hub.acceptor.accepted) {
        const chain: unknown = JSON.parse(event.copy.chain);
        expect(chain).not.toContain("me");
        expect(event.copy.hops).toBeGreaterThanOrEqual(Array.isArray(chain) ? chain.length : 65);
        expect(event.copy.hops).toBeLessThanOrEqual(32_767);
        expect(Number.isInteger(event.copy.hops)).toBe(true);
        expect(event.type.startsWith("kite.federation.")).toBe(false);
        // No text column of PostgreSQL takes a NUL.
        for (const text of [
          event.id,
          event.source,
          event.type,
          event.attrs,
          event.data ?? "",
          event.copy.chain,
          event.agentTo ?? "",
        ])
          expect(text).not.toContain("\u0000");
      }
      if (answer.status === 200 && "results" in answer.body && Array.isArray(answer.body.results)) {
        const accepted = answer.body.results.filter((result) => result.status === "accepted");
        expect(accepted).toHaveLength(hub.acceptor.accepted.length);
      }
    }),
    { numRuns: 3_000 },
  );
});

test("without the right credentials nothing is taken in, whatever the headers say", async () => {
  const text = fc.string({ unit: "binary", maxLength: 100 });
  const headers = fc.record(
    {
      authorization: fc.oneof(
        text,
        text.map((token) => `Bearer ${token}`),
      ),
      "x-kite-signature": fc.oneof(
        text,
        fc
          .string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: 64, maxLength: 64 })
          .map((hex) => `sha256=${hex}`),
      ),
      "content-type": text,
      "x-kite-replay": text,
      "x-kite-replay-signature": text,
    },
    { requiredKeys: ["authorization", "x-kite-signature"] },
  );
  await fc.assert(
    fc.asyncProperty(bodies, headers, fc.boolean(), async (body, given, requireBearer) => {
      const hub = fakeHub([fakePeer()], { credentials: { requireBearer } });
      expect((await push(hub, body, given)).status).toBe(401);
      expect(hub.acceptor.calls).toBe(0);
      expect(hub.refusals).toHaveLength(1);
    }),
    { numRuns: 500 },
  );
});
