import type { z } from "zod";
import type { AppliedChange } from "../../../shared/contract/index.ts";
import {
  apiCalls,
  applyChanges,
  type Change,
  isPush,
  type MapLink,
  PULL,
  type TopologyMap,
  twinOf,
} from "../../../shared/debugger/index.ts";
import type { HubInside, Peer } from "../../hub/index.ts";

type Applied = Omit<z.infer<typeof AppliedChange>, "change">;

/** Makes those of the changes that are settings of this hub, in their order, and says of the others why not. */
export async function applyHere(
  inside: HubInside,
  team: string,
  changes: readonly Change[],
): Promise<z.infer<typeof AppliedChange>[]> {
  const { map } = await inside.federationDebugger.map(team);
  const problems = new Map(applyChanges(map, changes).problems.map(({ change, problem }) => [change, problem]));
  const applied = [];
  for (const [change, wanted] of changes.entries()) {
    const problem = problems.get(change);
    const said =
      problem === undefined ? await applyOne(inside, team, map, wanted) : { applied: false, sentence: problem };
    applied.push({ change, ...said });
  }
  return applied;
}

async function applyOne(inside: HubInside, team: string, map: TopologyMap, change: Change): Promise<Applied> {
  const [call] = apiCalls(map, [change]);
  if (call === undefined) return { applied: false, sentence: "This change does not fit the map." };
  const { sentence } = call;
  if (!call.own)
    return { applied: false, sentence: `This is a setting of ${call.name}: it is changed there. ${sentence}` };
  const link = change.kind === "add" ? twinOf(map, change) : map.links.find(({ id }) => id === change.link);
  if (link === undefined)
    return { applied: false, sentence: `A new peer is made by pairing, for both hubs need its tokens. ${sentence}` };
  const peer = peerOf(inside, team, link);
  if (peer === undefined) return { applied: false, sentence: `The peer is there no more. ${sentence}` };
  if (!isPush(link)) return applyToPull(inside, peer, change, sentence);
  if (change.kind === "cut") await inside.peers.remove(team, peer.id);
  else await inside.peers.update(team, peer.id, call.body);
  return { applied: true, sentence };
}

async function applyToPull({ links }: HubInside, peer: Peer, change: Change, sentence: string): Promise<Applied> {
  if (change.kind === "cut") await links.pulls.remove(peer);
  else if (change.kind === "status" && change.status !== "revoked") await links.pulls.setStatus(peer, change.status);
  else {
    const why = `What is read from ${peer.name} is set as a whole, with the key of its stream: in the peer's settings.`;
    return { applied: false, sentence: `${why} ${sentence}` };
  }
  return { applied: true, sentence };
}

function peerOf({ registry }: HubInside, team: string, { policy }: MapLink): Peer | undefined {
  const id = policy?.id ?? "";
  const peer = registry.peerById(id.startsWith(PULL) ? id.slice(PULL.length) : id);
  return peer?.team === team ? peer : undefined;
}
