import { createHash, createHmac } from "node:crypto";
import { z } from "zod";
import type { Provider, SignatureCheck, SignedRequest } from "../provider.ts";
import { findSecret, plainCheck } from "./hmac.ts";
import { excerpt, usableId } from "./wording.ts";

const HEADER = "x-twilio-signature";
const SIGNATURE = /^[A-Za-z0-9+/]{27}=$/;
const DEFAULT_PORTS: Readonly<Record<string, string>> = { "http:": "80", "https:": "443" };

const text = z.string().optional().catch(undefined);

/** The fields of Twilio's forms that a summary needs; everything may be missing. */
const Fields = z.object({
  AccountSid: text,
  MessageSid: text,
  SmsSid: text,
  CallSid: text,
  MessageStatus: text,
  SmsStatus: text,
  CallStatus: text,
  From: text,
  To: text,
  Body: text,
});
type Fields = z.infer<typeof Fields>;

/**
 * Twilio: HMAC-SHA1 over the URL that it was told to call and the fields of the form in order; over the URL alone for
 * other bodies, whose SHA-256 stands in the URL then (kite-wire.md 4.7). Behind a proxy that URL is the public one.
 */
export const twilio: Provider = {
  verify(request, secrets): SignatureCheck {
    const { headers, body, urls } = request;
    const header = headers[HEADER]?.trim();
    if (header === undefined) return { ok: false, header: HEADER, problem: "missing" };
    if (!SIGNATURE.test(header)) return { ok: false, header: HEADER, problem: "malformed" };
    const bodyHash = bodyHashOf(urls);
    if (bodyHash !== null && bodyHash !== createHash("sha256").update(body).digest("hex"))
      return { ok: false, header: HEADER, problem: "mismatch", details: { part: "bodySHA256" } };
    const fields = bodyHash === null && isForm(request) ? sortedFields(body) : "";
    const called = urls.flatMap(withAndWithoutPort);
    const secret = findSecret([Buffer.from(header, "base64")], secrets, (key) =>
      called.map((url) => createHmac("sha1", key).update(url).update(fields).digest()),
    );
    const check = plainCheck(HEADER, secret);
    return check.ok ? check : { ...check, details: { urls } };
  },

  // A message is reported once in each status; of calls only Twilio's own token says that a request is a retry.
  deliveryId({ headers, payload }) {
    const token = usableId(headers["i-twilio-idempotency-token"]);
    const { MessageSid, SmsSid, MessageStatus, SmsStatus } = read(payload);
    const message = MessageSid ?? SmsSid;
    if (token !== null || message === undefined) return token;
    return usableId(`${message}:${MessageStatus ?? SmsStatus ?? ""}`);
  },

  describe({ payload }) {
    const fields = read(payload);
    const account = fields.AccountSid;
    return {
      type: `com.twilio.${kindOf(fields)}`,
      source:
        account !== undefined && /^\w+$/.test(account) ? `https://api.twilio.com/${account}` : "https://api.twilio.com",
      summary: summarize(fields),
    };
  },
};

const read = (payload: unknown): Fields => Fields.safeParse(payload).data ?? {};

function kindOf({ MessageSid, SmsSid, CallSid }: Fields): string {
  if (MessageSid !== undefined || SmsSid !== undefined) return "message";
  return CallSid === undefined ? "event" : "call";
}

function summarize(fields: Fields): string {
  const { From = "unknown", To = "unknown", Body, CallStatus, MessageStatus, SmsStatus } = fields;
  const way = `from ${From} to ${To}`;
  switch (kindOf(fields)) {
    case "message": {
      const status = MessageStatus ?? SmsStatus ?? "received";
      return Body === undefined ? `Message ${way} ${status}` : `Message ${way} ${status}: ${excerpt(Body)}`;
    }
    case "call":
      return `Call ${way} ${CallStatus ?? "changed"}`;
    default:
      return "Twilio event";
  }
}

function isForm({ headers }: SignedRequest): boolean {
  return headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase() === "application/x-www-form-urlencoded";
}

/** Names and values one after the other, by name; of a field that comes twice, each different value once, in order. */
function sortedFields(body: Buffer): string {
  const fields = new Map<string, Set<string>>();
  for (const [name, value] of new URLSearchParams(body.toString("utf8"))) {
    const values = fields.get(name);
    if (values === undefined) fields.set(name, new Set([value]));
    else values.add(value);
  }
  return [...fields.keys()]
    .sort()
    .map((name) =>
      [...(fields.get(name) ?? [])]
        .sort()
        .map((value) => name + value)
        .join(""),
    )
    .join("");
}

function bodyHashOf(urls: readonly string[]): string | null {
  const [url] = urls;
  if (url === undefined || !URL.canParse(url)) return null;
  return new URL(url).searchParams.get("bodySHA256")?.toLowerCase() ?? null;
}

/** Twilio signs some URLs with their port and some without, whatever it was told. */
function withAndWithoutPort(url: string): string[] {
  const parts = /^(https?:)\/\/([^/?#]*)(.*)$/.exec(url);
  if (parts === null) return [url];
  const [, scheme = "", authority = "", rest = ""] = parts;
  const bare = authority.replace(/:\d+$/, "");
  const port = DEFAULT_PORTS[scheme] ?? "";
  const full = bare === authority ? `${authority}:${port}` : authority;
  return [...new Set([url, `${scheme}//${bare}${rest}`, `${scheme}//${full}${rest}`])];
}
