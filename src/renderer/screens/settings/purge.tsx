import { useMutation } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { type FieldName, parseFilter } from "../../../shared/filter/index.ts";
import { messageOf } from "../../data/error-message.ts";
import { useHub } from "../../data/hub.tsx";
import { HubLink } from "../../shell/hub-link.tsx";
import { useScreenSearch } from "../../shell/navigation.ts";
import { Button } from "../../ui/button.tsx";
import { ConfirmDialog } from "../../ui/dialog.tsx";
import { Select } from "../../ui/field.tsx";
import { FormError } from "../../ui/form-error.tsx";
import { StateMark } from "../../ui/mark.tsx";
import { countOf } from "../../ui/time-words.ts";
import { FilterBar } from "../stream/filter-bar.tsx";
import { seenValues } from "../stream/filter-values.ts";
import { PurgeRun, type PurgeWanted, purgedOf } from "./purge-run.tsx";
import { SettingsSearch } from "./search.ts";
import styles from "./settings.module.css";

const DAY = 86_400_000;
const AGES = [
  { value: "any", label: "Of any age" },
  { value: "1", label: "Older than a day" },
  { value: "7", label: "Older than 7 days" },
  { value: "30", label: "Older than 30 days" },
] as const;

/** Takes payloads out for good: by a filter, counted first. */
export function Purge() {
  const { query, clock, feed } = useHub();
  const [{ q }, setSearch] = useScreenSearch(SettingsSearch);
  const [age, setAge] = useState<(typeof AGES)[number]["value"]>("any");
  const [asking, setAsking] = useState(false);
  const [running, setRunning] = useState<PurgeWanted | null>(null);
  const count = useMutation(query.events.purgeCount.mutationOptions());
  const { reset } = count;
  const setFilter = useCallback(
    (text: string) => {
      reset();
      setSearch({ q: text });
    },
    [reset, setSearch],
  );
  const valuesOf = useCallback((field: FieldName) => seenValues(feed.buffer, feed.peers, field), [feed]);
  const wanted = (): PurgeWanted => ({ filter: q, before: age === "any" ? null : clock.now() - Number(age) * DAY });
  const counted = count.data;
  const owed = counted?.owed ?? 0;
  const refused = counted?.refused ?? 0;
  const all = (counted?.count ?? 0) + refused;
  const named = purgedOf(counted?.count ?? 0, refused);

  if (running !== null) return <PurgeRun wanted={running} onDone={() => setRunning(null)} />;
  return (
    <div className={styles.section}>
      <p className={styles.note}>
        Data, headers and summary of every event that fits are taken out of the database, with what peers answered. The
        rows stay, marked, and so does the memory of their ids. Bodies that were kept of refused requests go as well
        where they fit. Nothing brings a payload back.
      </p>
      <div className={styles.filter}>
        <FilterBar text={q} onText={setFilter} valuesOf={valuesOf} />
        <Select
          aria-label="Age"
          value={age}
          onValue={(value) => {
            reset();
            setAge(value);
          }}
          options={AGES}
        />
      </div>
      <div className={styles.foot}>
        <Button disabled={count.isPending || !parseFilter(q).ok} onClick={() => count.mutate(wanted())}>
          {count.isPending ? "Counting…" : "Count"}
        </Button>
        {counted === undefined ? null : (
          <Button look="danger" disabled={all === 0} onClick={() => setAsking(true)}>
            Purge {named}…
          </Button>
        )}
        <HubLink to="stream" search={{ q }}>
          See them in the Stream
        </HubLink>
      </div>
      <div role="status">
        {counted === undefined ? null : (
          <p>
            {counted.count === 0
              ? "No event that fits has a payload."
              : `${countOf(counted.count, "event")} ${counted.count === 1 ? "fits and has its" : "fit and have their"} payload.`}
          </p>
        )}
        {refused === 0 ? null : (
          <p>{`${countOf(refused, "refused request")} ${refused === 1 ? "fits and has its" : "fit and have their"} body kept.`}</p>
        )}
        {owed === 0 ? null : (
          <StateMark tone="wait" shape="warning">
            {`${countOf(owed, "delivery", "deliveries")} still owed to peers would be cancelled.`}
          </StateMark>
        )}
      </div>
      <FormError>{count.error === null ? undefined : messageOf(count.error)}</FormError>
      <ConfirmDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={`Purge ${named}?`}
        about={
          <>
            {q === "" ? "This is every event that is here. " : ""}
            {all === 1 ? "It" : "They"} cannot be had back.
            {owed === 0 ? "" : ` ${countOf(owed, "delivery", "deliveries")} still owed to peers will be cancelled.`}
          </>
        }
        confirm={`Purge ${named}`}
        count={counted === undefined ? null : all}
        onConfirm={async () => setRunning(count.variables ?? wanted())}
      />
    </div>
  );
}
