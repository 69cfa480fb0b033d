import { z } from "zod";

/** How events travel one way: pushed by their sender, read by their receiver over the sender's stream, or not at all. */
export const Way = z.enum(["push", "pull", "none"]);
export type Way = z.infer<typeof Way>;

/** What the maker of a pairing link offers. */
export const PairingOffer = z.strictObject({
  maker_to_opener: Way,
  opener_to_maker: Way,
  /** Globs on the event type that travel, in both directions. */
  scopes: z.array(z.string().min(1).max(256)).max(100),
  max_hops: z.int().min(1).max(64),
});
export type PairingOffer = z.infer<typeof PairingOffer>;

/** What a pairing link carries. Whoever has it can answer in the opener's place, which the words give away. */
const PairingLink = z.strictObject({
  v: z.literal(1),
  id: z.uuid(),
  /** Where the maker is reached: its base URL. */
  url: z.url({ protocol: /^https?$/ }),
  secret: z.string().regex(/^[A-Za-z0-9_-]{22,64}$/),
  /** Milliseconds since the epoch. */
  expires: z.int().min(0),
  instance: z.string().min(1).max(128),
  offer: PairingOffer,
});
export type PairingLink = z.infer<typeof PairingLink>;

const PREFIX = "kite://pair/";
const MAX_LENGTH = 16_384;

export function writePairingLink(link: PairingLink): string {
  const bytes = new TextEncoder().encode(JSON.stringify(link));
  const text = btoa([...bytes].map((byte) => String.fromCharCode(byte)).join(""));
  return PREFIX + text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** Reads a pairing link, with or without its `kite://pair/`, wherever it was broken into lines on its way. */
export function readPairingLink(
  text: string,
): { readonly ok: true; readonly link: PairingLink } | { readonly ok: false; readonly problem: string } {
  const whole = text.replace(/\s+/g, "");
  const code = whole.toLowerCase().startsWith(PREFIX) ? whole.slice(PREFIX.length) : whole;
  const no = {
    ok: false,
    problem: "This is not a pairing link: copy the whole of it, from kite://pair/ to its end.",
  } as const;
  if (code.length > MAX_LENGTH || !/^[A-Za-z0-9_-]+=*$/.test(code)) return no;
  try {
    const binary = atob(code.replaceAll("-", "+").replaceAll("_", "/"));
    const json = new TextDecoder().decode(Uint8Array.from(binary, (char) => char.charCodeAt(0)));
    const read = PairingLink.safeParse(JSON.parse(json));
    return read.success ? { ok: true, link: read.data } : no;
  } catch {
    return no;
  }
}

/** Where a pairing stands. `waiting` for the other side is what `offered`, `confirmed_here` are on the side that shows it. */
export const PAIRING_STATES = [
  "offered",
  "comparing",
  "confirmed_here",
  "confirmed_there",
  "done",
  "refused",
  "expired",
] as const;
export type PairingState = (typeof PAIRING_STATES)[number];

/** What a person has to know and do, as one plain sentence. */
export function explainPairing(state: PairingState, role: "maker" | "opener", words: string | null): string {
  switch (state) {
    case "offered":
      return role === "maker"
        ? "Waiting for the other side to open the link."
        : "Waiting for the other side: it has not answered yet. Open the link again to go on.";
    case "comparing":
      return `Compare the words with those on the other side: ${words ?? "…"}. Confirm only if they are the same.`;
    case "confirmed_here":
      return "Confirmed here; waiting for the other side to confirm.";
    case "confirmed_there":
      return `The other side has confirmed. Compare the words, ${words ?? "…"}, and confirm here.`;
    case "done":
      return "Paired.";
    case "refused":
      return "The pairing was refused. Nothing was set up.";
    case "expired":
      return "The pairing has expired. Make a new link.";
  }
}
