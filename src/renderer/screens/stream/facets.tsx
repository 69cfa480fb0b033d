import { useEffect, useState } from "react";
import type { FacetField, FacetsMessage } from "../../../shared/contract/index.ts";
import { exclude, type Filter, include, printFilter, termFor } from "../../../shared/filter/index.ts";
import { useHub } from "../../data/hub.tsx";
import { ErrorState, Skeleton } from "../../ui/state.tsx";
import { countOf, countWords } from "../../ui/time-words.ts";
import styles from "./facets.module.css";

const FIELDS = ["type", "source", "outcome", "reason", "via", "origin", "hops", "integrity"] as const;
const LABELS: Readonly<Record<FacetField, string>> = {
  type: "Type",
  source: "Source",
  hook: "Endpoint",
  via: "Came by",
  origin: "Origin",
  outcome: "Outcome",
  reason: "Reason",
  hops: "Hops",
  integrity: "Integrity",
};
const MOST = 8;

/** How the events that fit are spread over the values of some fields. A click includes, a click with Alt excludes. */
export function Facets({ filter, onFilter }: { filter: Filter; onFilter: (text: string) => void }) {
  const { client } = useHub();
  const text = printFilter(filter);
  const [found, setFound] = useState<FacetsMessage | null>(null);
  const [error, setError] = useState<unknown>(null);

  useEffect(() => {
    const end = new AbortController();
    const { signal } = end;
    const run = async (): Promise<void> => {
      for await (const message of await client.events.facets({ filter: text, fields: [...FIELDS] }, { signal })) {
        if (signal.aborted) return;
        setFound(message);
        setError(null);
      }
    };
    run().catch((problem: unknown) => {
      if (!signal.aborted) setError(problem);
    });
    return () => end.abort();
  }, [client, text]);

  if (error !== null) return <ErrorState title="No counts" error={error} />;
  if (found === null) return <Skeleton />;
  return (
    <section className={styles.facets} aria-label="Counts by field">
      <p className={styles.total}>
        {countOf(found.matched, "event")} of {countWords(found.scanned)}
        {found.state === "searching" ? ", counting…" : ""}
      </p>
      {FIELDS.map((field) => {
        const values = found.fields[field] ?? [];
        return values.length === 0 ? null : (
          <div key={field}>
            <h2 className={styles.name}>{LABELS[field]}</h2>
            <ul className={styles.values}>
              {values.slice(0, MOST).map(({ value, count }) => (
                <li key={value}>
                  <button
                    type="button"
                    className={styles.value}
                    title={`${value}. Click to include, with Alt to exclude.`}
                    onClick={({ altKey }) =>
                      onFilter(printFilter((altKey ? exclude : include)(filter, termFor(field, value))))
                    }
                  >
                    <span>{value}</span>
                    <span className={styles.count}>{countWords(count)}</span>
                  </button>
                </li>
              ))}
            </ul>
          </div>
        );
      })}
    </section>
  );
}
