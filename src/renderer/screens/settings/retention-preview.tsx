import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useDeferredValue } from "react";
import type { HubSettings } from "../../../shared/hub-settings.ts";
import { useHub } from "../../data/hub.tsx";
import { StateMark } from "../../ui/mark.tsx";
import { bytesWords, countOf } from "../../ui/time-words.ts";
import styles from "./settings.module.css";

/** What the limits as written would drop at once. @param settings null: they cannot be read yet */
export function RetentionPreview({ settings }: { settings: HubSettings | null }) {
  const { query } = useHub();
  const { retentionDays, retentionMb } = useDeferredValue(settings) ?? { retentionDays: 0, retentionMb: 0 };
  const { data, error } = useQuery(
    query.settings.preview.queryOptions({
      input: { retentionDays, retentionMb },
      enabled: settings !== null,
      placeholderData: keepPreviousData,
    }),
  );
  if (settings === null) return <p className={styles.preview} />;
  if (error !== null) return <p className={styles.preview}>What this would drop cannot be told now.</p>;
  if (data === undefined) return <p className={styles.preview}>Looking what this would drop…</p>;
  const held =
    data.held === 0
      ? ""
      : ` ${countOf(data.held, "stretch", "stretches")} past the limits would stay: something is owed.`;
  return (
    <p className={styles.preview} role="status">
      {data.segments === 0 ? (
        <StateMark tone="idle" shape="ring">
          {`These limits drop nothing now.${held}`}
        </StateMark>
      ) : (
        <StateMark tone="wait" shape="warning">
          {`These limits drop ${countOf(data.events, "event")} now, ${bytesWords(data.bytes)}.${held}`}
        </StateMark>
      )}
    </p>
  );
}
