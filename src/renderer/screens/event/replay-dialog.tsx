import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { EventView, ReplayRequest } from "../../../shared/contract/index.ts";
import { messageOf } from "../../data/error-message.ts";
import { useHub } from "../../data/hub.tsx";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { RadioGroup } from "../../ui/field.tsx";
import { Progress } from "../../ui/progress.tsx";
import { countOf, countWords } from "../../ui/time-words.ts";

const NO_FILTER = {
  peerId: null,
  state: null,
  cause: null,
  reason: null,
  type: null,
  since: null,
  until: null,
  entryIds: null,
};

/** Sends an event once more: to whom, by which routing, as which event. The count is told before anything happens. */
export function ReplayDialog({ event, open, onClose }: { event: EventView; open: boolean; onClose: () => void }) {
  const { query } = useHub();
  const [targets, setTargets] = useState<ReplayRequest["targets"]>("listeners");
  const [routing, setRouting] = useState<ReplayRequest["routing"]>("then");
  const [id, setId] = useState<ReplayRequest["id"]>("same");
  const request: ReplayRequest = { filter: { ...NO_FILTER, seqs: [event.seq] }, targets, routing, id };
  const count = useQuery(query.replays.count.queryOptions({ input: request, enabled: open, staleTime: 0 }));
  const create = useMutation(query.replays.create.mutationOptions());
  const cancel = useMutation(query.replays.cancel.mutationOptions());
  const job = useQuery(
    query.replays.get.queryOptions({ input: { id: create.data?.id ?? "" }, enabled: create.data !== undefined }),
  );
  const running = job.data ?? create.data;
  const close = (): void => {
    create.reset();
    onClose();
  };
  const error = create.error ?? count.error;
  return (
    <Dialog
      open={open}
      onClose={close}
      title={`Replay event ${countWords(event.seq)}`}
      about={event.type}
      actions={
        running === undefined ? (
          <>
            <span style={{ flex: 1 }} role="status">
              {count.data === undefined
                ? "Counting…"
                : `${countOf(count.data.count, "delivery", "deliveries")} would be made.`}
            </span>
            <Button onClick={close}>Cancel</Button>
            <Button
              look="primary"
              disabled={count.data === undefined || count.data.count === 0 || create.isPending}
              onClick={() => create.mutate(request)}
            >
              Replay {count.data === undefined ? "" : countOf(count.data.count, "delivery", "deliveries")}
            </Button>
          </>
        ) : (
          <Button onClick={close}>Close</Button>
        )
      }
    >
      {running === undefined ? (
        <>
          <RadioGroup
            label="To"
            value={targets}
            onValue={setTargets}
            options={[
              { value: "listeners", label: "Listeners: CLIs and agents that are connected" },
              { value: "peers", label: "Peers: other hubs" },
              { value: "both", label: "Both" },
            ]}
          />
          {targets === "listeners" ? null : (
            <RadioGroup
              label="Routing"
              value={routing}
              onValue={setRouting}
              options={[
                { value: "then", label: "By the decisions of then" },
                { value: "now", label: "Decided anew, by the settings of now" },
              ]}
            />
          )}
          <RadioGroup
            label="Id"
            value={id}
            onValue={setId}
            options={[
              { value: "same", label: "The same id: peers may call it a duplicate" },
              { value: "new", label: "A new id: it is a new event" },
            ]}
          />
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
