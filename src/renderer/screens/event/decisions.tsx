import type { EventView } from "../../../shared/contract/index.ts";
import { HubLink } from "../../shell/hub-link.tsx";
import { OutcomeState } from "../../ui/outcome.tsx";
import { EmptyState } from "../../ui/state.tsx";
import { Time } from "../../ui/time.tsx";
import styles from "./event.module.css";

/** For each peer what was decided, by which rule, and the values it compared. */
export function Decisions({ event: { decisions, entries } }: { event: EventView }) {
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
              <td className={styles.sentence}>{decision.sentence}</td>
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
