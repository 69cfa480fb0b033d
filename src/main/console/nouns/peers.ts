import { randomBytes } from "node:crypto";
import type { z } from "zod";
import type { NewPeerInput, PeerUpdateInput, PeerView } from "../../../shared/contract/index.ts";
import { HubError, type Peer, settingsVersion } from "../../hub/index.ts";
import { os } from "../caller.ts";
import type { Services } from "../services.ts";

export function peerCalls({ inside }: Services) {
  const { registry, ledger, peers } = inside;

  function find(team: string, id: string): Peer {
    const peer = registry.peerById(id);
    if (peer === undefined || peer.team !== team) throw new HubError("not_found", `There is no peer with id ${id}.`);
    return peer;
  }

  const show = (peer: Peer): PeerView => ({
    ...peerView(peer, inside.retryPolicy(peer)),
    previousTokenUntil:
      registry.inboundTokens(peer).length > 1 ? (peer.previousInbound?.until.getTime() ?? null) : null,
  });

  return {
    list: os.peers.list.handler(({ context }) => registry.peersOf(context.team).map(show)),
    get: os.peers.get.handler(({ input, context }) => show(find(context.team, input.id))),
    create: os.peers.create.handler(async ({ input, context }) =>
      show(await inContractWords(() => peers.create(context.team, toWire(input)))),
    ),
    update: os.peers.update.handler(async ({ input: { id, ifVersion, ...change }, context }) =>
      show(await inContractWords(() => peers.update(context.team, id, toWire(change), ifVersion))),
    ),
    owed: os.peers.owed.handler(async ({ input, context }) => {
      const [depth] = await ledger.depths([find(context.team, input.id).no], 1_000_000_000);
      return { count: depth?.owed ?? 0 };
    }),
    remove: os.peers.remove.handler(async ({ input, context }) => ({
      count: await peers.remove(context.team, input.id),
    })),
    newToken: os.peers.newToken.handler(() => ({ token: randomBytes(32).toString("hex") })),
  };
}

function peerView(
  peer: Peer,
  policy: { ages: readonly number[]; jitter: number; minAttempts: number; maxRetryAfterMs: number },
): Omit<PeerView, "previousTokenUntil"> {
  const { ages, jitter, minAttempts, maxRetryAfterMs } = policy;
  return {
    no: peer.no,
    id: peer.id,
    name: peer.name,
    status: peer.status,
    statusReason: peer.statusReason,
    hookUrl: peer.hookUrl,
    scopes: [...peer.scopes],
    maxHops: peer.maxHops,
    maxBytes: peer.maxBytes,
    instanceId: peer.instanceId,
    instanceIdFrom: peer.instanceIdFrom,
    batches: peer.batches,
    ordered: peer.ordered,
    allowPrivate: peer.allowPrivate,
    retry: { ages: [...ages], jitter, minAttempts, maxRetryAfter: maxRetryAfterMs },
    environment: peer.environment,
    label: peer.label,
    colour: peer.colour,
    receiveOnly: peer.receiveOnly,
    newestFirst: peer.newestFirst,
    masks: [...peer.masks],
    strangerId: peer.strangerId,
    revision: peer.revision,
    version: settingsVersion(peer),
    createdAt: peer.createdAt.getTime(),
    updatedAt: peer.updatedAt.getTime(),
  };
}

/** The names that the wire has for the contract's. */
const WIRE = {
  name: "name",
  hookUrl: "peer_hook_url",
  scopes: "scopes",
  maxHops: "max_hops",
  maxBytes: "max_bytes",
  ordered: "ordered",
  allowPrivate: "allow_private",
  instanceId: "instance_id",
  outboundToken: "outbound_token",
  inboundToken: "inbound_token",
  status: "status",
  retry: "retry",
  environment: "environment",
  label: "label",
  colour: "colour",
  receiveOnly: "receive_only",
  newestFirst: "newest_first",
  masks: "masks",
  confirm: "confirm",
} as const;
const RETRY = {
  ages: "ages_ms",
  jitter: "jitter",
  minAttempts: "min_attempts",
  maxRetryAfter: "max_retry_after_ms",
} as const;

type PeerInput = z.infer<typeof NewPeerInput> | Omit<z.infer<typeof PeerUpdateInput>, "id" | "ifVersion">;

function toWire({ retry, ...rest }: PeerInput): Record<string, unknown> {
  const renamed = rename(rest, WIRE);
  if (retry === undefined) return renamed;
  // Null goes back to the default policy.
  return { ...renamed, retry: retry === null ? {} : rename(retry, RETRY) };
}

function rename(values: object, names: Readonly<Record<string, string>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [names[name] ?? name, value]),
  );
}

/** Says which member of the contract's input is at fault. */
async function inContractWords<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof HubError) || error.code !== "bad_request") throw error;
    const named = /^body\.(\w+): /.exec(error.message)?.[1] ?? error.details["field"];
    const [field] = Object.entries(WIRE).find(([, wire]) => wire === named) ?? [];
    const sentence = error.message.replace(/^body\.\w+: /, "").replace(String(named), field ?? String(named));
    throw new HubError("bad_request", sentence, { field: field ?? null }, error);
  }
}
