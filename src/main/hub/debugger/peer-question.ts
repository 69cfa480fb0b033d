import type { z } from "zod";
import { parseJson } from "../../../shared/parse-json.ts";
import { identifyCaller } from "../federation/inbound/index.ts";
import { PeerClient, signBody } from "../federation/outbound/index.ts";
import type { Peer } from "../model.ts";
import type { RegistryView } from "../registry/index.ts";
import type { Database } from "../store/database.ts";
import { readSetting, writeSetting } from "../store/settings.ts";

/** The name is older than the question about links; who has answered for probes tells by that no more than before. */
const SETTING = "answers_probes";
const MAX_ANSWER = 1024 * 1024;

/** What hubs ask each other about, by the last part of the path. */
export type Subject = "probe" | "links";

export interface QuestionReply {
  readonly status: number;
  readonly body: object;
}

export type RequestHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** Whether this hub's owner lets its peers ask about its links. Off until somebody has said so. */
export class PeerQuestions {
  readonly #db: Database;
  readonly #registry: RegistryView;
  readonly #userAgent: string;

  constructor({ db, registry, userAgent }: { db: Database; registry: RegistryView; userAgent: string }) {
    this.#db = db;
    this.#registry = registry;
    this.#userAgent = userAgent;
  }

  async allowed(): Promise<boolean> {
    return (await readSetting(this.#db, SETTING)) === true;
  }

  async allow(allowed: boolean): Promise<void> {
    await writeSetting(this.#db, SETTING, allowed);
  }

  /**
   * A peer's question, as far as it may be answered: the caller is one of the team's peers and has signed the body, the
   * owner allows it, and it can be read. Otherwise the reply that says which of these is not so. Never throws on what a
   * peer may send.
   */
  async read<T>(
    shape: z.ZodType<T>,
    team: string,
    headers: RequestHeaders,
    rawBody: Buffer,
  ): Promise<{ readonly ok: true; readonly question: T } | { readonly ok: false; readonly reply: QuestionReply }> {
    const policy = { requireBearer: true, requireSignature: true };
    const caller = identifyCaller(this.#registry, team, headers, rawBody, policy);
    if (!caller.ok) return refuse(caller.status, caller.error);
    if (!(await this.allowed()))
      return refuse(404, "This instance does not answer questions about its links: its owner has not allowed it.");
    const question = shape.safeParse(parseJson(rawBody.toString("utf8")));
    return question.success
      ? { ok: true, question: question.data }
      : refuse(400, "This is no question that can be read here.");
  }

  /**
   * Asks a peer, with the token and the signature that a delivery takes. Never rejects.
   * @param timeoutMs for connecting, and again for the whole answer
   * @returns the answer; or the sentence of why there is none, and the status when the peer has answered with another
   */
  async ask<T>(
    peer: Peer,
    subject: Subject,
    question: object,
    shape: z.ZodType<T>,
    timeoutMs: number,
  ): Promise<
    | { readonly ok: true; readonly answer: T }
    | { readonly ok: false; readonly status: number | null; readonly problem: string }
  > {
    const body = Buffer.from(JSON.stringify(question));
    const url = `${peer.hookUrl.replace(/\/+$/, "")}/${subject}`;
    const client = new PeerClient({ url, allowPrivate: peer.allowPrivate, timeoutMs, connections: 1 });
    try {
      const token = peer.outboundToken;
      const headers = [
        ...["content-type", "application/json", "user-agent", this.#userAgent],
        ...["authorization", `Bearer ${token}`, "x-kite-signature", signBody(token, body)],
      ];
      const { failure, status, truncated, body: text } = await client.post(headers, body, MAX_ANSWER);
      if (failure !== null) return { ok: false, status: null, problem: failure.sentence };
      const read = status === 200 && !truncated ? shape.safeParse(parseJson(text)) : null;
      return read?.success ? { ok: true, answer: read.data } : { ok: false, status, problem: `It answered ${status}.` };
    } finally {
      await client.destroy();
    }
  }
}

function refuse(status: number, error: string): { readonly ok: false; readonly reply: QuestionReply } {
  return { ok: false, reply: { status, body: { error } } };
}
