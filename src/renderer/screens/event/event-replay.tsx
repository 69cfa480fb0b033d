import { useState } from "react";
import type { EventView, ReplayRequest } from "../../../shared/contract/index.ts";
import { ReplayDialog, replayFilter } from "../../replay/replay-dialog.tsx";
import { RadioGroup } from "../../ui/field.tsx";
import { countWords } from "../../ui/time-words.ts";

/** Sends an event once more: to whom, by which routing, as which event. */
export function EventReplay({ event, onClose }: { event: EventView; onClose: () => void }) {
  const [targets, setTargets] = useState<ReplayRequest["targets"]>("listeners");
  const [routing, setRouting] = useState<ReplayRequest["routing"]>("then");
  const [id, setId] = useState<ReplayRequest["id"]>("same");
  return (
    <ReplayDialog
      title={`Replay event ${countWords(event.seq)}`}
      about={event.type}
      request={{ filter: replayFilter({ seqs: [event.seq] }), targets, routing, id }}
      onClose={onClose}
    >
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
    </ReplayDialog>
  );
}
