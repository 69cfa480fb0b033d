import type { TopologyNode, TopologyView } from "../../../shared/contract/index.ts";
import { KnowledgeList } from "../../map/knowledge.tsx";
import { useGo, useScreenSearch } from "../../shell/navigation.ts";
import { Button } from "../../ui/button.tsx";
import { StateMark } from "../../ui/mark.tsx";
import { TopologySearch } from "./search.ts";
import { filterOf } from "./stream-filter.ts";
import styles from "./topology.module.css";

/** An instance: what is known of it, and the links that meet there. */
export function NodeDetails({ view, node }: { view: TopologyView; node: TopologyNode }) {
  const go = useGo();
  const [, setSearch] = useScreenSearch(TopologySearch);
  const nameOf = (key: string): string => view.nodes.find((one) => one.key === key)?.name ?? key;
  const links = view.edges.filter(({ from, to }) => from === node.key || to === node.key);
  return (
    <section className={styles.details} aria-label="Selected instance">
      <h2 className={styles.heading}>{node.name}</h2>
      {node.beyond === "unknown" ? (
        <div className={styles.callout}>
          <StateMark tone="wait" shape="warning">
            Unknown beyond here
          </StateMark>
          <p className={styles.quiet}>
            Nobody told which links leave {node.name}. A Kite Desktop hub tells when its owner lets peers ask (in its
            Explain, under Live probe); a Kite server, when this hub reads its stream with an admin key.
          </p>
        </div>
      ) : null}
      <dl className={styles.facts}>
        <dt>Instance id</dt>
        <dd>{node.instanceId === node.url ? "not known" : node.instanceId}</dd>
        <dt>Address</dt>
        <dd>{node.url ?? "not known"}</dd>
      </dl>
      <h3 className={styles.subheading}>Links</h3>
      <ul className={styles.steps}>
        {links.map(({ id, from, to }) => (
          <li key={id}>
            <button type="button" className={styles.link} onClick={() => setSearch({ edge: id, node: undefined })}>
              {nameOf(from)} → {nameOf(to)}
            </button>
          </li>
        ))}
      </ul>
      <div className={styles.actions}>
        {node.kind === "self" ? null : (
          <Button onClick={() => go("stream", { q: filterOf([["chain", node.instanceId]]) })}>
            Events that were there
          </Button>
        )}
        {node.peerId === null ? null : <Button onClick={() => go(`peers/${node.peerId}`)}>Open peer</Button>}
      </div>
      <h3 className={styles.subheading}>How it is known</h3>
      <KnowledgeList known={node.known} nameOf={nameOf} />
    </section>
  );
}
