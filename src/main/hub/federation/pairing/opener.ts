import { z } from "zod";
import { HubError } from "../../errors.ts";
import { movePairing } from "../../store/pairings.ts";
import type { Resolve } from "../outbound/index.ts";
import { callMaker } from "./maker-call.ts";
import { Handover, HelloAnswer, type Party, SettleAnswer } from "./messages.ts";
import { COMPARE_MS, type OpenPairing, type PairingDesk, setUpOf } from "./pairing-desk.ts";
import { agree, commitment, openFrom, sealFor } from "./secrets.ts";
import { keyToHandOver, type SetUpDeps, setUpPeer, setUpPull, takeBackKeys } from "./set-up.ts";

export interface OpenerOptions {
  readonly desk: PairingDesk;
  readonly deps: SetUpDeps;
  /** What this instance says of itself: reached at this URL, not at all (null), or at its own (undefined). */
  readonly self: (team: string, url: string | null | undefined) => Party;
  readonly userAgent: string;
  readonly resolve?: Resolve;
  readonly now: () => number;
  /** The pairing has moved on. */
  readonly onMoved: () => void;
  /** A peer was set up. */
  readonly onDone: (pairing: string, peer: number) => void;
}

/**
 * The opener's side of a pairing: it asks, the maker answers. Every question may be asked again, because its answer was
 * lost: what is said again is the same as before.
 */
export class Opener {
  readonly #o: OpenerOptions;

  constructor(options: OpenerOptions) {
    this.#o = options;
  }

  /**
   * Introduces this side to the maker; both have the words to compare then.
   * @throws HubError with a sentence for the person who opened the link
   */
  async meet(pairing: OpenPairing, url: string | null | undefined): Promise<void> {
    const { desk, deps, now } = this.#o;
    const { row, secrets } = pairing;
    const to = this.#address(pairing);
    const opener = this.#o.self(row.team, url);
    const hello =
      secrets.hello ??
      JSON.stringify({
        v: 1,
        opener,
        public_key: secrets.publicKey,
        commitment: commitment(secrets.nonce),
        via: secrets.url,
      });
    // Kept before it is sent: a second try has to say the same.
    await desk.move(row.id, ["offered"], { secrets: { ...secrets, hello } });
    const { maker, public_key, nonce } = await callMaker(to, "hello", hello, HelloAnswer);
    if (maker.instance_id === deps.registry.instanceId)
      throw new HubError("conflict", `Both sides call themselves ${maker.instance_id}: two hubs must not have one id.`);
    const { words, keys } = agree(secrets, public_key, {
      id: row.id,
      offer: row.offer,
      hello,
      maker,
      makerKey: public_key,
      makerNonce: nonce,
      openerNonce: secrets.nonce,
    });
    await callMaker(to, "reveal", JSON.stringify({ nonce: secrets.nonce }), z.object({ ok: z.literal(true) }));
    await desk.move(row.id, ["offered"], {
      state: "comparing",
      other: maker,
      words,
      expires_at: new Date(Math.max(row.expires_at.getTime(), now() + COMPARE_MS)),
      secrets: { ...secrets, hello, keys },
    });
  }

  /** The person on this side has confirmed: tells the maker, with what is handed over. @throws HubError */
  async confirm(pairing: OpenPairing): Promise<void> {
    const { desk, deps } = this.#o;
    const { secrets, row } = pairing;
    const setUp = setUpOf(pairing);
    const confirmation =
      secrets.confirmation ?? sealFor(setUp.keys, JSON.stringify(await keyToHandOver(deps, setUp, null)));
    const moved = await desk.move(row.id, ["comparing", "confirmed_here"], {
      state: "confirmed_here",
      secrets: { ...secrets, confirmation },
    });
    await this.#ask(desk.open(moved), "confirm");
  }

  /** Tells the maker that the person on this side does not want it. @throws the database's error */
  async refuse(pairing: OpenPairing): Promise<void> {
    const { deps } = this.#o;
    await takeBackKeys(deps, pairing.row.team, pairing.row.id);
    // The other side notices in any case, when the pairing expires.
    await this.#ask(pairing, "refuse").catch(() => undefined);
  }

  /** Asks the maker how a pairing stands that waits for it. @throws HubError when the maker is away */
  async askAgain(id: string): Promise<void> {
    const { desk } = this.#o;
    const row = await desk.find(id);
    if (row?.state === "confirmed_here") await this.#ask(desk.open(row), "confirm");
    else if (row?.state === "comparing") await this.#ask(desk.open(row), "look");
  }

  /** Tells the maker what was decided here, and takes over what it says. */
  async #ask(pairing: OpenPairing, decision: "confirm" | "refuse" | "look"): Promise<void> {
    const { desk, deps, onMoved, onDone } = this.#o;
    const { row, secrets } = pairing;
    const { confirmation: sealed } = secrets;
    const body = JSON.stringify({ decision, ...(decision === "confirm" && sealed !== undefined ? { sealed } : {}) });
    let answer: z.infer<typeof SettleAnswer>;
    try {
      answer = await callMaker(this.#address(pairing), "settle", body, SettleAnswer);
    } catch (error) {
      if (!(error instanceof HubError) || error.code !== "not_found") throw error;
      answer = { state: "expired" };
    }
    if (answer.state === "waiting" || decision === "refuse") return;
    if (answer.state !== "done") {
      await movePairing(desk.db, row.id, ["comparing", "confirmed_here"], { state: answer.state });
      await takeBackKeys(deps, row.team, row.id);
      onMoved();
      return;
    }
    if (row.state !== "confirmed_here" || answer.sealed === undefined) return;
    const setUp = setUpOf(pairing);
    const handed = Handover.parse(JSON.parse(openFrom(setUp.keys, answer.sealed)));
    const peer = await setUpPeer(deps, setUp);
    await setUpPull(deps, setUp, peer, handed);
    // Somebody else may have come first: another hub process of this instance, or a second question.
    if ((await movePairing(desk.db, row.id, ["confirmed_here"], { state: "done", peer: peer.no })) === null) return;
    onMoved();
    onDone(row.id, peer.no);
  }

  #address({ row, secrets }: OpenPairing): Parameters<typeof callMaker>[0] {
    const { userAgent, resolve } = this.#o;
    const { secret, url, allowPrivate = false } = secrets;
    return { id: row.id, url, secret, allowPrivate, userAgent, ...(resolve === undefined ? {} : { resolve }) };
  }
}
