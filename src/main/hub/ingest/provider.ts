/** A webhook as a provider sent it. Header names are lower case. */
export interface Delivery {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
  /** The parsed JSON (of the `payload` field, for form posts that carry one). */
  readonly payload: unknown;
}

/** What a signature check found. `header` names where the signature was looked for. */
export type SignatureCheck =
  | { readonly ok: true; readonly secret: "current" | "previous" }
  | { readonly ok: false; readonly header: string; readonly problem: "missing" | "malformed" | "mismatch" };

/** How one provider signs and describes its webhooks. */
export interface Provider {
  readonly name: string;
  /** Checks the signature over the raw bytes against each of the secrets, in constant time. */
  verify(delivery: Pick<Delivery, "headers" | "body">, secrets: readonly string[]): SignatureCheck;
  /** The provider's id of this delivery, the same for each of its retries; null when it sent none. */
  deliveryId(delivery: Delivery): string | null;
  /** CloudEvents type and source, and the line a person reads in a list. */
  describe(delivery: Delivery): { readonly type: string; readonly source: string; readonly summary: string | null };
}
