import styles from "./map.module.css";
import { isOutlined, KNOWN_WORDS, type Picture } from "./picture.ts";

const KNOWN = ["own", "told", "proven", "read"] as const;

/** What the lines mean: only those that the map has. */
export function Legend({ picture: { nodes, edges } }: { picture: Picture }) {
  const known = KNOWN.filter((one) => edges.some((edge) => edge.known === one));
  return (
    <ul className={styles.legend} aria-label="Legend">
      {known.map((one) => (
        <li key={one}>
          <svg width="28" height="8" aria-hidden="true">
            <path d="M1,4 H27" className={styles.line} data-known={one} />
          </svg>
          {KNOWN_WORDS[one]}
        </li>
      ))}
      {edges.some(isOutlined) ? (
        <li>
          <svg width="28" height="10" aria-hidden="true">
            <path d="M3,5 H25" className={styles.cycle} />
            <path d="M1,5 H27" className={styles.line} data-known="own" />
          </svg>
          part of a cycle of three or more
        </li>
      ) : null}
      {nodes.some(({ unknownBeyond }) => unknownBeyond) ? (
        <li>
          <svg width="28" height="14" aria-hidden="true">
            <rect x="1" y="1" width="26" height="12" rx="3" className={styles.unknownKey} />
          </svg>
          unknown beyond here
        </li>
      ) : null}
    </ul>
  );
}
