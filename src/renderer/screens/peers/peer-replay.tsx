import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { PeerView, ReplayRequest } from "../../../shared/contract/index.ts";
import { messageOf } from "../../data/error-message.ts";
import { useHub } from "../../data/hub.tsx";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { RadioGroup } from "../../ui/field.tsx";
import { NameConfirm } from "../../ui/name-confirm.tsx";
import { Progress } from "../../ui/progress.tsx";
import { countOf } from "../../ui/time-words.ts";

const ANY = { cause: null, reason: null, type: null, since: null, until: null, entryIds: null, seqs: null };

/** Sends this peer once more what gave up, what was cancelled or what it had. To production only by its name. */
export function PeerReplay({ peer, onClose }: { peer: PeerView; onClose: () => void }) {
  const { query } = useHub();
  const [state, setState] = useState<"dead" | "cancelled" | "delivered">("dead");
  const [typed, setTyped] = useState("");
  const production = peer.environment === "production";
  const request: ReplayRequest = {
    filter: { ...ANY, peerId: peer.id, state },
    targets: "peers",
    routing: "then",
    id: "same",
  };
  const count = useQuery(query.replays.count.queryOptions({ input: request, staleTime: 0 }));
  const create = useMutation(query.replays.create.mutationOptions());
  const cancel = useMutation(query.replays.cancel.mutationOptions());
  const job = useQuery(
    query.replays.get.queryOptions({ input: { id: create.data?.id ?? "" }, enabled: create.data !== undefined }),
  );
  const running = job.data ?? create.data;
  const words = count.data === undefined ? "" : countOf(count.data.count, "delivery", "deliveries");
  const error = create.error ?? count.error;
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Replay to ${peer.name}`}
      about={
        production ? "It is a production peer." : "The same events with the same ids: it calls a duplicate what it has."
      }
      actions={
        running === undefined ? (
          <>
            <span style={{ flex: 1 }} role="status">
              {count.data === undefined ? "Counting…" : `${words} would be made.`}
            </span>
            <Button onClick={onClose}>Cancel</Button>
            <Button
              look={production ? "danger" : "primary"}
              disabled={!count.data?.count || create.isPending || (production && typed !== peer.name)}
              onClick={() => create.mutate({ ...request, confirm: production ? [typed] : [] })}
            >
              Replay {words} to {peer.name}
            </Button>
          </>
        ) : (
          <Button onClick={onClose}>Close</Button>
        )
      }
    >
      {running === undefined ? (
        <>
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
          {production ? <NameConfirm name={peer.name} value={typed} onValue={setTyped} /> : null}
        </>
      ) : (
        <Progress
          label={running.error ?? `Replay ${running.state}`}
          done={running.done + running.skipped}
          total={running.total}
          onCancel={
            running.state === "queued" || running.state === "running"
              ? () => cancel.mutate({ id: running.id })
              : undefined
          }
        />
      )}
      {error === null ? null : <p role="alert">{messageOf(error)}</p>}
    </Dialog>
  );
}
