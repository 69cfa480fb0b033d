import { z } from "zod";
import { countOf } from "../count-of.ts";
import { shellQuote } from "../shell-quote.ts";
import { applyChanges, type Change, twinOf } from "./changes.ts";
import { isPush, knownIdOf, type MapInstance, type MapLink, nameOf, PULL, type TopologyMap } from "./map.ts";

/** One request by which a change is made, at the hub whose link it is. */
export const ApiCall = z.object({
  at: z.string().describe("Key of the instance to be asked."),
  name: z.string(),
  baseUrl: z.string().nullable().describe("Where that hub is; null when it is not known."),
  method: z.enum(["PATCH", "POST", "PUT", "DELETE"]),
  path: z.string(),
  body: z.record(z.string(), z.unknown()).nullable(),
  own: z
    .boolean()
    .describe("It is this hub, which can make the change itself. Elsewhere it takes an admin key of that hub."),
  sentence: z.string().describe("The change in words."),
});
export type ApiCall = z.infer<typeof ApiCall>;

const PEERS = "/api/federation/peers";
/** What stands for a token in a call that is shown: both ends of a new link need the same one. */
const TOKEN = "<a new token, the same at both ends>";
const BACK_TOKEN = "<another new token, the same at both ends>";

/** The requests that make the changes, in their order. Changes that do not fit the map have none. */
export function apiCalls(map: TopologyMap, changes: readonly Change[]): ApiCall[] {
  const unfit = new Set(applyChanges(map, changes).problems.map(({ change }) => change));
  return changes.flatMap((change, index) => {
    if (unfit.has(index)) return [];
    if (change.kind === "add") {
      const twin = twinOf(map, change);
      return twin === undefined ? pairingCalls(map, change) : [openingCall(map, twin, change)];
    }
    const link = map.links.find(({ id }) => id === change.link);
    if (link === undefined || link.policy === null) return [];
    if (!isPush(link)) return [pullCall(map, link, link.policy.id, change)];
    const place = `${PEERS}/${link.policy.id}`;
    if (change.kind === "cut")
      return [call(map, link.from, "DELETE", place, null, `${arrow(map, link)}: remove the peer.`)];
    return [call(map, link.from, "PATCH", place, bodyOf(change), `${arrow(map, link)}: ${wordsOf(link, change)}.`)];
  });
}

/** The peer is there, and lets nothing through. */
function openingCall(map: TopologyMap, twin: MapLink, { scopes, maxHops }: Added): ApiCall {
  const body = {
    scopes,
    max_hops: maxHops,
    ...(twin.policy?.status === "revoked" ? { status: "active" } : {}),
  };
  const words = `${arrow(map, twin)}: open the peer for ${scopes.join(", ")}, up to ${countOf(maxHops, "hop")}.`;
  return call(map, twin.from, "PATCH", `${PEERS}/${twin.policy?.id ?? ""}`, body, words);
}

/** What is read over a stream is the reader's setting. But for its status it is set as a whole, with the stream's key. */
function pullCall(map: TopologyMap, link: MapLink, id: string, change: Setting | Cut): ApiCall {
  const place = `${PEERS}/${id.slice(PULL.length)}/pull`;
  const words = arrow(map, link);
  if (change.kind === "cut") return call(map, link.to, "DELETE", place, null, `${words}: read it no more.`);
  if (change.kind === "status")
    return call(map, link.to, "PATCH", place, bodyOf(change), `${words}: ${wordsOf(link, change)}.`);
  const body = {
    stream_url: "<as it is>",
    remote_team: "<as it is>",
    api_key: "<the stream's key>",
    ...bodyOf(change),
  };
  return call(map, link.to, "PUT", place, body, `${words}: ${wordsOf(link, change)}.`);
}

/** The call as a command for a shell, with the key left to be filled in. */
export function asCurl({ baseUrl, method, path, body }: ApiCall): string {
  const parts = [
    `curl -X ${method} ${shellQuote(`${baseUrl ?? "https://<hub>"}${path}`)}`,
    `-H "Authorization: Bearer $ADMIN_KEY"`,
  ];
  if (body !== null) parts.push(`-H 'Content-Type: application/json'`, `-d ${shellQuote(JSON.stringify(body))}`);
  return parts.join(" \\\n  ");
}

type Added = Extract<Change, { kind: "add" }>;
type Cut = Extract<Change, { kind: "cut" }>;
type Setting = Exclude<Change, Added | Cut>;

function bodyOf(change: Setting): Record<string, unknown> {
  switch (change.kind) {
    case "limits":
      return {
        ...(change.maxHops === undefined ? {} : { max_hops: change.maxHops }),
        ...(change.maxBytes === undefined ? {} : { max_bytes: change.maxBytes }),
      };
    case "scopes":
      return { scopes: change.scopes };
    case "status":
      return { status: change.status };
    case "instance_id":
      return { instance_id: change.instanceId };
  }
}

function wordsOf({ policy }: MapLink, change: Setting): string {
  switch (change.kind) {
    case "limits": {
      const words: string[] = [];
      if (change.maxHops !== undefined) words.push(`hop limit ${policy?.maxHops ?? "?"} → ${change.maxHops}`);
      if (change.maxBytes !== undefined) words.push(`size limit ${policy?.maxBytes ?? "?"} → ${change.maxBytes} bytes`);
      return words.join(", ");
    }
    case "scopes":
      return `scopes ${policy?.scopes.join(", ") || "none"} → ${change.scopes.join(", ") || "none"}`;
    case "status":
      return `${policy?.status ?? "?"} → ${change.status}`;
    case "instance_id":
      return `the peer's instance id is ${change.instanceId}`;
  }
}

/** A new link takes a peer at either end; the receiver's sends nothing back. */
function pairingCalls(map: TopologyMap, { from, to, scopes, maxHops }: Added): ApiCall[] {
  const ends = [from, to].map((key) => map.instances.find((instance) => instance.key === key));
  const [sender, receiver] = ends;
  if (sender === undefined || receiver === undefined) return [];
  const words = `${sender.name} → ${receiver.name}`;
  const forth = {
    name: receiver.name,
    peer_hook_url: hookUrl(receiver),
    outbound_token: TOKEN,
    inbound_token: BACK_TOKEN,
  };
  const back = { name: sender.name, peer_hook_url: hookUrl(sender), outbound_token: BACK_TOKEN, inbound_token: TOKEN };
  const there = { ...forth, scopes, max_hops: maxHops, instance_id: knownIdOf(receiver) };
  const backIsThere = map.links.some((link) => link.from === to && link.to === from);
  const calls = [call(map, from, "POST", PEERS, there, `${words}: add the peer.`)];
  if (backIsThere) return calls;
  const body = { ...back, scopes: [], instance_id: knownIdOf(sender) };
  return [...calls, call(map, to, "POST", PEERS, body, `${words}: let ${sender.name} in.`)];
}

function hookUrl({ url }: MapInstance): string {
  return `${url ?? "https://<hub>"}/hooks/<team>/kite`;
}

function call(
  map: TopologyMap,
  at: string,
  method: ApiCall["method"],
  path: string,
  body: ApiCall["body"],
  sentence: string,
): ApiCall {
  const instance = map.instances.find(({ key }) => key === at);
  const own = at === map.self;
  return { at, name: nameOf(map, at), baseUrl: instance?.url ?? null, method, path, body, own, sentence };
}

function arrow(map: TopologyMap, { from, to }: MapLink): string {
  return `${nameOf(map, from)} → ${nameOf(map, to)}`;
}
