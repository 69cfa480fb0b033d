import { useState } from "react";
import type { PeerView } from "../../../shared/contract/index.ts";
import { ReplayDialog, replayFilter } from "../../replay/replay-dialog.tsx";
import { RadioGroup } from "../../ui/field.tsx";

/** Sends this peer once more what gave up, what was cancelled or what it had. */
export function PeerReplay({ peer, onClose }: { peer: PeerView; onClose: () => void }) {
  const [state, setState] = useState<"dead" | "cancelled" | "delivered">("dead");
  return (
    <ReplayDialog
      title={`Replay to ${peer.name}`}
      about={
        peer.environment === "production"
          ? "It is a production peer."
          : "The same events with the same ids: it calls a duplicate what it has."
      }
      request={{ filter: replayFilter({ peerId: peer.id, state }), targets: "peers", routing: "then", id: "same" }}
      onClose={onClose}
    >
      <RadioGroup
        label="What"
        value={state}
        onValue={setState}
        options={[
          { value: "dead", label: "Dead letters: what gave up" },
          { value: "cancelled", label: "What was cancelled" },
          { value: "delivered", label: "What it was delivered before" },
        ]}
      />
    </ReplayDialog>
  );
}
