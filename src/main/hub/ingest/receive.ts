import { arraySlices } from "../../../shared/event/index.ts";
import { type Evidence, explainReason } from "../../../shared/rules/index.ts";
import { HubError } from "../errors.ts";
import type { Acceptor, AcceptResult, Candidate, Hook } from "../model.ts";
import { type RegistryView, tokenMatches } from "../registry/index.ts";
import { type Body, MAX_BODY_BYTES, readBody } from "./body.ts";
import { type Admitted, type Arrival, structuredCandidate, wrappedCandidate } from "./candidate.ts";
import { originalHeaders } from "./original-headers.ts";
import type { SignatureCheck } from "./provider.ts";
import { providerOf } from "./providers/index.ts";

/** A request to an endpoint, free of any HTTP library. Header names are lower case. */
export interface HookRequest {
  readonly team: string;
  readonly source: string;
  /** The token of the path; null when the URL has none. */
  readonly token: string | null;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
}

/** A request that was turned away, for the record that people look at first when nothing arrives. */
export interface Refusal {
  readonly team: string;
  readonly route: string;
  readonly reason: string;
  readonly event: { readonly id: string; readonly source: string; readonly type: string } | null;
  readonly evidence: Evidence;
}

export interface ReceiveDeps {
  readonly registry: RegistryView;
  readonly acceptor: Acceptor;
  /** Told of every refusal; must not throw. */
  readonly onRefusal: (refusal: Refusal) => void;
  readonly now: () => number;
}

/** What became of one event of a request. */
export type Outcome =
  | { readonly status: "accepted"; readonly seq: number; readonly id: string; readonly receivedAt: number }
  | { readonly status: "duplicate_ignored"; readonly seq: number; readonly id: string; readonly conflict: boolean }
  | { readonly status: "own_id_in_chain"; readonly id: string }
  | { readonly status: "invalid"; readonly id: string | null; readonly error: string };

/** The answer to a request: one event, or a batch of them. */
export type Received =
  | { readonly kind: "single"; readonly outcome: Outcome }
  | { readonly kind: "batch"; readonly outcomes: readonly Outcome[] };

const SOURCE = /^[a-z0-9][a-z0-9-]{0,63}$/;

function single(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === "string" || value === undefined ? value : value[0];
}

/** The token of an `Authorization: Bearer` header. */
export function bearerToken(header: string | undefined): string | null {
  const match = header === undefined ? null : /^bearer +(.+)$/i.exec(header.trim());
  return match?.[1]?.trim() ?? null;
}

/**
 * Takes one request to an endpoint (kite-wire.md 4): finds the endpoint, checks token and signature, turns the body
 * into events and has them accepted. Resolves after the commit.
 * @throws HubError not_found, unauthorized, bad_request, too_large, unavailable
 */
export async function receive(request: HookRequest, deps: ReceiveDeps): Promise<Received> {
  const hook = findHook(request, deps);
  const signature = authenticate(request, hook, deps);
  return take(request, signature?.ok === true, deps);
}

/**
 * Takes a request that somebody made by hand, who need not show a token: in all else as if it had come to the endpoint.
 * @throws HubError not_found, bad_request, too_large, unavailable
 */
export async function compose(request: Omit<HookRequest, "token">, deps: ReceiveDeps): Promise<Received> {
  const made = { ...request, token: null };
  findHook(made, deps);
  return take(made, false, deps);
}

async function take(request: HookRequest, verified: boolean, deps: ReceiveDeps): Promise<Received> {
  const body = readBody(request.body, single(request.headers["content-type"]));
  const arrival: Arrival = {
    team: request.team,
    hook: request.source,
    verified,
    headers: originalHeaders(request.headers),
  };
  if (body.kind === "batch") return { kind: "batch", outcomes: await receiveBatch(body, arrival, deps) };

  const admitted =
    body.kind === "structured" ? structuredCandidate(body.text, body.value, arrival, deps.registry.instanceId) : null;
  if (admitted !== null) return { kind: "single", outcome: await settle(admitted, deps, arrival) };
  const candidate = wrap(body, arrival, request);
  return { kind: "single", outcome: outcomeOf(await deps.acceptor.accept(candidate)) };
}

function findHook(request: HookRequest, { registry }: ReceiveDeps): Hook {
  if (!registry.hasTeam(request.team))
    throw new HubError("not_found", "There is no such team here. Check the team id in the URL.");
  const hook = SOURCE.test(request.source) ? registry.hook(request.team, request.source) : undefined;
  if (hook === undefined)
    throw new HubError(
      "not_found",
      "This team has no endpoint for that source. Create it with `kite endpoints create`.",
    );
  if (!hook.active) throw new HubError("not_found", "This endpoint is deactivated. Create it again to get a new URL.");
  return hook;
}

function flatten(headers: HookRequest["headers"]): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, single(value)]));
}

/** @returns what the provider's signature said; null when there was nothing to check */
function authenticate(request: HookRequest, hook: Hook, deps: ReceiveDeps): SignatureCheck | null {
  const refuse = (reason: string, evidence: Evidence, message: string): never => {
    const route = `/hooks/${request.team}/${request.source}`;
    deps.onRefusal({ team: request.team, route, reason, event: null, evidence });
    throw new HubError("unauthorized", message);
  };
  const token = request.token ?? bearerToken(single(request.headers["authorization"]));
  if (token !== null && !tokenMatches(token, hook.tokenHash))
    return refuse("bad_token", { presented: request.token === null ? "bearer" : "path" }, "invalid hook token");

  const provider = providerOf(hook.source);
  if (hook.webhookSecret === null || provider === undefined) {
    if (token === null) return refuse("bad_token", { presented: "none" }, "invalid hook token");
    return null;
  }
  const secrets = [hook.webhookSecret];
  if (hook.previousSecret !== null && (hook.previousSecretUntil?.getTime() ?? 0) > deps.now())
    secrets.push(hook.previousSecret);
  const check = provider.verify({ headers: flatten(request.headers), body: request.body }, secrets);
  if (!check.ok)
    return refuse(
      "bad_signature",
      { provider: provider.name, header: check.header, problem: check.problem, secrets_tried: secrets.length },
      `invalid ${provider.name} signature: ${check.header} ${SIGNATURE_PROBLEMS[check.problem]}`,
    );
  return check;
}

const SIGNATURE_PROBLEMS = {
  missing: "is missing",
  malformed: "is malformed",
  mismatch: "does not match the body; compare the webhook secret on both sides",
} as const;

function wrap(body: Exclude<Body, { kind: "batch" }>, arrival: Arrival, request: HookRequest): Candidate {
  const data = body.kind === "data" ? body : { json: body.text, value: body.value, contentType: "application/json" };
  const provider = body.kind === "data" ? providerOf(request.source) : undefined;
  if (provider !== undefined) {
    const delivery = { headers: flatten(request.headers), body: request.body, payload: data.value };
    return wrappedCandidate(data, provider.describe(delivery), arrival, provider.deliveryId(delivery));
  }
  const described = { type: `com.${request.source}.event`, source: `https://${request.source}`, summary: null };
  return wrappedCandidate(data, described, arrival, null);
}

async function receiveBatch(
  body: Extract<Body, { kind: "batch" }>,
  arrival: Arrival,
  deps: ReceiveDeps,
): Promise<Outcome[]> {
  return Promise.all(
    arraySlices(body.text).map(async (text, index): Promise<Outcome> => {
      if (Buffer.byteLength(text) > MAX_BODY_BYTES)
        return { status: "invalid", id: null, error: `The event is larger than ${MAX_BODY_BYTES} bytes.` };
      let admitted: Admitted | null;
      try {
        admitted = structuredCandidate(text, body.value[index], arrival, deps.registry.instanceId);
      } catch (error) {
        if (error instanceof HubError) return { status: "invalid", id: null, error: error.message };
        throw error;
      }
      // In a batch there is no body of its own to wrap: an element that is no CloudEvent is an error of the sender's.
      if (admitted === null) return { status: "invalid", id: null, error: "This is not a CloudEvent 1.0." };
      return settle(admitted, deps, arrival);
    }),
  );
}

async function settle(admitted: Admitted, deps: ReceiveDeps, arrival: Arrival): Promise<Outcome> {
  if (admitted.ok) return outcomeOf(await deps.acceptor.accept(admitted.candidate));
  const { reason, evidence, envelope } = admitted;
  deps.onRefusal({
    team: arrival.team,
    route: `/hooks/${arrival.team}/${arrival.hook}`,
    reason,
    event: { id: envelope.id, source: envelope.source, type: envelope.type },
    evidence,
  });
  if (reason === "own_id_in_chain") return { status: "own_id_in_chain", id: envelope.id };
  return { status: "invalid", id: envelope.id, error: explainReason(reason, evidence) };
}

function outcomeOf(result: AcceptResult): Outcome {
  if (result.status === "accepted") return result;
  return { status: "duplicate_ignored", seq: result.seq, id: result.id, conflict: result.conflict };
}
