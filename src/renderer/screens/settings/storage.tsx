import { useQuery } from "@tanstack/react-query";
import type { StorageView } from "../../../shared/contract/index.ts";
import { useHub } from "../../data/hub.tsx";
import { Button } from "../../ui/button.tsx";
import { Facts } from "../../ui/detail.tsx";
import { StateMark } from "../../ui/mark.tsx";
import { ErrorState, Skeleton } from "../../ui/state.tsx";
import { Time } from "../../ui/time.tsx";
import { bytesWords, countWords } from "../../ui/time-words.ts";
import { Section } from "./section.tsx";
import styles from "./settings.module.css";

/** What the database holds, table by table and stretch by stretch. */
export function Storage() {
  const { query } = useHub();
  const { data, error, refetch, isFetching } = useQuery(query.settings.storage.queryOptions({ staleTime: 0 }));
  if (data === undefined)
    return error === null ? (
      <Skeleton />
    ) : (
      <ErrorState title="The storage cannot be shown" error={error} onRetry={() => void refetch()} />
    );
  return (
    <>
      <Section title="All of it">
        <Facts
          facts={[
            ["Database", bytesWords(data.databaseBytes)],
            [
              "Events",
              `${countWords(data.events)}, from seq ${countWords(data.oldestSeq)} to ${countWords(data.head)}`,
            ],
            ["Oldest", data.oldestAt === null ? "none" : <Time key="oldest" at={data.oldestAt} />],
          ]}
        />
        <div className={styles.foot}>
          <Button disabled={isFetching} onClick={() => void refetch()}>
            {isFetching ? "Measuring…" : "Measure again"}
          </Button>
        </div>
      </Section>
      <Segments segments={data.segments} />
      <Tables tables={data.tables} />
    </>
  );
}

function Segments({ segments }: Pick<StorageView, "segments">) {
  return (
    <Section title="Stretches of the log">
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">Seqs</th>
            <th scope="col">Opened</th>
            <th scope="col" className={styles.number}>
              Size
            </th>
            <th scope="col">What holds it</th>
          </tr>
        </thead>
        <tbody>
          {segments.map(({ segment, firstSeq, lastSeq, openedAt, bytes, held }) => (
            <tr key={segment}>
              <td>
                {countWords(firstSeq)} to {lastSeq === null ? "now" : countWords(lastSeq)}
              </td>
              <td>
                <Time at={openedAt} />
              </td>
              <td className={styles.number}>{bytesWords(bytes)}</td>
              <td>
                {held === null ? (
                  "Nothing: it goes when it is past the limits"
                ) : (
                  <StateMark tone={lastSeq === null ? "idle" : "wait"} shape={lastSeq === null ? "ring" : "clock"}>
                    {held}
                  </StateMark>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}

function Tables({ tables }: Pick<StorageView, "tables">) {
  const most = Math.max(1, ...tables.map(({ bytes }) => bytes));
  return (
    <Section title="Tables">
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">Table</th>
            <th scope="col" className={styles.number}>
              Rows, about
            </th>
            <th scope="col" className={styles.number}>
              Size
            </th>
            <th scope="col" className={styles.share}>
              Share
            </th>
          </tr>
        </thead>
        <tbody>
          {tables.map(({ name, bytes, rows }) => (
            <tr key={name}>
              <td>
                <code>{name}</code>
              </td>
              <td className={styles.number}>{rows === null ? "not counted yet" : countWords(rows)}</td>
              <td className={styles.number}>{bytesWords(bytes)}</td>
              <td className={styles.share}>
                <div className={styles.bar} style={{ width: `${(bytes / most) * 100}%` }} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}
