import { StateMark } from "../ui/mark.tsx";
import styles from "./map.module.css";
import type { PictureMark } from "./picture.ts";

/** The marks of an edge in a line of text. */
export function Marks({ marks }: { marks: readonly PictureMark[] }) {
  return (
    <span className={styles.markLine}>
      {marks.map(({ tone, shape, text }) => (
        <StateMark key={text} tone={tone} shape={shape ?? "dot"}>
          {text}
        </StateMark>
      ))}
    </span>
  );
}
