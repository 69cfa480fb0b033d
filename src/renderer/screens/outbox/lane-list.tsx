import type { LaneView } from "../../../shared/contract/index.ts";
import { Select } from "../../ui/field.tsx";
import { Badge, StateMark } from "../../ui/mark.tsx";
import { Countdown, Time } from "../../ui/time.tsx";
import { countWords } from "../../ui/time-words.ts";
import styles from "./lanes.module.css";
import { waitWords } from "./next-try.ts";

/** Which peer's entries are listed. */
export interface LaneChoice {
  readonly lanes: readonly LaneView[];
  /** The id of the chosen peer; empty for all. */
  readonly peer: string;
  readonly onPeer: (peer: string) => void;
}

/** What is owed to whom, and what each peer's sender does about it. Choosing one filters the entries. */
export function LaneList({ lanes, peer, onPeer }: LaneChoice) {
  const sum = (of: (lane: LaneView) => number): number => lanes.reduce((total, lane) => total + of(lane), 0);
  return (
    <nav className={styles.lanes} aria-label="Peers">
      <button type="button" className={styles.lane} aria-pressed={peer === ""} onClick={() => onPeer("")}>
        <span className={styles.name}>All peers</span>
        <Depth owed={sum(({ depth }) => depth)} dead={sum(({ dead }) => dead)} />
      </button>
      {lanes.map((lane) => (
        <button
          key={lane.peer.id}
          type="button"
          className={styles.lane}
          aria-pressed={peer === lane.peer.id}
          onClick={() => onPeer(peer === lane.peer.id ? "" : lane.peer.id)}
        >
          <span className={styles.name} title={lane.peer.name}>
            {lane.peer.name}
          </span>
          <Depth owed={lane.depth} dead={lane.dead} />
          <span className={styles.fact}>
            <LaneState lane={lane} />
          </span>
          <span className={styles.fact}>
            {lane.oldestAt === null ? (
              "Nothing waits"
            ) : (
              <span>
                Oldest <Time at={lane.oldestAt} />
              </span>
            )}
            <span className={styles.rate} title="Deliveries and failed attempts in the last minute">
              {countWords(lane.deliveredLastMinute)}/min
              {lane.failedLastMinute === 0 ? "" : `, ${countWords(lane.failedLastMinute)} failed`}
            </span>
          </span>
        </button>
      ))}
    </nav>
  );
}

/** The same choice in one line, where the list beside a detail needs the room. */
export function LaneSelect({ lanes, peer, onPeer }: LaneChoice) {
  return (
    <Select
      className={styles.select}
      aria-label="Peer"
      value={peer}
      onValue={onPeer}
      options={[
        { value: "", label: "All peers" },
        ...lanes.map(({ peer: { id, name } }) => ({ value: id, label: name })),
      ]}
    />
  );
}

function Depth({ owed, dead }: { owed: number; dead: number }) {
  return (
    <span className={styles.depth}>
      {dead === 0 ? null : (
        <span title="Dead letters">
          <Badge tone="fail" shape="cross">
            {countWords(dead)} <span className="visually-hidden">dead</span>
          </Badge>
        </span>
      )}
      <span title="Owed">
        {countWords(owed)} <span className="visually-hidden">owed</span>
      </span>
    </span>
  );
}

/** How the sender of one peer is, and why it waits. */
function LaneState({ lane }: { lane: LaneView }) {
  if (lane.status !== "active")
    return (
      <StateMark tone="idle" shape="pause">
        <span title={lane.statusReason ?? undefined}>{lane.status === "paused" ? "Paused" : "Revoked"}</span>
      </StateMark>
    );
  if (lane.breaker === "open")
    return (
      <StateMark tone="fail" shape="barred">
        Breaker open
        {lane.waitingUntil === null ? null : (
          <>
            , probe <Countdown to={lane.waitingUntil} />
          </>
        )}
      </StateMark>
    );
  if (lane.breaker === "half_open")
    return (
      <StateMark tone="wait" shape="ring">
        Probing
      </StateMark>
    );
  if (lane.waitingUntil !== null && lane.waitReason !== null)
    return (
      <StateMark tone="wait" shape="clock">
        Next <Countdown to={lane.waitingUntil} />, {waitWords(lane.waitReason)}
      </StateMark>
    );
  return lane.inFlight > 0 ? (
    <StateMark tone="busy" shape="arrow">
      Sending {countWords(lane.inFlight)}
    </StateMark>
  ) : lane.failedLastMinute > 0 ? (
    <StateMark tone="wait" shape="warning">
      Some attempts fail
    </StateMark>
  ) : (
    <StateMark tone="ok" shape="tick">
      {lane.depth === 0 ? "Idle" : "Ready"}
    </StateMark>
  );
}
