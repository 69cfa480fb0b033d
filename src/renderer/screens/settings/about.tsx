import { useQuery } from "@tanstack/react-query";
import { desktop } from "../../data/desktop.ts";
import { useHub } from "../../data/hub.tsx";
import { CopyLine } from "../../ui/copy-line.tsx";
import { Facts } from "../../ui/detail.tsx";
import { ErrorState, Skeleton } from "../../ui/state.tsx";
import { Time } from "../../ui/time.tsx";
import { absoluteWords } from "../../ui/time-words.ts";
import styles from "./settings.module.css";

/** Versions, and where things are: what a report of a fault begins with. */
export function About() {
  const { query } = useHub();
  const { data, error, refetch } = useQuery(query.hub.about.queryOptions());
  if (data === undefined)
    return error === null ? (
      <Skeleton lines={6} />
    ) : (
      <ErrorState title="The hub says nothing of itself" error={error} onRetry={() => void refetch()} />
    );
  const app = desktop();
  const database = data.database === "embedded" ? "PostgreSQL, run by Kite Desktop" : "PostgreSQL, run by others";
  const lines = [
    `Kite Desktop ${data.version} on ${data.platform}`,
    `Console ${app === null ? "in a browser" : `in the app ${app.version}`}`,
    `Database: ${database}`,
    `Instance ${data.instanceId}, team ${data.team}`,
  ];
  return (
    <div className={styles.section}>
      <Facts
        facts={[
          ["Kite Desktop", data.version],
          ["Console", app === null ? "in a browser" : `in the app, ${app.version}`],
          ["Runs on", data.platform],
          ["Database", database],
          ["Data folder", data.dataDir === null ? null : <code key="folder">{data.dataDir}</code>],
          [
            "Started",
            <span key="started">
              <Time at={data.startedAt} />, {absoluteWords(data.startedAt)}
            </span>,
          ],
        ]}
      />
      <CopyLine label="For a report of a fault" text={lines.join("\n")} what="the versions" />
    </div>
  );
}
