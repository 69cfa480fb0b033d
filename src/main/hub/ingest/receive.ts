import { arraySlices, assertDepth } from "../../../shared/event/index.ts";
import { explainRefusal } from "../../../shared/refusals.ts";
import type { Evidence } from "../../../shared/rules/index.ts";
import { HubError } from "../errors.ts";
import { deliveryIdentity } from "../log/index.ts";
import type { Acceptor, AcceptResult, Candidate } from "../model.ts";
import { authenticate, type Door, findHook, NotLetIn } from "./authenticate.ts";
import { binaryEvent } from "./binary.ts";
import { type Body, checkSize, MAX_BODY_BYTES, parseBody, readBody, withDepthError } from "./body.ts";
import { type Admitted, type Arrival, structuredCandidate, wrappedCandidate } from "./candidate.ts";
import { originalHeaders } from "./original-headers.ts";
import type { Delivery, Provider } from "./provider.ts";
import { providerOf } from "./providers/index.ts";
import { flatten, type HookRequest, single } from "./request.ts";

/** A request that was turned away, for the record that people look at first when nothing arrives. */
export interface Refusal {
  readonly request: HookRequest;
  readonly reason: string;
  readonly event: { readonly id: string; readonly source: string; readonly type: string } | null;
  readonly evidence: Evidence;
  /** It was refused before its body was read; the one in `request` is empty then. */
  readonly unread?: true;
}

export interface ReceiveDeps extends Door {
  readonly acceptor: Acceptor;
  /** When the event with this seq was received, in milliseconds since the epoch; null when the log no longer has it. */
  readonly receivedAt: (seq: number) => Promise<number | null>;
  /** Told of every refusal; must not throw. */
  readonly onRefusal: (refusal: Refusal) => void;
}

/** What became of one event of a request. */
export type Outcome =
  | { readonly status: "accepted"; readonly seq: number; readonly id: string; readonly receivedAt: number }
  | { readonly status: "duplicate_ignored"; readonly seq: number; readonly id: string; readonly conflict: boolean }
  | { readonly status: "own_id_in_chain"; readonly id: string }
  | { readonly status: "invalid"; readonly id: string | null; readonly error: string };

/** The answer to a request: one event, a batch of them, or what a provider asked for to see that we are there. */
export type Received =
  | { readonly kind: "single"; readonly outcome: Outcome }
  | { readonly kind: "batch"; readonly outcomes: readonly Outcome[] }
  | { readonly kind: "challenge"; readonly answer: { readonly challenge: string } };

/** How long a provider's delivery id is remembered (kite-wire.md 4.6), in milliseconds. */
const DELIVERY_WINDOW_MS = 24 * 3_600_000;

/**
 * Takes one request to an endpoint (kite-wire.md 4): finds the endpoint, checks token and signature, turns the body
 * into events and has them accepted. Resolves after the commit.
 * @throws HubError not_found, unauthorized, bad_request, too_large, unavailable
 */
export async function receive(request: HookRequest, deps: ReceiveDeps): Promise<Received> {
  try {
    const hook = findHook(request, deps);
    return await take(request, authenticate(request, hook, deps), deps);
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal !== null) deps.onRefusal({ request, event: null, ...refusal });
    throw error;
  }
}

/**
 * Takes a request that somebody made by hand, who need not show a token: in all else as if it had come to the endpoint.
 * @throws HubError not_found, bad_request, too_large, unavailable
 */
export async function compose(request: Omit<HookRequest, "token" | "target">, deps: ReceiveDeps): Promise<Received> {
  const target = `/hooks/${encodeURIComponent(request.team)}/${request.source}`;
  const made = { ...request, token: null, target };
  findHook(made, deps);
  return take(made, false, deps);
}

function refusalOf(error: unknown): { readonly reason: string; readonly evidence: Evidence } | null {
  if (error instanceof NotLetIn) return { reason: error.reason, evidence: error.evidence };
  if (!(error instanceof HubError)) return null;
  if (error.code === "too_large" || error.code === "bad_request" || error.code === "unstorable")
    return { reason: error.code === "too_large" ? "too_large" : "invalid", evidence: { problem: error.message } };
  return null;
}

async function take(request: HookRequest, verified: boolean, deps: ReceiveDeps): Promise<Received> {
  const arrival: Arrival = {
    team: request.team,
    hook: request.source,
    verified,
    headers: originalHeaders(request.headers),
  };
  const body = readRequest(request);
  if (body.kind === "batch") return { kind: "batch", outcomes: await receiveBatch(body, request, arrival, deps) };
  const admitted =
    body.kind === "structured" ? structuredCandidate(body.text, body.value, arrival, deps.registry.instanceId) : null;
  if (admitted !== null) return { kind: "single", outcome: await settle(admitted, request, deps) };
  return wrapped(body.kind === "data" ? body : wholeBody(request), request, arrival, deps);
}

/** In binary mode the body is data of an event that stands in the headers; otherwise its content type says what it is. */
function readRequest(request: HookRequest): Body {
  const event = binaryEvent(request);
  if (event === null) return readBody(request.body, single(request.headers["content-type"]));
  checkSize(request.body.length, false);
  return { kind: "structured", text: event, value: parseBody(event) };
}

/** What claimed to be a CloudEvent and is none is taken as a webhook, without a word to the sender (kite-wire.md 4.3). */
function wholeBody(request: HookRequest): Extract<Body, { kind: "data" }> {
  const contentType = single(request.headers["content-type"]);
  const body = readBody(request.body, contentType);
  if (body.kind === "data") return body;
  withDepthError(() => assertDepth(body.text));
  return { kind: "data", json: body.text, value: body.value, contentType: "application/json" };
}

/** A webhook, as its provider describes it or as what it is: a body that came to a source. */
async function wrapped(
  data: Extract<Body, { kind: "data" }>,
  request: HookRequest,
  arrival: Arrival,
  deps: ReceiveDeps,
): Promise<Received> {
  const provider = providerOf(request.source);
  if (provider === undefined) {
    const described = { type: `com.${request.source}.event`, source: `https://${request.source}`, summary: null };
    const result = await deps.acceptor.accept(wrappedCandidate(data, described, arrival, null));
    return { kind: "single", outcome: outcomeOf(result) };
  }
  const delivery: Delivery = { headers: flatten(request.headers), body: request.body, payload: data.value };
  const answer = provider.challenge?.(delivery) ?? null;
  if (answer !== null) return { kind: "challenge", answer };
  const candidate = wrappedCandidate(data, provider.describe(delivery), arrival, null);
  return { kind: "single", outcome: outcomeOf(await acceptDelivery(candidate, provider, delivery, deps)) };
}

/**
 * Accepts a delivery once in 24 hours. The log remembers ids for longer, so a delivery that is repeated later is taken
 * under an identity of its own, made of the id and the event that it repeats: of several that come at once, one is new.
 */
async function acceptDelivery(
  candidate: Candidate,
  provider: Provider,
  delivery: Delivery,
  { acceptor, receivedAt, now }: ReceiveDeps,
): Promise<AcceptResult> {
  const id = provider.deliveryId(delivery);
  const { team, hook } = candidate;
  if (id === null || hook === null) return acceptor.accept(candidate);
  for (let key = id; ; ) {
    const result = await acceptor.accept({ ...candidate, identity: deliveryIdentity(team, hook, key) });
    if (result.status === "accepted") return result;
    const first = await receivedAt(result.seq);
    if (first !== null && now() - first < DELIVERY_WINDOW_MS) return result;
    key = `${id}\u0000${result.seq}`;
  }
}

async function receiveBatch(
  body: Extract<Body, { kind: "batch" }>,
  request: HookRequest,
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
      return settle(admitted, request, deps);
    }),
  );
}

async function settle(admitted: Admitted, request: HookRequest, deps: ReceiveDeps): Promise<Outcome> {
  if (admitted.ok) return outcomeOf(await deps.acceptor.accept(admitted.candidate));
  const { reason, evidence, envelope } = admitted;
  const { id, source, type } = envelope;
  deps.onRefusal({ request, reason, event: { id, source, type }, evidence });
  if (reason === "own_id_in_chain") return { status: "own_id_in_chain", id };
  return { status: "invalid", id, error: explainRefusal(reason, evidence) };
}

function outcomeOf(result: AcceptResult): Outcome {
  if (result.status === "accepted") return result;
  return { status: "duplicate_ignored", seq: result.seq, id: result.id, conflict: result.conflict };
}
