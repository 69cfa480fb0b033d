import type { RefusalView } from "../../../shared/contract/index.ts";
import type { Column } from "../../ui/data-list.tsx";
import { StateMark } from "../../ui/mark.tsx";
import { reasonTitle } from "../../ui/outcome.tsx";
import { Time } from "../../ui/time.tsx";

/** Whose request it was, or which door it knocked at. */
export const knockerOf = ({ peer, source, route }: RefusalView): string =>
  peer !== null ? `peer ${peer.name}` : (source ?? route);

export const refusalColumns: readonly Column<RefusalView>[] = [
  { id: "time", header: "Time", width: "76px", cell: ({ at }) => <Time at={at} /> },
  { id: "for", header: "Endpoint or peer", width: "minmax(118px, 1fr)", cell: knockerOf },
  {
    id: "reason",
    header: "Reason",
    width: "minmax(120px, 0.8fr)",
    cell: ({ reason }) => (
      <StateMark tone="fail" shape="barred">
        {reasonTitle(reason)}
      </StateMark>
    ),
  },
  {
    id: "sentence",
    header: "Why",
    width: "minmax(0, 3fr)",
    cell: ({ sentence }) => <span title={sentence}>{sentence}</span>,
  },
];
