import type { TopologyEdge, TopologyStep, TopologyView } from "../../../shared/contract/index.ts";
import { valueWords } from "../../map/evidence-words.ts";
import { KnowledgeList } from "../../map/knowledge.tsx";
import { KNOWN_WORDS } from "../../map/picture.ts";
import { HubLink } from "../../shell/hub-link.tsx";
import { useGo, useScreenSearch } from "../../shell/navigation.ts";
import { Button } from "../../ui/button.tsx";
import { Badge, type Shape, StateMark, type Tone } from "../../ui/mark.tsx";
import { reasonWords } from "../../ui/outcome.tsx";
import { Time } from "../../ui/time.tsx";
import { bytesWords, countWords } from "../../ui/time-words.ts";
import { TopologySearch, WINDOW_WORDS } from "./search.ts";
import { filterOfEdge } from "./stream-filter.ts";
import styles from "./topology.module.css";

/** One direction of one link: its limits, what went over it, and how it is known. */
export function EdgeDetails({
  view,
  edge,
  step,
}: {
  view: TopologyView;
  edge: TopologyEdge;
  step: TopologyStep | null;
}) {
  const go = useGo();
  const nameOf = (key: string): string => view.nodes.find((node) => node.key === key)?.name ?? key;
  return (
    <section className={styles.details} aria-label="Selected link">
      <h2 className={styles.heading}>
        {nameOf(edge.from)} → {nameOf(edge.to)}
      </h2>
      <p className={styles.badges}>
        <State edge={edge} />
        <Badge>{KNOWN_WORDS[edge.kind === "read" ? "read" : edge.known]}</Badge>
      </p>
      {step === null ? null : (
        <div className={styles.callout}>
          <StateMark
            tone={step.outcome === "dropped" ? "fail" : "ok"}
            shape={step.outcome === "dropped" ? "barred" : "tick"}
          >
            {step.sentence}
          </StateMark>
          {step.evidence === null ? null : <p className={styles.quiet}>{valueWords(step.evidence).join(" · ")}</p>}
        </div>
      )}
      {edge.kind === "read" ? (
        <p>
          {nameOf(edge.from)} sends nothing over it: {nameOf(edge.to)} reads its stream, with the key that the pairing
          handed over. How far it is behind stands at the peer.
        </p>
      ) : (
        <LimitsAndCounts view={view} edge={edge} />
      )}
      <div className={styles.actions}>
        {edge.kind === "read" ? null : (
          <Button onClick={() => go("stream", { q: filterOfEdge(edge, view) })}>Open in Stream</Button>
        )}
        {edge.peerId === null ? null : <Button onClick={() => go(`peers/${edge.peerId}`)}>Open peer</Button>}
      </div>
      {edge.knowledge.length === 0 ? null : (
        <>
          <h3 className={styles.subheading}>How it is known</h3>
          <KnowledgeList known={edge.knowledge} nameOf={nameOf} />
        </>
      )}
    </section>
  );
}

/** What the link lets through, and what went over it. */
function LimitsAndCounts({ view, edge }: { view: TopologyView; edge: TopologyEdge }) {
  const [{ window: windowMinutes }] = useScreenSearch(TopologySearch);
  const { scopes, maxHops, maxBytes, counts } = edge;
  return (
    <>
      <dl className={styles.facts}>
        <dt>Hop limit</dt>
        <dd>{maxHops ?? "not known"}</dd>
        <dt>Scopes</dt>
        <dd>{scopes === null ? "not known" : scopes.length === 0 ? "none: it sends nothing" : scopes.join(", ")}</dd>
        <dt>Size limit</dt>
        <dd>{maxBytes === null ? "not known" : bytesWords(maxBytes)}</dd>
        <dt>Last proven</dt>
        <dd>{edge.seenAt === null ? "no event has come by it" : <Time at={edge.seenAt} />}</dd>
      </dl>
      <h3 className={styles.subheading}>Counts, {WINDOW_WORDS[windowMinutes]}</h3>
      {counts === null ? (
        <p className={styles.quiet}>This hub does not see what goes over this link.</p>
      ) : edge.kind === "push" ? (
        <table className={styles.counts}>
          <tbody>
            <Count word="delivered" count={counts.delivered} />
            <Count word="duplicate there" count={counts.duplicate} />
            <Count word="failed attempts" count={counts.retrying} />
            <Count word="dead letters (now)" count={counts.dead} />
            {counts.dropped.map(({ reason, count }) => (
              <tr key={reason}>
                <th scope="row">dropped: {reasonWords(reason)}</th>
                <td>{countWords(count)}</td>
                <td>
                  <HubLink to="stream" search={{ q: filterOfEdge(edge, view, reason) }}>
                    Show in Stream
                  </HubLink>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : (
        <table className={styles.counts}>
          <tbody>
            <Count word="received" count={counts.received} />
          </tbody>
        </table>
      )}
    </>
  );
}

function Count({ word, count }: { word: string; count: number }) {
  return (
    <tr>
      <th scope="row">{word}</th>
      <td>{countWords(count)}</td>
      <td />
    </tr>
  );
}

const STATES = {
  active: ["ok", "tick", "Active"],
  paused: ["wait", "pause", "Paused"],
  revoked: ["idle", "barred", "Revoked"],
  failing: ["fail", "warning", "Failing"],
  waiting: ["wait", "clock", "Waiting for the other side"],
  unknown: ["idle", "ring", "State not known"],
} as const;

/** Of a peer that reads, its connection is all that is known. */
const READING: Partial<Record<TopologyEdge["state"], readonly [Tone, Shape, string]>> = {
  active: ["ok", "tick", "Connected"],
  waiting: ["wait", "clock", "Not connected"],
};

function State({ edge: { kind, state } }: { edge: TopologyEdge }) {
  const [tone, shape, word] = (kind === "read" ? READING[state] : undefined) ?? STATES[state];
  return (
    <Badge tone={tone} shape={shape}>
      {word}
    </Badge>
  );
}
