import { explainRefusal } from "../../../shared/refusals.ts";
import type { Evidence } from "../../../shared/rules/index.ts";
import { HubError } from "../errors.ts";
import type { Hook } from "../model.ts";
import { type RegistryView, tokenMatches } from "../registry/index.ts";
import { calledUrls } from "./called-urls.ts";
import type { SignatureCheck } from "./provider.ts";
import { providerOf } from "./providers/index.ts";
import { bearerToken, flatten, type HookRequest, single } from "./request.ts";

/** What a request to an endpoint is checked against. */
export interface Door {
  readonly registry: RegistryView;
  /** The URL by which others reach this hub; null when it is the one of the request. */
  readonly publicUrl: string | null;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** A request that is not let in: the reason and its evidence are for the record, the error for the sender. */
export class NotLetIn extends HubError {
  readonly reason: string;
  readonly evidence: Evidence;

  constructor(code: "not_found" | "unauthorized", reason: string, evidence: Evidence, message?: string) {
    super(code, message ?? explainRefusal(reason, evidence));
    this.reason = reason;
    this.evidence = evidence;
  }
}

const SOURCE = /^[a-z0-9][a-z0-9-]{0,63}$/;

/** The endpoint that a request is for. @throws NotLetIn */
export function findHook({ team, source }: HookRequest, { registry }: Door): Hook {
  if (!registry.hasTeam(team)) throw new NotLetIn("not_found", "unknown_team", { team });
  const hook = SOURCE.test(source) ? registry.hook(team, source) : undefined;
  if (hook === undefined) throw new NotLetIn("not_found", "unknown_endpoint", { source });
  if (!hook.active) throw new NotLetIn("not_found", "inactive_endpoint", { source });
  return hook;
}

/**
 * Checks a request's token, and its provider's signature where the endpoint has a secret (kite-wire.md 4.1).
 * @returns whether a signature was checked; it fits then
 * @throws NotLetIn
 */
export function authenticate(request: HookRequest, hook: Hook, door: Door): boolean {
  const token = request.token ?? bearerToken(single(request.headers["authorization"]));
  const presented = request.token === null ? "bearer" : "path";
  if (token !== null && !tokenMatches(token, hook.tokenHash)) throw badToken(token, presented, hook, door.registry);

  const provider = providerOf(hook.source);
  const { webhookSecret, previousSecret, previousSecretUntil } = hook;
  if (webhookSecret === null || provider === undefined) {
    if (token === null) throw new NotLetIn("unauthorized", "bad_token", { presented: "none" }, INVALID_TOKEN);
    return false;
  }
  const now = door.now();
  const secrets = previousSecret === null ? [webhookSecret] : [webhookSecret, previousSecret];
  const signed = {
    headers: flatten(request.headers),
    body: request.body,
    urls: calledUrls(request, door.publicUrl),
    now,
  };
  const check = inTime(provider.verify(signed, secrets), hook, now);
  if (check.ok) return true;
  const inOverlap = previousSecret !== null && (previousSecretUntil?.getTime() ?? 0) > now;
  throw new NotLetIn("unauthorized", "bad_signature", {
    provider: hook.source,
    ...(check.header === "" ? {} : { header: check.header }),
    problem: check.problem,
    ...withoutToken(check.details ?? {}, request.token),
    secrets_tried: inOverlap ? ["current", "previous"] : ["current"],
    body_bytes: request.body.length,
  });
}

const INVALID_TOKEN = "invalid hook token";

/** The second secret is the one before the present one; after its time it only explains what went wrong. */
function inTime(check: SignatureCheck, { previousSecretUntil }: Hook, now: number): SignatureCheck {
  if (!check.ok || check.secret === 0) return check;
  const until = previousSecretUntil?.getTime() ?? 0;
  if (until > now) return check;
  const details = { expired_at: new Date(until).toISOString(), expired_s_ago: Math.round((now - until) / 1000) };
  return { ok: false, header: "", problem: "expired_secret", details };
}

/** Says as much of a wrong token as may be said: the 8 digits of a token that are no secret, and whose it is. */
function badToken(token: string, presented: string, hook: Hook, { snapshot }: RegistryView): NotLetIn {
  const prefix = /^khk_([0-9a-f]{8})_/.exec(token)?.[1];
  const owner = snapshot.hooks.find(
    (other) => other.team === hook.team && other.tokenPrefix === prefix && tokenMatches(token, other.tokenHash),
  );
  const evidence = {
    presented,
    expected_prefix: hook.tokenPrefix,
    ...(prefix === undefined ? {} : { presented_prefix: prefix }),
    ...(owner === undefined ? {} : { token_of: owner.source }),
  };
  return new NotLetIn("unauthorized", "bad_token", evidence, INVALID_TOKEN);
}

/** URLs are evidence where they are signed; a token in one is not. */
function withoutToken(details: Evidence, token: string | null): Evidence {
  if (token === null || token === "") return details;
  const hide = (text: string): string => text.replace(/(\/hooks\/+[^/?]+\/+[^/?]+\/+)[^/?]+/, "$1•••");
  return Object.fromEntries(
    Object.entries(details).map(([key, value]) => [key, Array.isArray(value) ? value.map(hide) : value]),
  );
}
