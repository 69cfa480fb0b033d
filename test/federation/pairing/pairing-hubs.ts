import type { PairingChoice, PairingView } from "../../../src/main/hub/federation/pairing/index.ts";
import type { Peer } from "../../../src/main/hub/model.ts";
import { openRealHub, type RealHub } from "../../support/real-hub.ts";
import { until } from "../../support/until.ts";

export const TEAM = "team";

export async function twoHubs(): Promise<[RealHub, RealHub]> {
  return [await openRealHub({ instanceId: "staging" }), await openRealHub({ instanceId: "laptop" })];
}

export const pairingOf = (hub: RealHub) => hub.hub.links.pairing;
export const at = (hub: RealHub, id: string): Promise<PairingView> => pairingOf(hub).get(TEAM, id);

/** The maker is read by the opener, and both are done. */
export async function readingPair(
  choice: PairingChoice = {},
): Promise<{ maker: RealHub; opener: RealHub; peer: Peer }> {
  const [maker, opener] = await twoHubs();
  const { link } = await pairingOf(maker).offer(TEAM);
  const { id } = await pairingOf(opener).open(TEAM, link);
  await pairingOf(opener).confirm(TEAM, id);
  await pairingOf(maker).confirm(TEAM, id, choice);
  await until("both are done", async () => {
    await pairingOf(opener).look();
    return (await at(opener, id)).state === "done";
  });
  const [peer] = maker.hub.registry.peersOf(TEAM);
  if (peer === undefined) throw new Error("the peer is there");
  return { maker, opener, peer };
}

export const readingOf = async (hub: RealHub) => (await hub.hub.links.pulls.list(TEAM))[0]?.running;
