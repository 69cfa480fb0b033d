import { useQuery } from "@tanstack/react-query";
import type { PeerView } from "../../../shared/contract/index.ts";
import { useHub } from "../../data/hub.tsx";
import { ConfirmDialog } from "../../ui/dialog.tsx";
import { countOf } from "../../ui/time-words.ts";
import { toast } from "../../ui/toasts.tsx";

/** Revokes or removes a peer; says first how much of what is owed to it is cancelled by that. */
export function Remove({
  peer,
  how,
  onClose,
  onRemoved,
}: {
  peer: PeerView;
  how: "revoke" | "remove";
  onClose: () => void;
  onRemoved: () => void;
}) {
  const { query, client } = useHub();
  const owed = useQuery(query.peers.owed.queryOptions({ input: { id: peer.id }, staleTime: 0 }));
  const count = owed.data?.count;
  const entries = count === undefined ? "" : countOf(count, "owed entry", "owed entries");
  const verb = how === "revoke" ? "Revoke" : "Remove";
  const act = async (): Promise<void> => {
    if (how === "revoke") await client.peers.update({ id: peer.id, status: "revoked" });
    else {
      await client.peers.remove({ id: peer.id });
      onRemoved();
    }
    toast.done(
      `${peer.name} is ${how === "revoke" ? "revoked" : "removed"}`,
      count === 0 ? "" : `${entries} cancelled`,
    );
  };
  return (
    <ConfirmDialog
      open
      onClose={onClose}
      title={
        count === undefined || count === 0 ? `${verb} ${peer.name}?` : `${verb} ${peer.name} and cancel ${entries}?`
      }
      about={
        how === "revoke"
          ? "Nothing is sent to it and nothing is taken from it any more. Its settings stay, and it can be reinstated."
          : "Its settings and tokens are gone. To connect it again, pair it anew."
      }
      confirm={count === undefined || count === 0 ? verb : `${verb} and cancel ${entries}`}
      {...(owed.error === null && count === undefined ? { count: null } : {})}
      onConfirm={act}
    />
  );
}
