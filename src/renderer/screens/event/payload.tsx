import { useState } from "react";
import type { EventView } from "../../../shared/contract/index.ts";
import { Button } from "../../ui/button.tsx";
import { CodeBlock } from "../../ui/code-block.tsx";
import { JsonView } from "../../ui/json-view.tsx";
import { EmptyState } from "../../ui/state.tsx";
import { absoluteWords } from "../../ui/time-words.ts";
import { dataOf } from "./copyables.ts";
import { differences } from "./differences.ts";
import styles from "./event.module.css";
import values from "./payload.module.css";

const PARTS = ["data", "headers", "raw", "differences"] as const;
const LABELS = { data: "Data", headers: "Headers", raw: "Raw", differences: "Differences" };

/** What the event carries: its data, the headers it came with, and every byte of it. */
export function Payload({ event }: { event: EventView }) {
  const [part, setPart] = useState<(typeof PARTS)[number]>("data");
  const others = event.arrivals.filter(({ data }) => data !== null);
  const shown = others.length === 0 && part === "differences" ? "data" : part;
  return (
    <div className={styles.payload}>
      <div className={styles.choice}>
        {PARTS.map((each) =>
          each === "differences" && others.length === 0 ? null : (
            <Button key={each} look="quiet" aria-pressed={each === shown} onClick={() => setPart(each)}>
              {LABELS[each]}
            </Button>
          ),
        )}
        {event.dataCut ? <span>The data was cut by the setting for payloads.</span> : null}
      </div>
      <Part event={event} part={shown} />
    </div>
  );
}

function Part({ event, part }: { event: EventView; part: (typeof PARTS)[number] }) {
  const data = dataOf(event);
  switch (part) {
    case "data":
      return data === null ? (
        <EmptyState title="No data">The event came without, or its data was not kept.</EmptyState>
      ) : (
        <JsonView text={data} label="Data" />
      );
    case "headers":
      return event.headers === null ? (
        <EmptyState title="No headers">The event did not come as a webhook.</EmptyState>
      ) : (
        <div className={styles.part}>
          <table className={values.values}>
            <tbody>
              {Object.entries(event.headers).map(([name, value]) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  <td>{value}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      );
    case "raw":
      return (
        <div className={styles.part}>
          <CodeBlock text={event.event} what="the event" />
        </div>
      );
    case "differences":
      return (
        <div className={styles.part}>
          {event.arrivals.map((arrival) => (
            <section key={arrival.at}>
              <h3>
                {arrival.kind}, by {arrival.via?.name ?? "an endpoint"}, {absoluteWords(arrival.at)}
              </h3>
              {arrival.data === null ? null : <Differences held={data ?? "null"} other={arrival.data} />}
            </section>
          ))}
        </div>
      );
  }
}

function Differences({ held, other }: { held: string; other: string }) {
  const found = differences(held, other);
  if (found.length === 0) return <p>The same, but for its spelling.</p>;
  return (
    <table className={values.values}>
      <thead>
        <tr>
          <th scope="col">Where</th>
          <th scope="col">Held here</th>
          <th scope="col">Came with the other copy</th>
        </tr>
      </thead>
      <tbody>
        {found.map(({ path, held: ours, other: theirs }) => (
          <tr key={path}>
            <th scope="row">{path}</th>
            <td>{ours ?? "not there"}</td>
            <td>{theirs ?? "not there"}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
