import { useRef, useSyncExternalStore } from "react";
import type { EventRow, LinkView } from "../../../shared/contract/index.ts";
import { useHub } from "../../data/hub.tsx";
import { HubLink } from "../../shell/hub-link.tsx";
import { StateMark } from "../../ui/mark.tsx";
import { Time } from "../../ui/time.tsx";
import { DIRECTION_WORDS, LinkStateMark } from "../peers/link-words.tsx";
import styles from "./pairing.module.css";

/** The first event of a peer among those on this page, as soon as there is one. */
export function FirstEvent({ peerNo }: { peerNo: number }) {
  const first = useFirstOf(peerNo);
  if (first === null)
    return (
      <p>
        <StateMark tone="wait" shape="clock">
          Waiting for the first event from there
        </StateMark>
      </p>
    );
  return (
    <p className={styles.said}>
      <StateMark tone="ok" shape="tick">
        An event arrived
      </StateMark>
      <HubLink to={`event/${first.seq}`}>{first.type}</HubLink>
      <Time at={first.at} />
    </p>
  );
}

/** Looks at each event of the feed once. */
function useFirstOf(peerNo: number): EventRow | null {
  const { feed } = useHub();
  const seen = useRef<{ next: number; found: EventRow | null }>({ next: 0, found: null });
  return useSyncExternalStore(feed.onChange, () => {
    const { buffer } = feed;
    const { current } = seen;
    for (let at = Math.max(current.next, buffer.first); current.found === null && at < buffer.next; at += 1) {
      const item = buffer.at(at);
      if (item?.kind === "row" && item.row.via === peerNo) current.found = item.row;
    }
    current.next = buffer.next;
    return current.found;
  });
}

export function DirectionStates({ link }: { link: LinkView }) {
  return (
    <ul className={styles.offer} aria-label="Directions">
      {link.directions.map(({ direction, state, why }) => (
        <li key={direction}>
          <b>{DIRECTION_WORDS[direction].name}</b> <LinkStateMark state={state} direction={direction} /> {why}
        </li>
      ))}
    </ul>
  );
}
