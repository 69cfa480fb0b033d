import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from "node:crypto";
import { z } from "zod";
import { wordsOf } from "../../../../shared/links/index.ts";

const Base64 = z
  .string()
  .regex(/^[A-Za-z0-9_-]+$/)
  .max(512);

/** What one side of a pairing keeps to itself until it is done. Stored sealed. */
export const PairingSecrets = z.object({
  /** The link's secret, which authenticates every message of the pairing. */
  secret: Base64,
  /** Where the maker is reached, as the link says. */
  url: z.string(),
  privateKey: Base64,
  publicKey: Base64,
  nonce: Base64,
  /** The opener's hello as it came or went: a second one must be the same. */
  hello: z.string().optional(),
  allowPrivate: z.boolean().optional(),
  /** What both sides have in common once the words are known. */
  keys: z.object({ toOpener: z.string(), toMaker: z.string(), seal: Base64 }).optional(),
  /** What the opener sent with its confirmation, and what the maker answers to it. */
  confirmation: z.string().optional(),
  answer: z.string().optional(),
});
export type PairingSecrets = z.infer<typeof PairingSecrets>;
export type PairingKeys = NonNullable<PairingSecrets["keys"]>;

/** Fresh key and nonce of one side. */
export function newSide(): Pick<PairingSecrets, "privateKey" | "publicKey" | "nonce"> {
  const { privateKey, publicKey } = generateKeyPairSync("x25519");
  return {
    privateKey: privateKey.export({ type: "pkcs8", format: "der" }).toString("base64url"),
    publicKey: publicKey.export({ type: "spki", format: "der" }).toString("base64url"),
    nonce: randomBytes(16).toString("base64url"),
  };
}

export const newSecret = (): string => randomBytes(16).toString("base64url");

/** What the opener says of its nonce before it has seen the maker's: it cannot choose one for the words it wants. */
export function commitment(nonce: string): string {
  return createHash("sha256").update(`kite pairing nonce ${nonce}`).digest("base64url");
}

/** Everything both sides have said. Whatever somebody between them changed makes the two sides' words differ. */
export interface Transcript {
  readonly id: string;
  readonly offer: object;
  /** The opener's hello, as sent by the one and received by the other. */
  readonly hello: string;
  readonly maker: object;
  readonly makerKey: string;
  readonly makerNonce: string;
  readonly openerNonce: string;
}

/**
 * The words to compare, and the keys of the link. Tokens are made of a shared secret that never goes over the wire
 * (X25519), so that nobody who only listens can know them.
 */
export function agree(
  own: Pick<PairingSecrets, "privateKey" | "secret">,
  otherKey: string,
  transcript: Transcript,
): { words: string; keys: PairingKeys } {
  const privateKey = createPrivateKey({ key: Buffer.from(own.privateKey, "base64url"), type: "pkcs8", format: "der" });
  const publicKey = createPublicKey({ key: Buffer.from(otherKey, "base64url"), type: "spki", format: "der" });
  const { id, offer, hello, maker, makerKey, makerNonce, openerNonce } = transcript;
  const said = JSON.stringify([id, ordered(offer), hello, ordered(maker), makerKey, makerNonce, openerNonce]);
  const digest = createHash("sha256").update(`kite pairing ${said}`).digest();
  const shared = diffieHellman({ privateKey, publicKey });
  const derive = (name: string, bytes: number): Buffer =>
    Buffer.from(hkdfSync("sha256", shared, digest, `kite pairing ${name}`, bytes));
  const token = (name: string): string => {
    const bytes = derive(name, 20).toString("hex");
    return `kfed_${bytes.slice(0, 8)}_${bytes.slice(8)}`;
  };
  return {
    words: wordsOf(digest),
    keys: {
      toOpener: token("maker to opener"),
      toMaker: token("opener to maker"),
      seal: derive("what is sealed", 32).toString("base64url"),
    },
  };
}

/** A flat object as both sides write it, whatever the order of its members on the way. */
const ordered = (value: object): unknown => Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));

/** Closes something for the other side alone. */
export function sealFor(keys: PairingKeys, text: string): string {
  const iv = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", Buffer.from(keys.seal, "base64url"), iv);
  return Buffer.concat([iv, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]).toString("base64url");
}

/** @throws Error when it was not sealed with these keys */
export function openFrom(keys: PairingKeys, sealed: string): string {
  const bytes = Buffer.from(sealed, "base64url");
  const decipher = createDecipheriv("aes-256-gcm", Buffer.from(keys.seal, "base64url"), bytes.subarray(0, 12));
  decipher.setAuthTag(bytes.subarray(-16));
  return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString("utf8");
}

/** The proof that a message comes from somebody who has the link. `what` names the message, so that none is another. */
export function proofOf(secret: string, what: string, body: string): string {
  return createHmac("sha256", secret).update(`${what}\n${body}`).digest("hex");
}

export function isProof(secret: string, what: string, body: string, proof: string | null): boolean {
  const expected = Buffer.from(proofOf(secret, what, body));
  const presented = Buffer.from(proof ?? "");
  return presented.length === expected.length && timingSafeEqual(presented, expected);
}
