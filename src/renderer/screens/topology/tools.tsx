import { useState } from "react";
import type { TopologyView } from "../../../shared/contract/index.ts";
import { messageOf } from "../../data/error-message.ts";
import { useScreenSearch } from "../../shell/navigation.ts";
import { Button } from "../../ui/button.tsx";
import { Checkbox, Input, Select } from "../../ui/field.tsx";
import { StateMark } from "../../ui/mark.tsx";
import { countOf, countWords } from "../../ui/time-words.ts";
import { TopologySearch, WINDOW_WORDS, WINDOWS } from "./search.ts";
import styles from "./topology.module.css";

const OPTIONS = WINDOWS.map((minutes) => ({ value: String(minutes), label: `Counts of the ${WINDOW_WORDS[minutes]}` }));

/** What the map counts, which event it follows, and how it is shown. */
export function Tools({
  view: { nodes, problems },
  silentLinks,
  pathError,
  error,
}: {
  view: TopologyView;
  silentLinks: number;
  pathError: unknown;
  error: unknown;
}) {
  const [search, setSearch] = useScreenSearch(TopologySearch);
  const unknown = nodes.filter(({ beyond }) => beyond === "unknown").length;
  return (
    <>
      <div className={styles.tools}>
        <Select
          aria-label="Window of the counts"
          value={String(search.window)}
          onValue={(value) => setSearch({ window: WINDOWS.find((one) => String(one) === value) ?? 60 })}
          options={OPTIONS}
        />
        <FollowEvent />
        {silentLinks === 0 ? null : (
          <Checkbox
            label={`Also ${countOf(silentLinks, "link")} that ${silentLinks === 1 ? "sends" : "send"} nothing`}
            checked={search.silent}
            onChecked={(silent) => setSearch({ silent: silent || undefined } as { silent: boolean })}
          />
        )}
        <span className={styles.space} />
        {unknown === 0 ? null : (
          <span className={styles.quiet}>Beyond {countOf(unknown, "instance")} nothing is known</span>
        )}
        <Button keys="t" onClick={() => setSearch({ view: search.view === "map" ? "table" : "map" })}>
          {search.view === "map" ? "Table" : "Map"}
        </Button>
      </div>
      {[...problems, ...[error, pathError].flatMap((one) => (one === null ? [] : messageOf(one)))].map((problem) => (
        <p key={problem} className={styles.problem} role="status">
          <StateMark tone="wait" shape="warning">
            {problem}
          </StateMark>
        </p>
      ))}
    </>
  );
}

/** Lights up the way of an event, by its seq. */
function FollowEvent() {
  const [{ seq }, setSearch] = useScreenSearch(TopologySearch);
  const [text, setText] = useState("");
  if (seq !== undefined)
    return (
      <span className={styles.following}>
        Way of event {countWords(seq)}
        <Button look="quiet" onClick={() => setSearch({ seq: undefined })}>
          Show the counts
        </Button>
      </span>
    );
  const wanted = Number(text.replaceAll(",", ""));
  const readable = Number.isSafeInteger(wanted) && wanted > 0;
  return (
    <form
      className={styles.following}
      onSubmit={(event) => {
        event.preventDefault();
        if (readable) setSearch({ seq: wanted });
      }}
    >
      <Input
        aria-label="Seq of an event to follow"
        placeholder="Follow an event: seq"
        inputMode="numeric"
        className={styles.seq}
        value={text}
        aria-invalid={text !== "" && !readable}
        onChange={({ target }) => setText(target.value)}
      />
    </form>
  );
}
