import type { PairingOffer, Way } from "../../../../shared/links/index.ts";
import { HubError } from "../../errors.ts";
import type { ApiKey, Environment, Peer } from "../../model.ts";
import type { HubRegistry, RegistryAdmin } from "../../registry/index.ts";
import type { PullLinks } from "../pull/index.ts";
import type { Handover, Party } from "./messages.ts";
import type { PairingKeys } from "./secrets.ts";

/** What the person on this side says about the other one when confirming. */
export interface PairingChoice {
  /** How the peer is called here; its instance id when absent. */
  readonly name?: string;
  readonly environment?: Environment;
  readonly label?: string | null;
  readonly colour?: string | null;
  /** A production peer is set to receive only, unless this names it: then events are sent to it as agreed. */
  readonly sendTo?: string;
}

export interface SetUpDeps {
  readonly registry: HubRegistry;
  readonly admin: RegistryAdmin;
  readonly pulls: PullLinks;
}

/** Everything that one side needs to know to set up its half. */
export interface SetUp {
  readonly pairingId: string;
  readonly team: string;
  readonly role: "maker" | "opener";
  readonly offer: PairingOffer;
  readonly other: Party;
  readonly keys: PairingKeys;
  readonly choice: PairingChoice;
  readonly allowPrivate: boolean;
}

/** Where a peer that cannot be reached is said to be: a name that never resolves (RFC 6761). Nothing is sent there. */
const NOWHERE = "https://unreachable.invalid/hooks/unreachable/kite";

/** How events travel from this side, and to it. */
export function waysOf(offer: PairingOffer, role: "maker" | "opener"): { out: Way; in: Way } {
  return role === "maker"
    ? { out: offer.maker_to_opener, in: offer.opener_to_maker }
    : { out: offer.opener_to_maker, in: offer.maker_to_opener };
}

/** Makes the peer of a pairing, or finds the one that an earlier try has made. */
export async function setUpPeer(deps: SetUpDeps, o: SetUp): Promise<Peer> {
  const { registry, admin } = deps;
  const [outbound, inbound] =
    o.role === "maker" ? [o.keys.toOpener, o.keys.toMaker] : [o.keys.toMaker, o.keys.toOpener];
  const existing = registry.peerByInboundToken(o.team, inbound);
  const peer = existing ?? (await makePeer(deps, o, { outbound, inbound }));
  // What was handed out with the confirmation is good for this peer, and for what may be sent to it.
  for (const key of handedKeys(registry, o.team, o.pairingId))
    if (key.peer === null) await admin.handKey(o.team, key.id, peer.no);
  return peer;
}

function makePeer(
  { registry, admin }: SetUpDeps,
  o: SetUp,
  tokens: { readonly outbound: string; readonly inbound: string },
): Promise<Peer> {
  const sends = waysOf(o.offer, o.role).out === "push" && o.other.hook_url !== null;
  const name = freeName(registry, o.team, o.choice.name ?? o.other.instance_id);
  return admin.createPeer(o.team, {
    name,
    hookUrl: o.other.hook_url ?? NOWHERE,
    outboundToken: tokens.outbound,
    inboundToken: tokens.inbound,
    scopes: sends ? o.offer.scopes : [],
    maxHops: o.offer.max_hops,
    allowPrivate: o.allowPrivate,
    instanceId: o.other.instance_id,
    environment: o.choice.environment ?? "other",
    label: o.choice.label ?? null,
    colour: o.choice.colour ?? null,
    receiveOnly: isReceiveOnly(o, name),
  });
}

/** Nothing goes to a production peer, neither pushed nor read from here, unless somebody has named it. */
function isReceiveOnly({ choice, other }: SetUp, name: string): boolean {
  const named = choice.sendTo === name || choice.sendTo === other.instance_id;
  return choice.environment === "production" && !named;
}

/**
 * The key by which the other side may read this one's stream; null when that was not agreed. It follows the events that
 * were offered, from now on, and opens nothing else.
 * @param peer whom it is for; null before the peer is there, which is handed what was made for it then. Until that, the
 *   key opens nothing.
 */
export async function keyToHandOver(deps: SetUpDeps, o: SetUp, peer: Peer | null): Promise<Handover> {
  if (waysOf(o.offer, o.role).out !== "pull") return { api_key: null };
  // One that was made by a try that did not come to its end was never handed over.
  await takeBackKeys(deps, o.team, o.pairingId);
  const { key, token } = await deps.admin.createKey(o.team, {
    name: `read by ${o.other.instance_id} ${ofPairing(o.pairingId)}`,
    permissions: ["stream"],
    scopes: o.offer.scopes.map((scope) => (scope === "*" ? scope : `glob:${scope}`)),
    peer: peer?.no ?? null,
    fromNow: true,
  });
  return { api_key: token, newest_seq: key.fromSeq };
}

/** Takes back what was handed out by a pairing that came to nothing. */
export async function takeBackKeys({ registry, admin }: SetUpDeps, team: string, pairingId: string): Promise<void> {
  for (const key of handedKeys(registry, team, pairingId)) await admin.revokeKey(team, key.id);
}

const ofPairing = (id: string): string => `(pairing ${id})`;

const handedKeys = (registry: HubRegistry, team: string, pairingId: string): ApiKey[] =>
  registry.snapshot.keys.filter(
    (key) => key.team === team && key.revokedAt === null && key.name?.endsWith(ofPairing(pairingId)) === true,
  );

/**
 * Begins to read the other side, where that was agreed: from where its log stood when it handed over the key.
 * @throws HubError `bad_request` when it gave nothing to read
 */
export async function setUpPull(deps: SetUpDeps, o: SetUp, peer: Peer, handed: Handover): Promise<void> {
  if (waysOf(o.offer, o.role).in !== "pull") return;
  const { stream_url: streamUrl, team: remoteTeam } = o.other;
  const { api_key: apiKey, newest_seq: cursor = null } = handed;
  if (streamUrl === null || apiKey === null)
    throw new HubError("bad_request", "The other side was to be read, and gave no stream or key to read it by.");
  const { scopes, max_hops: maxHops } = o.offer;
  await deps.pulls.put(peer, { streamUrl, remoteTeam, apiKey, scopes, maxHops, cursor });
}

function freeName(registry: HubRegistry, team: string, wanted: string): string {
  const taken = new Set(registry.peersOf(team).map(({ name }) => name));
  if (!taken.has(wanted)) return wanted;
  for (let n = 2; ; n++) if (!taken.has(`${wanted} ${n}`)) return `${wanted} ${n}`;
}
