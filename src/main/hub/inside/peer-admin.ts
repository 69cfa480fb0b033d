import type { z } from "zod";
import { NewPeerBody, newPeer, PeerPatchBody, peerUpdate } from "../api/index.ts";
import { HubError } from "../errors.ts";
import type { RegistryAdmin, RegistryView } from "../registry/index.ts";
import type { PeerAdmin } from "./actions.ts";

/** Changes to peers, with the checks of the REST API. */
export function openPeerAdmin(
  admin: RegistryAdmin,
  registry: RegistryView,
  removePeer: (team: string, id: string) => Promise<{ readonly cancelled: number }>,
): PeerAdmin {
  return {
    create: (team, body) => admin.createPeer(team, newPeer(checked(NewPeerBody, body))),
    async update(team, id, body, ifVersion) {
      const peer = registry.peerById(id);
      if (peer === undefined || peer.team !== team) throw new HubError("not_found", `There is no peer with id ${id}.`);
      return admin.updatePeer(team, id, peerUpdate(checked(PeerPatchBody, body), peer), ifVersion);
    },
    remove: async (team, id) => (await removePeer(team, id)).cancelled,
  };
}

function checked<T>(shape: z.ZodType<T>, body: unknown): T {
  const read = shape.safeParse(body);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const field = String(issue?.path[0] ?? "");
  throw new HubError("bad_request", `${field === "" ? "The peer" : field} ${issue?.message ?? "is malformed"}.`, {
    field,
  });
}
