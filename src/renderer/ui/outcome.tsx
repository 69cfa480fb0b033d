import type { Outcome, PeerRef } from "../../shared/contract/index.ts";
import styles from "./mark.module.css";
import { type Look, ShapeIcon, StateMark } from "./mark.tsx";

const LOOKS: Readonly<Record<Outcome["state"], Look>> = {
  pending: { tone: "wait", shape: "clock", word: "Pending" },
  sending: { tone: "busy", shape: "arrow", word: "Sending" },
  delivered: { tone: "ok", shape: "tick", word: "Delivered" },
  dead: { tone: "fail", shape: "cross", word: "Dead letter" },
  cancelled: { tone: "idle", shape: "ring", word: "Cancelled" },
  dropped: { tone: "idle", shape: "barred", word: "Dropped" },
};

export const lookOfOutcome = (state: Outcome["state"]): Look => LOOKS[state];

/** `hop_limit` or `http_422` as people read it. */
export const reasonWords = (reason: string): string => reason.replace(/^http_/, "HTTP ").replaceAll("_", " ");

/** The same where it stands alone, as a title or in a column of its own. */
export function reasonTitle(reason: string): string {
  const words = reasonWords(reason);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function OutcomeState({ state, reason }: { state: Outcome["state"]; reason?: string | null | undefined }) {
  const { tone, shape, word } = LOOKS[state];
  return (
    <StateMark tone={tone} shape={shape}>
      {reason === undefined || reason === null ? word : `${word}: ${reasonWords(reason)}`}
    </StateMark>
  );
}

export const nameOfPeer = (peers: readonly PeerRef[], no: number): string =>
  peers.find((peer) => peer.no === no)?.name ?? `peer ${no}`;

const MOST_MARKS = 8;
const MARK_PX = 15;

/** The width that {@link OutcomeMarks} take for so many peers, in pixels. */
export const marksWidth = (peers: number): number => MARK_PX * Math.min(peers, MOST_MARKS + 1);

/** One small mark for each peer, in the order of their numbers; of very many the first, and how many more there are. */
export function OutcomeMarks({ outcomes, peers }: { outcomes: readonly Outcome[]; peers: readonly PeerRef[] }) {
  const says = outcomes
    .map(({ peer, state, reason }) => {
      const why = reason === null ? "" : ` (${reasonWords(reason)})`;
      return `${nameOfPeer(peers, peer)}: ${LOOKS[state].word.toLowerCase()}${why}`;
    })
    .join(", ");
  if (outcomes.length === 0) return null;
  return (
    <span className={styles.marks} role="img" aria-label={says} title={says}>
      {outcomes.slice(0, MOST_MARKS).map(({ peer, state }) => (
        <span key={peer} className={`${styles.mark} ${styles[LOOKS[state].tone]}`}>
          <ShapeIcon shape={LOOKS[state].shape} />
        </span>
      ))}
      {outcomes.length > MOST_MARKS ? <span className={styles.more}>+{outcomes.length - MOST_MARKS}</span> : null}
    </span>
  );
}
