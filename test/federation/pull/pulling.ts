import type { NewPullLink, PullLinkView } from "../../../src/main/hub/federation/pull/index.ts";
import type { Peer } from "../../../src/main/hub/model.ts";
import type { RealHub } from "../../support/real-hub.ts";
import { until } from "../../support/until.ts";

/** Makes `source` a peer of `reader` that is read over its stream. */
export async function pull(
  reader: RealHub,
  source: RealHub,
  options: { readonly url?: string; readonly instanceId?: string | null; readonly link?: Partial<NewPullLink> } = {},
): Promise<Peer> {
  const { team, apiKey } = source.client.address;
  const url = options.url ?? source.hub.url;
  const peer = await reader.hub.admin.createPeer(reader.client.address.team, {
    name: "source",
    hookUrl: `${url}/hooks/${team}/kite`,
    outboundToken: "unused-out",
    inboundToken: "unused-in",
    scopes: [],
    ...(options.instanceId === undefined ? {} : { instanceId: options.instanceId }),
  });
  await reader.hub.links.pulls.put(peer, {
    streamUrl: `${url.replace(/^http/, "ws")}/ws`,
    remoteTeam: team,
    apiKey,
    ...options.link,
  });
  return peer;
}

export async function linkOf(reader: RealHub): Promise<PullLinkView> {
  const [link] = await reader.hub.links.pulls.list(reader.client.address.team);
  if (link === undefined) throw new Error("there is no pull link");
  return link;
}

export function whenReading(reader: RealHub): Promise<PullLinkView> {
  return until("the link is being read", async () => {
    const link = await linkOf(reader);
    return link.running?.phase === "reading" && link.cursor !== null ? link : null;
  });
}

export function whenReadThrough(reader: RealHub, seq: number): Promise<PullLinkView> {
  return until(`the link was read up to ${seq}`, async () => {
    const link = await linkOf(reader);
    return (link.cursor ?? 0) >= seq ? link : null;
  });
}
