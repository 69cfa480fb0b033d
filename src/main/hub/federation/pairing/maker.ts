import type { z } from "zod";
import { parseJson } from "../../../../shared/parse-json.ts";
import { HubError } from "../../errors.ts";
import { Handover, Hello, type HelloAnswer, type Party, Reveal, Settle, type SettleAnswer } from "./messages.ts";
import { COMPARE_MS, type OpenPairing, type PairingDesk, setUpOf } from "./pairing-desk.ts";
import { agree, commitment, isProof, openFrom, sealFor } from "./secrets.ts";
import { keyToHandOver, type SetUpDeps, setUpPeer, setUpPull } from "./set-up.ts";

export interface MakerOptions {
  readonly desk: PairingDesk;
  readonly deps: SetUpDeps;
  /** What this instance says of itself, reached at this URL. */
  readonly self: (team: string, url: string) => Party;
  readonly now: () => number;
  /** A peer was set up. */
  readonly onDone: (pairing: string, peer: number) => void;
}

/**
 * The maker's side of a pairing: it is asked, and answers. Every message may come twice, because its answer was lost:
 * the same message gets the same answer, and another one in its place is refused.
 */
export class Maker {
  readonly #o: MakerOptions;

  constructor(options: MakerOptions) {
    this.#o = options;
  }

  /**
   * Answers a message of the opener.
   * @param body exactly as it came
   * @throws HubError `not_found`, `unauthorized`, `conflict`, `bad_request`
   */
  async answer(id: string, what: "hello" | "reveal" | "settle", body: string, proof: string | null) {
    // Strangers wait in no line: the proof is checked before and within the turn.
    await this.#proved(id, what, body, proof);
    return this.#o.desk.inTurn(id, async () => {
      const pairing = await this.#proved(id, what, body, proof);
      return { secret: pairing.secrets.secret, answer: await this.#answer(pairing, what, body) };
    });
  }

  async #proved(id: string, what: string, body: string, proof: string | null): Promise<OpenPairing> {
    const row = await this.#o.desk.find(id);
    if (row === null || row.role !== "maker" || row.secrets === null) throw gone();
    const pairing = this.#o.desk.open(row);
    if (isProof(pairing.secrets.secret, `${what} ${id}`, body, proof)) return pairing;
    throw new HubError("unauthorized", "The message was not made with this pairing's link: open the whole link again.");
  }

  async #answer(pairing: OpenPairing, what: "hello" | "reveal" | "settle", body: string) {
    const { row } = pairing;
    const late = row.expires_at.getTime() <= this.#o.now() && row.state !== "done";
    if (what === "settle") return this.#settle(pairing, late, body);
    if (late || row.state === "expired") throw gone();
    if (row.state === "refused")
      throw new HubError("conflict", "The pairing was refused by the one who made the link.");
    return what === "hello" ? this.#hello(pairing, body) : this.#reveal(pairing, body);
  }

  async #hello({ row, secrets }: OpenPairing, body: string): Promise<z.infer<typeof HelloAnswer>> {
    const hello = read(Hello, body);
    const answer = { maker: this.#o.self(row.team, secrets.url), public_key: secrets.publicKey, nonce: secrets.nonce };
    if (secrets.hello !== undefined) {
      if (secrets.hello === body) return answer;
      throw new HubError("conflict", "This link was opened already: a link works once. Ask for a new one.");
    }
    if (trimmed(hello.via) !== trimmed(secrets.url))
      throw new HubError(
        "conflict",
        "The link was opened by another address than the one it was made with: somebody may have changed it on its way. Ask for a new one by another way.",
      );
    const self = this.#o.self(row.team, secrets.url);
    if (hello.opener.instance_id === self.instance_id)
      throw new HubError(
        "conflict",
        `Both sides call themselves ${self.instance_id}: a hub cannot be paired with itself, and two hubs must not have one id.`,
      );
    await this.#o.desk.move(row.id, ["offered"], { other: hello.opener, secrets: { ...secrets, hello: body } });
    return answer;
  }

  async #reveal({ row, secrets, other }: OpenPairing, body: string): Promise<{ ok: true }> {
    const { nonce } = read(Reveal, body);
    if (secrets.hello === undefined || other === null)
      throw new HubError("conflict", "The pairing has to begin with hello.");
    const hello = read(Hello, secrets.hello);
    if (commitment(nonce) !== hello.commitment)
      throw new HubError(
        "bad_request",
        "The nonce is not the one that was promised: somebody may stand between the two sides.",
      );
    if (row.state !== "offered") return { ok: true };
    const { words, keys } = agree(secrets, hello.public_key, {
      id: row.id,
      offer: row.offer,
      hello: secrets.hello,
      maker: this.#o.self(row.team, secrets.url),
      makerKey: secrets.publicKey,
      makerNonce: secrets.nonce,
      openerNonce: nonce,
    });
    const expires_at = new Date(Math.max(row.expires_at.getTime(), this.#o.now() + COMPARE_MS));
    await this.#o.desk.move(row.id, ["offered"], {
      state: "comparing",
      words,
      expires_at,
      secrets: { ...secrets, keys },
    });
    return { ok: true };
  }

  async #settle(pairing: OpenPairing, late: boolean, body: string): Promise<z.infer<typeof SettleAnswer>> {
    const { decision, sealed } = read(Settle, body);
    const { row, secrets } = pairing;
    if (row.state === "done")
      return { state: "done", ...(secrets.answer === undefined ? {} : { sealed: secrets.answer }) };
    if (row.state === "refused") return { state: "refused" };
    if (late || row.state === "expired") return { state: "expired" };
    if (decision === "refuse") {
      await this.#o.desk.move(row.id, ["offered", "comparing", "confirmed_here", "confirmed_there"], {
        state: "refused",
      });
      return { state: "refused" };
    }
    if (decision === "look" || row.state === "offered" || row.state === "confirmed_there") return { state: "waiting" };
    const confirmation = sealed ?? null;
    const kept = confirmation === null ? secrets : { ...secrets, confirmation };
    if (row.state === "comparing") {
      await this.#o.desk.move(row.id, ["comparing"], { state: "confirmed_there", secrets: kept });
      return { state: "waiting" };
    }
    const answer = await this.finish({ ...pairing, secrets: kept });
    return { state: "done", sealed: answer };
  }

  /** Both sides have confirmed: sets up this half. @returns what the opener is handed, sealed */
  async finish(pairing: OpenPairing): Promise<string> {
    const { desk, deps, onDone } = this.#o;
    const setUp = setUpOf(pairing);
    const handed = Handover.parse(
      pairing.secrets.confirmation === undefined
        ? { api_key: null }
        : JSON.parse(openFrom(setUp.keys, pairing.secrets.confirmation)),
    );
    const peer = await setUpPeer(deps, setUp);
    await setUpPull(deps, setUp, peer, handed);
    const answer = sealFor(setUp.keys, JSON.stringify(await keyToHandOver(deps, setUp, peer)));
    await desk.move(pairing.row.id, ["confirmed_here", "confirmed_there"], {
      state: "done",
      peer: peer.no,
      secrets: { ...pairing.secrets, answer },
    });
    onDone(pairing.row.id, peer.no);
    return answer;
  }
}

function read<T>(schema: z.ZodType<T>, body: string): T {
  const parsed = schema.safeParse(parseJson(body));
  if (!parsed.success) throw new HubError("bad_request", "The message is not one of a pairing.");
  return parsed.data;
}

const trimmed = (url: string): string => url.replace(/\/+$/, "").toLowerCase();

const gone = (): HubError =>
  new HubError("not_found", "There is no such pairing any more: its link has expired or was used. Ask for a new one.");
