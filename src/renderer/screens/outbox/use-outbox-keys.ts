import type { EntryView } from "../../../shared/contract/index.ts";
import { useActions } from "../../shell/keyboard/use-actions.ts";
import { countOf } from "../../ui/time-words.ts";
import type { Bulk } from "./bulk.ts";
import { OUTBOX_VIEWS, type OutboxView } from "./search.ts";
import { VIEW_WORDS } from "./view-tabs.tsx";

/** What can be done with everything that is listed. */
export const BULK: Readonly<Record<OutboxView, readonly Bulk["kind"][]>> = {
  owed: ["again", "cancel"],
  dead: ["again", "cancel"],
  delivered: ["again"],
  cancelled: ["again"],
  all: [],
  replays: [],
};

/** What the button and the palette call it. */
export const bulkVerb = (kind: Bulk["kind"], view: OutboxView): string =>
  kind === "cancel" ? "Cancel" : view === "owed" ? "Retry" : "Replay";

/** The keys of the Outbox: on the chosen rows if there are any, else on the active one. */
export function useOutboxKeys({
  view,
  picked,
  active,
  again,
  cancel,
  ask,
  showView,
  stepPeer,
  close,
}: {
  view: OutboxView;
  /** How many rows are chosen. */
  picked: number;
  active: EntryView | undefined;
  again: (entry: EntryView) => void;
  cancel: (entry: EntryView) => void;
  ask: (kind: Bulk["kind"]) => void;
  showView: (view: OutboxView) => void;
  stepPeer: (by: 1 | -1) => void;
  /** Undefined: there is nothing to close. */
  close: (() => void) | undefined;
}): void {
  const act = (kind: Bulk["kind"], one: (entry: EntryView) => void) => (): void => {
    if (picked > 0) ask(kind);
    else if (active !== undefined) one(active);
  };
  const chosen = countOf(picked, "chosen entry", "chosen entries");
  const group = "Outbox";
  useActions([
    {
      id: "outbox.again",
      group,
      label: picked > 0 ? `Send ${chosen} again` : "Retry now, or replay",
      keys: "r",
      run: act("again", again),
    },
    {
      id: "outbox.cancel",
      group,
      label: picked > 0 ? `Cancel ${chosen}` : "Cancel the entry",
      keys: "C",
      run: act("cancel", cancel),
    },
    ...BULK[view].map((kind) => ({
      id: `outbox.all.${kind}`,
      group,
      label: `${bulkVerb(kind, view)} everything that is listed`,
      keys: kind === "cancel" ? "alt+c" : "alt+r",
      run: () => ask(kind),
    })),
    { id: "outbox.peer.next", group, label: "Next peer", keys: "]", palette: false, run: () => stepPeer(1) },
    { id: "outbox.peer.previous", group, label: "Previous peer", keys: "[", palette: false, run: () => stepPeer(-1) },
    ...OUTBOX_VIEWS.map((each, at) => ({
      id: `outbox.view.${each}`,
      group,
      label: `Show ${VIEW_WORDS[each].toLowerCase()}`,
      keys: String(at + 1),
      run: () => showView(each),
    })),
    ...(close === undefined
      ? []
      : [
          {
            id: "outbox.close",
            group,
            label: picked > 0 ? "Choose none" : "Close the detail",
            keys: "Escape",
            palette: false,
            run: close,
          },
        ]),
  ]);
}
