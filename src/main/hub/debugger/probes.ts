import { z } from "zod";
import { EvidenceShape, ProbeStep, ReasonShape } from "../../../shared/debugger/index.ts";
import {
  accept,
  decide,
  explainReason,
  type RoutableEvent,
  readProvenance,
  wireProvenance,
} from "../../../shared/rules/index.ts";
import type { Peer } from "../model.ts";
import type { RegistryView } from "../registry/index.ts";
import type { Database } from "../store/database.ts";
import { searchEvents } from "../store/ledger.ts";
import type { PeerQuestions, QuestionReply, RequestHeaders } from "./peer-question.ts";

/** Requests that one probe may cause in all, and how long its answer may take (milliseconds). */
const MOST_REQUESTS = 64;
const MOST_MS = 8_000;
/** A hub keeps so much of the time for itself, and asks nobody when less than this is left. */
const OWN_MS = 250;

const Question = z.object({
  number: z
    .string()
    .max(256)
    .regex(/^\d{1,4}(\.\d{1,4}){0,62}$/),
  budget: z.int().min(0).max(MOST_REQUESTS),
  deadline_ms: z.int().min(0).max(MOST_MS),
  event: z.object({
    id: z.string().max(1_024).nullable(),
    source: z.string().max(2_048).nullable(),
    type: z.string().min(1).max(1_024),
    data_bytes: z.int().min(0),
    kitefedorigin: z.unknown(),
    kitefedchain: z.unknown(),
    kitefedhops: z.unknown(),
  }),
});
type Question = z.infer<typeof Question>;

const Answer = z.object({
  instance_id: z.string().max(128),
  admits: z.boolean(),
  holds: z.boolean().nullable(),
  reason: ReasonShape.nullable(),
  evidence: EvidenceShape.nullable(),
  steps: z.array(ProbeStep).max(4_096),
});
type Answer = z.infer<typeof Answer>;

export interface ProbesOptions {
  readonly db: Database;
  readonly registry: RegistryView;
  readonly questions: PeerQuestions;
}

/** An event that a probe asks about. */
export interface Probed extends RoutableEvent {
  /** Its id, where it is a real event: peers say whether they have it. */
  readonly id: string | null;
  readonly source: string | null;
}

/**
 * The live probe: a dry run of an event from hub to hub. Each hub says what its own rules would do, and asks those it
 * would forward to; nothing is stored and nothing is delivered. A hub answers only where its owner has allowed it, only
 * to its peers, and with the same token and signature as a delivery takes.
 */
export class Probes {
  readonly #o: ProbesOptions;

  constructor(options: ProbesOptions) {
    this.#o = options;
  }

  /** Asks along the way of an event that this instance holds. */
  ask(team: string, event: Probed): Promise<ProbeStep[]> {
    return this.#steps(team, event, { number: "1", budget: MOST_REQUESTS, until: performance.now() + MOST_MS });
  }

  /** Answers a peer's probe. Never throws on what a peer may send. */
  async answer(team: string, headers: RequestHeaders, rawBody: Buffer): Promise<QuestionReply> {
    const read = await this.#o.questions.read(Question, team, headers, rawBody);
    return read.ok ? { status: 200, body: await this.#answer(team, read.question) } : read.reply;
  }

  async #answer(team: string, { number, budget, deadline_ms, event }: Question): Promise<Answer> {
    const { registry, db } = this.#o;
    const said = { instance_id: registry.instanceId, holds: null, steps: [] };
    const { kitefedorigin: origin, kitefedchain: chain, kitefedhops: hops } = event;
    const read = readProvenance({ origin, chain, hops });
    if (!read.ok) return { ...said, admits: false, reason: read.reason, evidence: plain(read.evidence) };
    const probed: Probed = {
      id: event.id,
      source: event.source,
      type: event.type,
      dataBytes: event.data_bytes,
      provenance: read.provenance,
    };
    const admission = accept(probed, registry);
    if (admission.outcome === "drop")
      return { ...said, admits: false, reason: admission.reason, evidence: plain(admission.evidence) };
    const holds = event.id === null || event.source === null ? null : await hasEvent(db, team, event.id, event.source);
    const until = performance.now() + deadline_ms - OWN_MS;
    return {
      ...said,
      admits: true,
      holds,
      reason: null,
      evidence: null,
      steps: await this.#steps(team, probed, { number, budget, until }),
    };
  }

  async #steps(team: string, event: Probed, turn: Turn): Promise<ProbeStep[]> {
    const { registry } = this.#o;
    const peers = registry.peersOf(team).map((peer, index) => {
      const decision = decide(event, registry, peer.policy);
      return { peer, decision, number: `${turn.number}.${index + 1}` };
    });
    const asked = peers.filter(
      ({ peer, decision }) => decision.outcome === "forward" && peer.status === "active",
    ).length;
    // What is left is shared out evenly, so that the whole probe ends however many hubs there are.
    const share = asked === 0 ? 0 : Math.floor((turn.budget - asked) / asked);
    const found = await Promise.all(
      peers.map(async ({ peer, decision, number }): Promise<ProbeStep[]> => {
        const base = {
          number,
          from: registry.instanceId,
          to: peer.instanceId ?? peer.name,
          hops: event.provenance.hops + 1,
          waits: peer.status === "paused",
          admits: null,
          holds: null,
        };
        if (decision.outcome === "drop") {
          const { reason, evidence } = decision;
          const sentence = explainReason(reason, evidence);
          return [{ ...base, forwards: false, reason, evidence: plain(evidence), sentence, beyond: "not_sent" }];
        }
        const step = { ...base, hops: decision.provenance.hops, forwards: true, reason: null, evidence: null };
        if (peer.status === "paused")
          return [{ ...step, sentence: `${peer.name} is paused: the event would wait.`, beyond: "not_sent" }];
        if (share < 0 || turn.until - performance.now() < OWN_MS)
          return [{ ...step, sentence: "The probe has asked as many hubs as it may.", beyond: "out_of_budget" }];
        return this.#askPeer(
          peer,
          { ...event, provenance: decision.provenance },
          { ...turn, number, budget: share },
          step,
        );
      }),
    );
    return found.flat();
  }

  async #askPeer(
    peer: Peer,
    event: Probed,
    turn: Turn,
    step: Omit<ProbeStep, "sentence" | "beyond">,
  ): Promise<ProbeStep[]> {
    const left = Math.floor(turn.until - performance.now());
    const asked = await this.#o.questions.ask(peer, "probe", question(event, turn, left), Answer, left);
    if (!asked.ok) {
      const { status, problem } = asked;
      return status === null
        ? [{ ...step, sentence: `${peer.name} cannot be reached: ${problem}`, beyond: "unreachable" }]
        : [
            {
              ...step,
              sentence: `Unknown beyond here: ${peer.name} does not answer probes (${status}).`,
              beyond: "not_offered",
            },
          ];
    }
    const { instance_id: to, admits, holds, reason, evidence, steps } = asked.answer;
    const sentence = admits
      ? `${peer.name} would take it${holds === true ? ", and has it already" : ""}.`
      : `${peer.name} would refuse it: ${reason === null ? "it does not say why." : explainReason(reason, evidence ?? {})}`;
    // A peer numbers and names what lies behind it; it has no say about anything else.
    const theirs = steps.filter(({ number }) => number.startsWith(`${turn.number}.`));
    return [{ ...step, to, admits, holds, reason, evidence, sentence, beyond: "answered" }, ...theirs];
  }
}

/** Where in the tree of hubs a probe is, and what it may still cost. `until` is a time of `performance.now()`. */
interface Turn {
  readonly number: string;
  readonly budget: number;
  readonly until: number;
}

function question(
  { id, source, type, dataBytes, provenance }: Probed,
  { number, budget }: Turn,
  leftMs: number,
): Question {
  const deadline = Math.max(0, Math.min(MOST_MS, leftMs - OWN_MS));
  return {
    number,
    budget,
    deadline_ms: deadline,
    event: { id, source, type, data_bytes: dataBytes, ...wireProvenance(provenance) },
  };
}

/** Events are the same when source and id are. */
async function hasEvent(db: Database, team: string, id: string, source: string): Promise<boolean> {
  const anything = { type: null, hook: null, agentTo: null, peerId: null, since: null, until: null, before: null };
  return (await searchEvents(db, { team, id, source, ...anything, limit: 1 })).events.length > 0;
}

function plain(evidence: unknown): Answer["evidence"] {
  return EvidenceShape.parse(evidence);
}
