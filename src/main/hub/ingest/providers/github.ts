import { z } from "zod";
import { countOf } from "../../../../shared/count-of.ts";
import type { Delivery, Provider, SignatureCheck } from "../provider.ts";
import { findSecret, hmacSha256, plainCheck } from "./hmac.ts";
import { usableId } from "./wording.ts";

const SIGNATURE_HEADER = "x-hub-signature-256";
const SIGNATURE = /^sha256=([0-9a-f]{64})$/;
const EVENT = /^[a-z0-9_]{1,64}$/;

/** As much of GitHub's payloads as a summary needs; everything may be missing. */
const Payload = z.object({
  action: z.string().optional().catch(undefined),
  ref: z.string().optional().catch(undefined),
  ref_type: z.string().optional().catch(undefined),
  deleted: z.boolean().optional().catch(undefined),
  zen: z.string().optional().catch(undefined),
  commits: z.array(z.unknown()).optional().catch(undefined),
  sender: z.object({ login: z.string() }).optional().catch(undefined),
  pusher: z.object({ name: z.string() }).optional().catch(undefined),
  repository: z.object({ full_name: z.string(), html_url: z.string().optional() }).optional().catch(undefined),
  organization: z.object({ login: z.string() }).optional().catch(undefined),
  pull_request: z
    .object({ number: z.number(), title: z.string(), merged: z.boolean().optional().catch(undefined) })
    .optional()
    .catch(undefined),
  issue: z.object({ number: z.number(), title: z.string() }).optional().catch(undefined),
  release: z.object({ tag_name: z.string() }).optional().catch(undefined),
  workflow_run: z.object({ name: z.string().nullish(), conclusion: z.string().nullish() }).optional().catch(undefined),
  check_run: z.object({ name: z.string().nullish(), conclusion: z.string().nullish() }).optional().catch(undefined),
});
type Payload = z.infer<typeof Payload>;

/** GitHub: HMAC-SHA256 over the raw body; the event is named in a header, the delivery by a UUID (kite-wire.md 4.7). */
export const github: Provider = {
  verify({ headers, body }, secrets): SignatureCheck {
    const header = headers[SIGNATURE_HEADER];
    if (header === undefined) return { ok: false, header: SIGNATURE_HEADER, problem: "missing" };
    const hex = SIGNATURE.exec(header.trim().toLowerCase())?.[1];
    if (hex === undefined) return { ok: false, header: SIGNATURE_HEADER, problem: "malformed" };
    const secret = findSecret([Buffer.from(hex, "hex")], secrets, (key) => [hmacSha256(key, body)]);
    return plainCheck(SIGNATURE_HEADER, secret);
  },

  deliveryId: ({ headers }) => usableId(headers["x-github-delivery"]),

  describe(delivery) {
    const event = eventName(delivery);
    const parsed = Payload.safeParse(delivery.payload);
    const payload: Payload = parsed.success ? parsed.data : {};
    return { type: `com.github.${event}`, source: sourceOf(payload), summary: summarize(event, payload) };
  },
};

function eventName({ headers }: Delivery): string {
  const name = headers["x-github-event"]?.trim().toLowerCase() ?? "";
  return EVENT.test(name) ? name : "event";
}

function sourceOf(payload: Payload): string {
  const name = payload.repository?.full_name ?? payload.organization?.login;
  return name !== undefined && /^[\w.-]+(\/[\w.-]+)?$/.test(name) ? `https://github.com/${name}` : "https://github.com";
}

const branch = (ref: string | undefined): string => (ref ?? "").replace(/^refs\/(heads|tags)\//, "");

function summarize(event: string, p: Payload): string {
  const actor = p.sender?.login ?? p.pusher?.name ?? "someone";
  const where = p.repository === undefined ? "" : ` in ${p.repository.full_name}`;
  const action = p.action?.replaceAll("_", " ") ?? "changed";
  switch (event) {
    case "push":
      if (p.deleted === true) return `${actor} deleted ${branch(p.ref)}${where}`;
      return `${actor} pushed ${countOf(p.commits?.length ?? 0, "commit")} to ${branch(p.ref)}${where}`;
    case "pull_request":
      if (p.pull_request === undefined) break;
      return `${actor} ${p.action === "closed" && p.pull_request.merged === true ? "merged" : action} pull request #${p.pull_request.number}: ${p.pull_request.title}${where}`;
    case "pull_request_review":
    case "pull_request_review_comment":
      if (p.pull_request === undefined) break;
      return `${actor} ${action} a review on #${p.pull_request.number}: ${p.pull_request.title}${where}`;
    case "issues":
      if (p.issue === undefined) break;
      return `${actor} ${action} issue #${p.issue.number}: ${p.issue.title}${where}`;
    case "issue_comment":
      if (p.issue === undefined) break;
      return `${actor} ${action} a comment on #${p.issue.number}: ${p.issue.title}${where}`;
    case "create":
    case "delete":
      return `${actor} ${event}d ${p.ref_type ?? "ref"} ${branch(p.ref)}${where}`;
    case "release":
      if (p.release === undefined) break;
      return `${actor} ${action} release ${p.release.tag_name}${where}`;
    case "workflow_run":
    case "check_run": {
      const run = event === "check_run" ? p.check_run : p.workflow_run;
      return `${run?.name ?? event} ${run?.conclusion ?? action}${where}`;
    }
    case "ping":
      return `GitHub says hello${where}${p.zen === undefined ? "" : `: ${p.zen}`}`;
  }
  return `${actor} ${action} ${event.replaceAll("_", " ")}${where}`;
}
