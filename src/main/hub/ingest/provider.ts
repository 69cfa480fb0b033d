import type { Evidence } from "../../../shared/rules/index.ts";

/** A webhook as a provider sent it. Header names are lower case. */
export interface Delivery {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
  /** The parsed JSON (of the `payload` field, for form posts that carry one), or the fields of a form. */
  readonly payload: unknown;
}

/** What a signature is checked against. */
export interface SignedRequest extends Pick<Delivery, "headers" | "body"> {
  /** Every URL the sender may have called, for providers that sign it: the public one, and the one of this request. */
  readonly urls: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * Why a signature is not accepted: `stale` fits, but was made too long ago (or in the future); `expired_secret` fits the
 * secret before the present one, whose time is over.
 */
export type SignatureProblem = "missing" | "malformed" | "mismatch" | "stale" | "expired_secret";

/**
 * What a signature check found. `secret` is the index of the secret that fits; `header` names where the signature was
 * looked for; `details` are values for a person to compare, and never help a forger.
 */
export type SignatureCheck =
  | { readonly ok: true; readonly secret: number }
  | {
      readonly ok: false;
      readonly header: string;
      readonly problem: SignatureProblem;
      readonly details?: Evidence;
    };

/** How one provider signs and describes its webhooks. */
export interface Provider {
  /** Checks the signature over the raw bytes against each of the secrets, in constant time. */
  verify(request: SignedRequest, secrets: readonly string[]): SignatureCheck;
  /** The provider's id of this delivery, the same for each of its retries; null when it sent none. */
  deliveryId(delivery: Delivery): string | null;
  /** CloudEvents type and source, and the line a person reads in a list. */
  describe(delivery: Delivery): Description;
  /** The answer to a provider that first asks whether anybody is there; null for every other delivery. */
  challenge?(delivery: Delivery): { readonly challenge: string } | null;
}

export interface Description {
  readonly type: string;
  readonly source: string;
  readonly summary: string | null;
}
