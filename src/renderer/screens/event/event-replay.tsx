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
  // A new event has no decisions of then, and is told to whoever listens.
  const how: Pick<ReplayRequest, "targets" | "routing" | "id"> =
    id === "new" ? { targets: "both", routing: "now", id } : { targets, routing, id };
  return (
    <ReplayDialog
      title={`Replay event ${countWords(event.seq)}`}
      about={event.type}
      request={{ filter: replayFilter({ seqs: [event.seq] }), ...how }}
      onClose={onClose}
    >
      <RadioGroup
        label="As"
        value={id}
        onValue={setId}
        options={[
          { value: "same", label: "The same event: peers may call it a duplicate" },
          { value: "new", label: "A new event with a new id, decided anew for everybody" },
        ]}
      />
      {id === "new" ? null : (
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
      )}
      {id === "new" || targets === "listeners" ? null : (
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
    </ReplayDialog>
  );
}
