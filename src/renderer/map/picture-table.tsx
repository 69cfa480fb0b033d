import { Marks } from "./marks.tsx";
import { KNOWN_WORDS, type Picture, type Selection } from "./picture.ts";
import styles from "./picture-table.module.css";

/** All that the map says, to be read line by line. */
export function PictureTable({
  picture,
  selected,
  onSelect,
}: {
  picture: Picture;
  selected: Selection | null;
  onSelect: (selection: Selection) => void;
}) {
  const nameOf = (key: string): string => picture.nodes.find((node) => node.key === key)?.name ?? key;
  const isChosen = (kind: Selection["kind"], id: string): boolean => selected?.kind === kind && selected.id === id;
  const cyclic = picture.edges.some(({ cycle }) => cycle !== null);
  const marked = picture.nodes.some(({ mark }) => mark !== null);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className={styles.tables} aria-label="Table of the federation" tabIndex={0}>
      <table className={styles.table}>
        <caption>Instances</caption>
        <thead>
          <tr>
            <th scope="col">Instance</th>
            <th scope="col">What it is</th>
            <th scope="col">Beyond it</th>
            {marked ? <th scope="col">This event</th> : null}
          </tr>
        </thead>
        <tbody>
          {picture.nodes.map((node) => (
            <tr key={node.key} data-row-node={node.key} data-chosen={isChosen("node", node.key)}>
              <th scope="row">
                <button type="button" className={styles.link} onClick={() => onSelect({ kind: "node", id: node.key })}>
                  {node.name}
                </button>
              </th>
              <td>{node.about}</td>
              <td>{node.unknownBeyond ? "unknown beyond here" : "its links are known"}</td>
              {marked ? <td>{node.mark === null ? "" : <Marks marks={[node.mark]} />}</td> : null}
            </tr>
          ))}
        </tbody>
      </table>
      <table className={styles.table}>
        <caption>Links, one direction each</caption>
        <thead>
          <tr>
            <th scope="col">Link</th>
            <th scope="col" className={styles.short}>
              How it is known
            </th>
            <th scope="col">Limits</th>
            <th scope="col">What it says</th>
            {cyclic ? (
              <th scope="col" className={styles.short}>
                In a cycle
              </th>
            ) : null}
          </tr>
        </thead>
        <tbody>
          {picture.edges.map((edge) => (
            <tr key={edge.id} data-row-edge={edge.id} data-chosen={isChosen("edge", edge.id)}>
              <th scope="row">
                <button type="button" className={styles.link} onClick={() => onSelect({ kind: "edge", id: edge.id })}>
                  {nameOf(edge.from)} → {nameOf(edge.to)}
                </button>
              </th>
              <td className={styles.short}>{KNOWN_WORDS[edge.known]}</td>
              <td>{edge.limits}</td>
              <td>
                <Marks marks={edge.marks} />
              </td>
              {cyclic ? <td className={styles.short}>{edge.cycle === null ? "no" : `of ${edge.cycle}`}</td> : null}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
