import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { PeerView } from "../../../shared/contract/index.ts";
import { messageOf } from "../../data/error-message.ts";
import { useHub } from "../../data/hub.tsx";
import { Button } from "../../ui/button.tsx";
import { CodeBlock } from "../../ui/code-block.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Field, Select } from "../../ui/field.tsx";
import { Countdown } from "../../ui/time.tsx";

const HOUR = 3_600_000;
const OVERLAPS = [
  { value: String(HOUR), label: "For an hour" },
  { value: String(24 * HOUR), label: "For a day" },
  { value: String(7 * 24 * HOUR), label: "For a week" },
  { value: "0", label: "Not at all: the peer is refused until it has the new one" },
];

/** A new token for the peer to present here, shown once; the old one is good for a while longer. */
export function RotateToken({ peer, onClose }: { peer: PeerView; onClose: () => void }) {
  const { query } = useHub();
  const [overlap, setOverlap] = useState(String(24 * HOUR));
  const rotate = useMutation(query.links.rotateToken.mutationOptions());
  const made = rotate.data;
  return (
    <Dialog
      open
      onClose={onClose}
      title={made === undefined ? `Rotate the token of ${peer.name}` : `The new token of ${peer.name}`}
      about={
        made === undefined
          ? "The peer signs what it sends here by this token. Give it the new one while both are good."
          : "It is shown this once. Set it at the peer as the outbound token for this hub."
      }
      actions={
        made === undefined ? (
          <>
            <Button onClick={onClose}>Keep as it is</Button>
            <Button
              look="primary"
              disabled={rotate.isPending}
              onClick={() => rotate.mutate({ peerId: peer.id, overlap: Number(overlap) })}
            >
              Make a new token
            </Button>
          </>
        ) : (
          <Button look="primary" onClick={onClose}>
            I have it
          </Button>
        )
      }
    >
      {made === undefined ? (
        <Field label="The old token stays good">
          <Select value={overlap} onValue={setOverlap} options={OVERLAPS} />
        </Field>
      ) : (
        <>
          <CodeBlock text={made.token} what="the new token" />
          <p>
            The old token is good as well; it ends <Countdown to={made.previousValidUntil} due="now" />.
          </p>
        </>
      )}
      {rotate.error === null ? null : <p role="alert">{messageOf(rotate.error)}</p>}
    </Dialog>
  );
}
