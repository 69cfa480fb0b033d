import { z } from "zod";
import type { HubTestimony } from "../../shared/debugger/index.ts";
import { INTEGRITY_ISSUES, OUTBOX_STATES } from "../../shared/rules/index.ts";

/** A hub that may be asked about an event. */
export interface Witness {
  readonly url: string;
  readonly adminKey: string;
  /** Its clock is this machine's. */
  readonly sameClock: boolean;
}

const ASK_MS = 5_000;

const time = z.iso.datetime().transform((text) => Date.parse(text));
const Way = z.object({ origin: z.string().nullable(), chain: z.array(z.string()), hops: z.int() });
const Health = z.object({ instance_id: z.string() });
const Found = z.object({
  items: z.array(z.object({ seq: z.int(), source: z.string(), replay_of: z.int().nullable() })),
});
const Event = z.object({
  received_at: time,
  copy: Way,
  integrity: z.array(z.string()),
  arrivals: z.array(z.object({ at: time, kind: z.string(), chain: z.array(z.string()) })),
  event: z.unknown(),
});
const Decisions = z.object({
  items: z.array(
    z.object({
      peer_name: z.string(),
      at: time,
      outcome: z.enum(["forward", "drop"]),
      sentence: z.string(),
      entry_id: z.string().nullable(),
    }),
  ),
});
const Entry = z.object({ state: z.enum(OUTBOX_STATES) });
const Attempts = z.object({
  items: z.array(
    z.object({
      at: time,
      duration_ms: z.number(),
      outcome: z.string(),
      status: z.int().nullable(),
      error: z.string().nullable(),
    }),
  ),
});

/**
 * What a hub has to say about an event, by its public API; null when it does not have it, or does not answer.
 * Never rejects: a hub that is down must not hide what the others know.
 */
export async function testify(
  witness: Witness,
  event: { readonly id: string; readonly source: string },
): Promise<{ readonly testimony: HubTestimony; readonly copy: unknown } | null> {
  try {
    const { id, source } = event;
    const found = await ask(witness, `events?${new URLSearchParams({ id, source, limit: "10" })}`, Found);
    const seq = found.items.find(({ replay_of }) => replay_of === null)?.seq;
    if (seq === undefined) return null;
    const [{ instance_id }, held, decisions] = await Promise.all([
      request(`${witness.url}/health`, {}, Health),
      ask(witness, `events/${seq}`, Event),
      ask(witness, `decisions?seq=${seq}&limit=200`, Decisions),
    ]);
    const peers = await Promise.all(decisions.items.map((decision) => peerOf(witness, decision)));
    const testimony = {
      instanceId: instance_id,
      clockOffsetMs: witness.sameClock ? 0 : null,
      receivedAt: held.received_at,
      provenance: held.copy,
      integrity: INTEGRITY_ISSUES.filter((issue) => held.integrity.includes(issue)),
      arrivals: held.arrivals,
      peers,
    };
    return { testimony, copy: held.event };
  } catch {
    return null;
  }
}

async function peerOf(
  witness: Witness,
  decision: z.infer<typeof Decisions>["items"][number],
): Promise<HubTestimony["peers"][number]> {
  const { peer_name: to, at: decidedAt, outcome, sentence, entry_id: entry } = decision;
  if (outcome === "drop" || entry === null) {
    const stopped = outcome === "drop" ? sentence : null;
    return { to, decidedAt, stopped, state: null, attempts: [] };
  }
  const [{ state }, { items }] = await Promise.all([
    ask(witness, `outbox/${entry}`, Entry),
    ask(witness, `outbox/${entry}/attempts`, Attempts),
  ]);
  const attempts = items
    .map(({ at, duration_ms: durationMs, outcome: ended, status, error }) => ({
      at,
      durationMs,
      ok: ended === "delivered",
      says: `${status ?? "No answer"}: ${error ?? ended}`,
    }))
    .sort((a, b) => a.at - b.at);
  return { to, decidedAt, stopped: null, state, attempts };
}

function ask<T>({ url, adminKey }: Witness, path: string, shape: z.ZodType<T>): Promise<T> {
  return request(`${url}/api/federation/${path}`, { authorization: `Bearer ${adminKey}` }, shape);
}

async function request<T>(url: string, headers: Readonly<Record<string, string>>, shape: z.ZodType<T>): Promise<T> {
  const answer = await fetch(url, { headers, signal: AbortSignal.timeout(ASK_MS), redirect: "error" });
  if (!answer.ok) throw new Error(`${url} was answered ${answer.status}`);
  return shape.parse(await answer.json());
}
