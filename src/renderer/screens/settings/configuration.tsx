import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useHub } from "../../data/hub.tsx";
import { useHubId } from "../../shell/navigation.ts";
import { Input } from "../../ui/field.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../ui/state.tsx";
import styles from "./settings.module.css";

/** Every value the hub was started with; it is told on the hub's own machine only. */
export function Configuration() {
  const elsewhere = useHubId() !== "local";
  return elsewhere ? (
    <EmptyState title="Shown on its own machine only">
      A hub does not tell others what it was started with. Open the console over there.
    </EmptyState>
  ) : (
    <Values />
  );
}

function Values() {
  const { query } = useHub();
  const [text, setText] = useState("");
  const { data, error, refetch } = useQuery(query.settings.config.queryOptions());
  if (data === undefined)
    return error === null ? (
      <Skeleton lines={14} />
    ) : (
      <ErrorState title="The configuration cannot be shown" error={error} onRetry={() => void refetch()} />
    );
  const wanted = text.trim().toLowerCase();
  const found = data.filter(({ flag, env, meaning }) => `${flag} ${env} ${meaning}`.toLowerCase().includes(wanted));
  if (data.length === 0) return <EmptyState title="This hub tells nothing of its configuration" />;
  return (
    <div className={styles.section}>
      <p className={styles.note}>
        Changed at the next start, by the flag or the variable. Secrets are masked. What can be changed while the hub
        runs is under What is kept.
      </p>
      <Input
        type="search"
        aria-label="Search the configuration"
        placeholder="Search"
        value={text}
        onChange={({ target }) => setText(target.value)}
      />
      <div className={styles.scroll}>
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">Flag and variable</th>
              <th scope="col">Value</th>
              <th scope="col">From</th>
              <th scope="col">What it does</th>
            </tr>
          </thead>
          <tbody>
            {found.map(({ name, flag, env, value, from, meaning }) => (
              <tr key={name}>
                <th scope="row" className={styles.whole}>
                  <code>{flag}</code>
                  <br />
                  <code>{env}</code>
                </th>
                <td>
                  <code>{value === "" ? "not set" : value}</code>
                </td>
                <td className={styles.whole}>{from}</td>
                <td>{meaning}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {found.length === 0 ? <p className={styles.note}>None is called that.</p> : null}
    </div>
  );
}
