import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { PeerView } from "../../../shared/contract/index.ts";
import { messageOf } from "../../data/error-message.ts";
import { useHub } from "../../data/hub.tsx";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { NameConfirm } from "../../ui/name-confirm.tsx";

/** Going on sends what is owed at once: to production only by name. */
export function Resume({ peer, open, onClose }: { peer: PeerView; open: boolean; onClose: () => void }) {
  const { query } = useHub();
  const [typed, setTyped] = useState("");
  const update = useMutation(query.peers.update.mutationOptions({ onSuccess: onClose }));
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={`Go on sending to ${peer.name}`}
      about="It is a production peer: what is owed to it is sent at once."
      actions={
        <>
          <Button onClick={onClose}>Keep as it is</Button>
          <Button
            look="danger"
            disabled={typed !== peer.name || update.isPending}
            onClick={() => update.mutate({ id: peer.id, status: "active", confirm: typed })}
          >
            Send to {peer.name}
          </Button>
        </>
      }
    >
      <NameConfirm name={peer.name} value={typed} onValue={setTyped} />
      {update.error === null ? null : <p role="alert">{messageOf(update.error)}</p>}
    </Dialog>
  );
}
