import { useQuery } from "@tanstack/react-query";
import type { EventView } from "../../../shared/contract/index.ts";
import { useHub } from "../../data/hub.tsx";
import { HubLink } from "../../shell/hub-link.tsx";
import { OutcomeState } from "../../ui/outcome.tsx";
import { EmptyState } from "../../ui/state.tsx";
import { Time } from "../../ui/time.tsx";
import styles from "./event.module.css";

/** For each peer what was decided, by which rule, and the values it compared. */
export function Decisions({ event: { seq, decisions, entries } }: { event: EventView }) {
  const { query } = useHub();
  const { data: links = [] } = useQuery(query.links.list.queryOptions());
  const reads = (peerId: string): boolean =>
    links.some(
      ({ peer, directions }) => peer.id === peerId && directions.some(({ direction }) => direction === "read"),
    );
  if (decisions.length === 0)
    return (
      <EmptyState title="Nothing was decided">
        This hub had no peers when the event came, or the decision has not been made yet.
      </EmptyState>
    );
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col">Peer</th>
          <th scope="col">Outcome</th>
          <th scope="col">Why</th>
          <th scope="col">Values</th>
          <th scope="col">Decided</th>
        </tr>
      </thead>
      <tbody>
        {decisions.map((decision) => {
          const entry = entries.find(({ id }) => id === decision.entryId);
          return (
            <tr key={`${decision.peer.no}-${decision.revision}`}>
              <th scope="row">
                <HubLink to={`peers/${decision.peer.id}`}>{decision.peer.name}</HubLink>
              </th>
              <td>
                {decision.outcome === "drop" ? (
                  <OutcomeState state="dropped" reason={decision.reason} />
                ) : entry === undefined ? (
                  "Forwarded"
                ) : (
                  <HubLink to={`outbox/${encodeURIComponent(entry.id)}`}>
                    <OutcomeState state={entry.state} reason={entry.cause} />
                  </HubLink>
                )}
              </td>
              <td className={styles.sentence}>
                {decision.sentence}
                {decision.outcome === "drop" && reads(decision.peer.id) ? (
                  <>
                    {" "}
                    It reads this hub's stream instead:{" "}
                    <HubLink to="explain" search={{ seq }}>
                      see what came of that
                    </HubLink>
                    .
                  </>
                ) : null}
              </td>
              <td>
                <dl className={styles.values}>
                  {Object.entries(decision.evidence ?? {}).map(([name, value]) => (
                    <div key={name}>
                      <dt>{name}</dt>
                      <dd>{Array.isArray(value) ? value.join(", ") : String(value)}</dd>
                    </div>
                  ))}
                </dl>
              </td>
              <td>
                <Time at={decision.at} />
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
