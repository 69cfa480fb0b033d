import { type Difference, nameOf, type TopologyMap } from "../../../shared/debugger/index.ts";
import { StateMark } from "../../ui/mark.tsx";
import { countOf } from "../../ui/time-words.ts";
import styles from "./explain.module.css";
import { SayingMark } from "./link-says.tsx";

const WORDS = {
  gained: ["ok", "tick", "gets it now"],
  lost: ["fail", "cross", "gets it no more"],
  moved: ["busy", "arrow", "by another way"],
} as const;

type Standing = Difference["instances"][number]["before"];

/** What changes would do to one event, before and after. */
export function DifferenceTable({ map, difference }: { map: TopologyMap; difference: Difference }) {
  const { instances, links } = difference;
  if (instances.length + links.length === 0) return <p>It would go the same way.</p>;
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col">Where</th>
          <th scope="col">Before</th>
          <th scope="col">After</th>
        </tr>
      </thead>
      <tbody>
        {instances.map(({ key, name, change, before, after }) => {
          const [tone, shape, word] = WORDS[change];
          return (
            <tr key={key} data-difference={key}>
              <th scope="row">
                {name}{" "}
                <StateMark tone={tone} shape={shape}>
                  {word}
                </StateMark>
              </th>
              <td>{standingWords(before)}</td>
              <td>{standingWords(after)}</td>
            </tr>
          );
        })}
        {links.map(({ id, from, to, before, after }) => (
          <tr key={id}>
            <th scope="row">
              {nameOf(map, from)} → {nameOf(map, to)}
            </th>
            <td>{before === null ? "nothing came to it" : <SayingMark saying={before} />}</td>
            <td>{after === null ? "nothing comes to it" : <SayingMark saying={after} />}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function standingWords(standing: Standing): string {
  if (standing === null) return "does not get it";
  const { hops, received, waits } = standing;
  return `hop ${hops}, ${countOf(received, "copy", "copies")}${waits ? ", waits" : ""}`;
}
