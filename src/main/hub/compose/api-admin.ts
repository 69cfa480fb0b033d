import type { ApiDeps } from "../api/index.ts";
import type { OutboundFederation } from "../federation/outbound/index.ts";
import type { RegistryAdmin } from "../registry/index.ts";

/** The registry's changes as the API asks for them: removing a peer cancels what is queued for it, and says how much. */
export function registryAdminOf(admin: RegistryAdmin, outbound: OutboundFederation): ApiDeps["admin"] {
  return {
    createPeer: (team, peer) => admin.createPeer(team, peer),
    updatePeer: (team, id, update, ifVersion) => admin.updatePeer(team, id, update, ifVersion),
    async deletePeer(team, id) {
      const no = await admin.deletePeer(team, id, async (_tx, peer) => peer);
      return { cancelled: await outbound.cancelPeer(no, "peer_deleted") };
    },
    rotateInboundToken: (team, id, overlapMs) => admin.rotateInboundToken(team, id, overlapMs),
    createFederationToken: (team, label) => admin.createFederationToken(team, label),
    listFederationTokens: (team) => admin.listFederationTokens(team),
    deleteFederationToken: (team, id) => admin.deleteFederationToken(team, id),
  };
}
