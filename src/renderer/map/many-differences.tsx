import type { ManyDifferences as Many } from "../../shared/debugger/index.ts";
import { HubLink } from "../shell/hub-link.tsx";
import { countOf, countWords } from "../ui/time-words.ts";
import styles from "./changes.module.css";

const MOST_EXAMPLES = 5;

/** What changes would have done to the newest events of the log. */
export function ManyDifferences({ many: { events, changed, totals, examples } }: { many: Many }) {
  if (events === 0) return <p className={styles.where}>There are no events yet to compare with.</p>;
  if (changed === 0) return <p>Of the newest {countOf(events, "event")}, each would have gone the same way.</p>;
  return (
    <section className={styles.many} aria-label="What would be different">
      <p>
        Of the newest {countOf(events, "event")}, {countWords(changed)} would have gone another way.
      </p>
      <table>
        <thead>
          <tr>
            <th scope="col">Instance</th>
            <th scope="col">Gets it now</th>
            <th scope="col">Gets it no more</th>
            <th scope="col">By another way</th>
          </tr>
        </thead>
        <tbody>
          {totals.map(({ key, name, gained, lost, moved }) => (
            <tr key={key}>
              <th scope="row">{name}</th>
              <td>{gained === 0 ? "–" : `+${countWords(gained)}`}</td>
              <td>{lost === 0 ? "–" : `−${countWords(lost)}`}</td>
              <td>{moved === 0 ? "–" : countWords(moved)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className={styles.where}>
        Such as{" "}
        {examples.slice(0, MOST_EXAMPLES).map(({ seq, type }, at) => (
          <span key={seq}>
            {at === 0 ? "" : ", "}
            <HubLink to="explain" search={{ seq }}>
              {countWords(seq)} {type}
            </HubLink>
          </span>
        ))}
      </p>
    </section>
  );
}
