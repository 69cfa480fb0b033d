import { randomUUID } from "node:crypto";
import { z } from "zod";
import { clockOffset, type LinkTestStep, type LinkTestStepName } from "../../../../shared/links/index.ts";
import { parseJson } from "../../../../shared/parse-json.ts";
import type { Peer } from "../../model.ts";
import {
  type Answer,
  PeerClient,
  type Resolve,
  readPeerUrl,
  resolveBySystem,
  signBody,
  signProbe,
} from "../outbound/index.ts";
import { confirmedId, LinkError, type PullSettings, StreamSocket } from "../pull/index.ts";
import { authenticity, expectKite } from "./http-answer.ts";
import { checkTls, type Finding, openTcp, resolveHost, StepFailure } from "./reach.ts";

export interface LinkTestOptions {
  /** This instance. */
  readonly instanceId: string;
  readonly userAgent: string;
  /** What opens the peer's stream; null when it is not read. */
  readonly pull: PullSettings | null;
  readonly now: () => number;
  /** For each step; milliseconds. */
  readonly timeoutMs?: number;
  readonly resolve?: Resolve;
  /** A certificate authority to trust beside none other, in PEM. */
  readonly ca?: string;
}

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 65_536;
/** A difference of clocks that somebody should look at, milliseconds. */
const CLOCK_WARNING_MS = 60_000;

const Health = z.object({ federation: z.object({ instance_id: z.string(), batch: z.boolean().optional() }) });
const Probe = z.object({ status: z.literal("probe"), instance_id: z.string() });

type Step = (findings: Known) => Promise<Finding | null>;

/** What the steps so far have found. */
interface Known {
  addresses: string[];
  health: z.infer<typeof Health> | null;
  answer: Answer | null;
  instanceId: string | null;
  offsets: number[];
  signature: StepFailure | null;
}

/**
 * Tests the link to a peer step by step, as it would be used. A step that fails ends the test: what comes after it could
 * only fail for the same reason. No event is stored anywhere: the peer is sent a signed request without an event in it,
 * and a probe only when it has announced that it understands one.
 */
export async function* testLink(peer: Peer, options: LinkTestOptions): AsyncGenerator<LinkTestStep, void, void> {
  const known: Known = { addresses: [], health: null, answer: null, instanceId: null, offsets: [], signature: null };
  for (const [step, run] of stepsOf(peer, options)) {
    const began = performance.now();
    const done = (outcome: LinkTestStep["outcome"], result: string, advice: string | null): LinkTestStep => {
      return { step, outcome, durationMs: Math.round((performance.now() - began) * 10) / 10, result, advice };
    };
    try {
      const finding = await run(known);
      if (finding === null) yield done("skipped", SKIPPED[step] ?? "Not needed for this link.", null);
      else yield done(finding.advice === null ? "ok" : "warning", finding.result, finding.advice);
    } catch (error) {
      const failure = asStepFailure(error);
      yield done("failed", failure.message, failure.advice);
      return;
    }
  }
}

const SKIPPED: Partial<Record<LinkTestStepName, string>> = {
  tls: "The link uses plain HTTP, which only this machine or your own network may.",
  authentication: "Nothing is pushed to this peer: it is only read.",
  signature: "Nothing is pushed to this peer: it is only read.",
  round_trip: "The peer has not announced that it understands probes: a test event would reach its listeners.",
  stream: "The peer is not read over its stream.",
  clock: "The peer's answers have no Date.",
};

function stepsOf(peer: Peer, o: LinkTestOptions): [LinkTestStepName, Step][] {
  const timeoutMs = o.timeoutMs ?? TIMEOUT_MS;
  const read = readPeerUrl(peer.hookUrl, peer.allowPrivate);
  const resolve = o.resolve ?? resolveBySystem;
  // A peer that is only read may know no token of ours.
  const pushes = o.pull === null || !(peer.receiveOnly || peer.scopes.length === 0);
  const port = read.ok ? Number(read.url.port || (read.target.secure ? 443 : 80)) : 0;
  const must = (): Extract<typeof read, { ok: true }> => {
    if (!read.ok) throw new StepFailure(read.problem, "Correct the peer's URL.");
    return read;
  };
  const tcp = async (known: Known) => openTcp(known.addresses[0] ?? "", port, must().target.host, timeoutMs);
  const call = async (known: Known, url: string, body: Buffer | null, headers: string[]): Promise<Answer> => {
    const client = new PeerClient({
      url,
      allowPrivate: peer.allowPrivate,
      timeoutMs,
      connections: 1,
      resolve,
      ...(o.ca === undefined ? {} : { ca: o.ca }),
    });
    const sentAt = o.now();
    const fixed = ["user-agent", o.userAgent, ...headers];
    try {
      const answer = await (body === null ? client.get(fixed, MAX_BYTES) : client.post(fixed, body, MAX_BYTES));
      const { date } = answer.headers;
      const offset = clockOffset(typeof date === "string" ? date : null, sentAt, o.now());
      if (offset !== null) known.offsets.push(offset);
      return answer;
    } finally {
      await client.destroy();
    }
  };
  const signed = (body: string): string[] => [
    "authorization",
    `Bearer ${peer.outboundToken}`,
    "x-kite-signature",
    signBody(peer.outboundToken, body),
    "x-kite-instance",
    o.instanceId,
    "content-type",
    "application/cloudevents+json",
  ];
  return [
    [
      "dns",
      async (known) => {
        known.addresses = await resolveHost(must().target, resolve);
        return { result: `${must().target.host} is at ${known.addresses.slice(0, 4).join(", ")}.`, advice: null };
      },
    ],
    [
      "tcp",
      async (known) => {
        (await tcp(known)).destroy();
        return { result: `Port ${port} is open.`, advice: null };
      },
    ],
    [
      "tls",
      async (known) => {
        const { target } = must();
        if (!target.secure) return null;
        const socket = await tcp(known);
        return checkTls(socket, { host: target.host, timeoutMs, ca: o.ca, now: o.now() });
      },
    ],
    [
      "http",
      async (known) => {
        const url = new URL("/health", must().url).href;
        const answer = await call(known, url, null, ["accept", "application/json"]);
        expectKite(answer, url);
        known.health = Health.safeParse(parseJson(answer.body)).data ?? null;
        const who = known.health === null ? "It answers" : "A Kite Desktop answers";
        return { result: `${who} with HTTP ${answer.status}.`, advice: null };
      },
    ],
    [
      "authentication",
      async (known) => {
        if (!pushes) return null;
        const answer = await call(known, peer.hookUrl, Buffer.alloc(0), signed(""));
        expectKite(answer, peer.hookUrl);
        known.answer = answer;
        const verdict = authenticity(answer, decodeURIComponent(must().url.pathname.split("/")[2] ?? ""));
        if (verdict?.step === "authentication") throw verdict.failure;
        known.signature = verdict?.failure ?? null;
        return { result: "The peer knows the token.", advice: null };
      },
    ],
    [
      "signature",
      async (known) => {
        if (!pushes) return null;
        if (known.signature !== null) throw known.signature;
        return { result: "The signature over the body was accepted.", advice: null };
      },
    ],
    [
      "instance",
      async (known) => {
        const header = known.answer?.headers["x-kite-instance"];
        known.instanceId = typeof header === "string" ? header : (known.health?.federation.instance_id ?? null);
        return checkInstance(known.instanceId, peer, o.instanceId);
      },
    ],
    [
      "clock",
      async ({ offsets }) => {
        const best = offsets.toSorted((a, b) => Math.abs(a) - Math.abs(b))[0];
        if (best === undefined) return null;
        const seconds = Math.round(Math.abs(best) / 1000);
        if (seconds < 2) return { result: "Both clocks agree to within two seconds.", advice: null };
        const way = best > 0 ? "ahead of" : "behind";
        return {
          result: `The peer's clock is ${seconds} s ${way} this one.`,
          advice:
            Math.abs(best) > CLOCK_WARNING_MS
              ? "Set the clocks of both machines by NTP: times of events and signatures with a timestamp depend on them."
              : null,
        };
      },
    ],
    [
      "batch",
      async (known) => {
        const batches = accepts(known.answer, "batch") || known.health?.federation.batch === true;
        return {
          result: batches ? "The peer takes batches." : "The peer takes one event at a time.",
          advice: null,
        };
      },
    ],
    [
      "round_trip",
      async (known) => {
        if (!accepts(known.answer, "probe")) return null;
        const body = probeEvent(o.instanceId, o.now());
        const nonce = randomUUID();
        const headers = signed(body);
        const signature = signBody(peer.outboundToken, body);
        headers.push("x-kite-probe", nonce, "x-kite-probe-signature", signProbe(peer.outboundToken, nonce, signature));
        const answer = await call(known, peer.hookUrl, Buffer.from(body), headers);
        expectKite(answer, peer.hookUrl);
        const probe = Probe.safeParse(parseJson(answer.body));
        if (!probe.success)
          throw new StepFailure(
            `The peer did not take a probe event as one (HTTP ${answer.status}).`,
            "Look at the refusals on the peer, which say why.",
          );
        return {
          result: `A probe event went to ${probe.data.instance_id} and back in ${Math.round(answer.durationMs)} ms.`,
          advice: null,
        };
      },
    ],
    ["stream", async () => (o.pull === null ? null : openStream(o.pull, peer, o))],
  ];
}

function checkInstance(instanceId: string | null, peer: Peer, self: string): Finding {
  if (instanceId === null)
    return {
      result: "The peer does not say which instance it is, as a real Kite does not.",
      advice:
        confirmedId(peer) === null
          ? "Confirm its instance id: until then loops are recognised by its name, and what is pulled from it stays here."
          : null,
    };
  if (instanceId === self)
    throw new StepFailure(
      `The peer calls itself ${instanceId}, which is this instance's own id.`,
      "Two instances must not have one id: set KITE_INSTANCE_ID on one of them. Or the URL leads back to this hub.",
    );
  const known = confirmedId(peer);
  if (known !== null && known !== instanceId)
    throw new StepFailure(
      `The peer calls itself ${instanceId}, and it is known here as ${known}.`,
      "Accept the new instance if you replaced the peer; otherwise somebody else answers in its place.",
    );
  return { result: `It is the instance ${instanceId}.`, advice: null };
}

async function openStream(pull: PullSettings, peer: Peer, o: LinkTestOptions): Promise<Finding> {
  try {
    const socket = await StreamSocket.open({
      url: pull.streamUrl,
      allowPrivate: peer.allowPrivate,
      token: pull.apiKey,
      team: pull.remoteTeam,
      // Without the link's own client id, so that its cursor stays where it is.
      clientId: null,
      userAgent: o.userAgent,
      ...(o.resolve === undefined ? {} : { resolve: o.resolve }),
    });
    socket.close();
    return { result: `The peer's stream opens; its newest seq is ${socket.lastSeq}.`, advice: null };
  } catch (error) {
    if (!(error instanceof LinkError)) throw error;
    throw new StepFailure(
      error.message,
      error.code === "unauthorized" || error.code === "expired"
        ? "Give the link another API key of the peer's team, with the permission read."
        : "Check the stream's URL and the peer.",
    );
  }
}

function accepts(answer: Answer | null, what: string): boolean {
  const header = answer?.headers["x-kite-accepts"];
  return String(header ?? "")
    .split(",")
    .some((item) => item.trim().toLowerCase() === what);
}

function probeEvent(instanceId: string, now: number): string {
  return JSON.stringify({
    specversion: "1.0",
    id: randomUUID(),
    source: `urn:kite:${encodeURIComponent(instanceId)}`,
    type: "com.kite.probe",
    time: new Date(now).toISOString(),
    kitefedorigin: instanceId,
    kitefedchain: JSON.stringify([instanceId]),
    kitefedhops: 1,
    data: {},
  });
}

function asStepFailure(error: unknown): StepFailure {
  if (error instanceof StepFailure) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new StepFailure(`The step failed: ${message}.`, "This is a fault of the hub's own; its log has the details.");
}
