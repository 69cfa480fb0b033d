import type { PairingOffer, PairingState } from "../../../../shared/links/index.ts";
import { HubError } from "../../errors.ts";
import type { SecretBox } from "../../registry/index.ts";
import type { Database } from "../../store/database.ts";
import { movePairing, type PairingChange, type PairingRow, readPairing } from "../../store/pairings.ts";
import { Party } from "./messages.ts";
import { PairingSecrets } from "./secrets.ts";
import type { PairingChoice, SetUp } from "./set-up.ts";

/** Once both sides have met, people need time to compare. Milliseconds. */
export const COMPARE_MS = 15 * 60_000;

/** A pairing in the hands of the hub: its secrets in the clear. Never log it whole. */
export interface OpenPairing {
  readonly row: PairingRow;
  readonly secrets: PairingSecrets & { readonly choice?: PairingChoice };
  readonly other: Party | null;
}

/** Where pairings are kept: sealed, and moved on only from the states they may leave. */
export class PairingDesk {
  readonly db: Database;
  readonly #box: SecretBox;
  readonly #onMoved: () => void;
  /** The last in line for each pairing that somebody works on now. */
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(db: Database, box: SecretBox, onMoved: () => void) {
    this.db = db;
    this.#box = box;
    this.#onMoved = onMoved;
  }

  seal(secrets: OpenPairing["secrets"]): Buffer {
    return this.#box.seal(JSON.stringify(secrets));
  }

  open(row: PairingRow): OpenPairing {
    if (row.secrets === null) throw new HubError("conflict", "This pairing has ended.");
    const stored: unknown = JSON.parse(this.#box.open(row.secrets));
    const secrets = PairingSecrets.loose().parse(stored) as OpenPairing["secrets"];
    return { row, secrets, other: row.other === null ? null : Party.parse(row.other) };
  }

  /**
   * Does the steps of one pairing one after the other: two that finish it at once would each make a key to hand over, and
   * each revoke the other's.
   */
  async inTurn<T>(id: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(id) ?? Promise.resolve()).then(work);
    const ended = turn.catch(() => undefined);
    this.#turns.set(id, ended);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(id) === ended) this.#turns.delete(id);
    }
  }

  async find(id: string): Promise<PairingRow | null> {
    return readPairing(this.db, id);
  }

  /** @throws HubError `not_found` */
  async mine(team: string, id: string): Promise<PairingRow> {
    const row = await this.find(id);
    if (row === null || row.team !== team) throw new HubError("not_found", `There is no pairing with id ${id}.`);
    return row;
  }

  /** @throws HubError `conflict` when it has left these states meanwhile */
  async move(
    id: string,
    from: readonly PairingState[],
    change: Omit<PairingChange, "secrets"> & { readonly secrets?: OpenPairing["secrets"] },
  ): Promise<PairingRow> {
    const { secrets, ...rest } = change;
    const row = await movePairing(this.db, id, from, {
      ...rest,
      ...(secrets === undefined ? {} : { secrets: this.seal(secrets) }),
    });
    if (row === null) throw new HubError("conflict", "The pairing has moved on meanwhile: look at it again.");
    this.#onMoved();
    return row;
  }
}

/** What is needed to set up this side's half. @throws HubError `conflict` before both sides have met */
export function setUpOf({ row, secrets, other }: OpenPairing): SetUp {
  const { keys, choice = {}, allowPrivate = false } = secrets;
  if (keys === undefined || other === null)
    throw new HubError("conflict", "The other side has not opened the link yet.");
  const offer: PairingOffer = row.offer;
  return { pairingId: row.id, team: row.team, role: row.role, offer, other, keys, choice, allowPrivate };
}
