import { useQuery } from "@tanstack/react-query";
import type { z } from "zod";
import type { DeadGroup } from "../../../shared/contract/index.ts";
import { useHub } from "../../data/hub.tsx";
import { Button } from "../../ui/button.tsx";
import { StateMark } from "../../ui/mark.tsx";
import { reasonWords } from "../../ui/outcome.tsx";
import { Time } from "../../ui/time.tsx";
import { countWords } from "../../ui/time-words.ts";
import styles from "./groups.module.css";

type Group = z.infer<typeof DeadGroup>;

/** Dead letters by what ended them: one line for each cause at each peer, the largest first. */
export function DeadGroups({
  peer,
  cause,
  onGroup,
  onReplay,
  onCancel,
}: {
  peer: string;
  cause: string | undefined;
  /** Null: none is chosen any more. */
  onGroup: (group: Group | null) => void;
  onReplay: (group: Group) => void;
  onCancel: (group: Group) => void;
}) {
  const { query } = useHub();
  const { data = [] } = useQuery(query.outbox.deadGroups.queryOptions());
  const groups = data.filter((group) => peer === "" || group.peer.id === peer);
  if (groups.length === 0) return null;
  return (
    <ul className={styles.groups} aria-label="Dead letters by cause">
      {groups.map((group) => {
        const chosen = cause === group.cause && peer === group.peer.id;
        return (
          <li key={`${group.peer.id} ${group.cause}`} className={styles.group} data-chosen={chosen}>
            <button
              type="button"
              className={styles.cause}
              aria-pressed={chosen}
              title={group.example ?? undefined}
              onClick={() => onGroup(chosen ? null : group)}
            >
              <StateMark tone="fail" shape="cross">
                {countWords(group.count)}
              </StateMark>
              <span className={styles.word}>{group.cause === "" ? "no cause told" : reasonWords(group.cause)}</span>
              <span className={styles.peer}>{group.peer.name}</span>
              <span className={styles.example}>{group.example}</span>
              <span className={styles.newest}>{group.newestAt === null ? null : <Time at={group.newestAt} />}</span>
            </button>
            <Button
              look="quiet"
              aria-label={`Replay ${group.count} of ${reasonWords(group.cause)}`}
              onClick={() => onReplay(group)}
            >
              Replay
            </Button>
            <Button
              look="quiet"
              aria-label={`Cancel ${group.count} of ${reasonWords(group.cause)}`}
              onClick={() => onCancel(group)}
            >
              Cancel
            </Button>
          </li>
        );
      })}
    </ul>
  );
}
